package trial

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// rowsPerTable is the maximum of rows in a table, and tries the maximum of attempts to insert
// them.
const (
	rowsPerTable = 8
	tries        = 60
)

// tableTime is for all rows of a table. Triggers may take minutes for a row. Tests shorten it.
var tableTime = 5 * time.Second

// A filler puts rows into tables. Rows that constraints refuse are left out, so that all
// data is data that the schema allows.
type filler struct {
	*state
	ctx   context.Context
	rand  *rand.Rand
	edge  bool // values are empty, or 0
	usage map[string]value.Class
	// custom are values of the types that overrides chose, constants the values that the
	// queries compare a column with.
	custom    map[columnKey][]any
	constants map[columnOf][]any
	// used counts the constants that a column has got: each is used in turn.
	used map[columnOf]int
	// slow are tables that took tableTime. They get no rows in further states.
	slow map[string]bool
}

// A columnKey identifies a column of a result, as far as its origin is known.
type columnKey struct{ name, declared string }

// fill fills all tables except the empty ones. A full-text table of another one's content isn't filled itself.
func (f *filler) fill(tables []*Table) {
	for _, t := range tables {
		lower := strings.ToLower(t.sql)
		switch {
		case slices.Contains(f.empty, t.Name):
		case t.virtual && strings.Contains(lower, "fts") && strings.Contains(lower, "content"):
			_, _ = f.pool.ExecContext(f.ctx, "INSERT INTO "+quote(t.Name)+" ("+quote(t.Name)+") VALUES ('rebuild')")
		default:
			f.fillTable(t)
		}
	}
}

func (f *filler) fillTable(t *Table) int {
	if f.slow[t.Name] {
		return 0
	}
	ctx, cancel := context.WithTimeout(f.ctx, tableTime)
	defer cancel()
	done := 0
	for try := 0; try < tries && done < rowsPerTable && ctx.Err() == nil; try++ {
		f.edge = try == 0
		if f.insert(ctx, t, try >= tries/2 && done == 0) {
			done++
		}
	}
	f.slow[t.Name] = ctx.Err() != nil
	return done
}

// insert tries a row, and reports whether the schema takes it. A plain row has only the
// columns that need a value.
func (f *filler) insert(ctx context.Context, t *Table, plain bool) bool {
	var names, marks []string
	var args []any
	for _, c := range t.Columns {
		if c.rowid || c.fallback != "" && (plain || f.rand.IntN(4) == 0) && (c.notNull || !f.nulls) {
			continue
		}
		value, mark := f.value(t, c), "?"
		if value != nil {
			mark = c.Class.Mark()
		}
		names, marks, args = append(names, quote(c.Name)), append(marks, mark), append(args, value)
	}
	text := "INSERT INTO " + quote(t.Name) + " DEFAULT VALUES"
	if len(names) > 0 {
		text = "INSERT INTO " + quote(t.Name) + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(marks, ", ") + ")"
	}
	_, err := f.pool.ExecContext(ctx, text, args...)
	return err == nil
}

func (f *filler) value(t *Table, c Column) any {
	if !c.notNull && (f.nulls || f.rand.IntN(4) == 0) {
		return nil
	}
	if c.parent != "" {
		return f.parentValue(c)
	}
	if values, ok := f.custom[columnKey{strings.ToLower(c.Name), strings.ToLower(c.Declared)}]; ok && len(values) > 0 {
		return values[f.rand.IntN(len(values))]
	}
	at := columnOf{strings.ToLower(t.Name), strings.ToLower(c.Name)}
	if values := c.Class.Holding(f.constants[at]); len(values) > 0 && f.rand.IntN(2) == 0 {
		f.used[at]++
		return values[f.used[at]%len(values)]
	}
	class := c.Class
	if used, ok := f.usage[strings.ToLower(c.Name)]; ok && (class == value.Text || class == value.Any) {
		class = used
	}
	if class == value.Int && f.large && f.rand.IntN(3) > 0 {
		return big
	}
	if edge := class.Edge(); edge != nil && f.edge {
		return edge
	}
	values := class.Examples()
	if len(t.literals) > 0 && (class == value.Text || class == value.Any) && f.rand.IntN(2) == 0 {
		values = t.literals
	}
	return values[f.rand.IntN(len(values))]
}

// parentValue returns a value that the parent has.
func (f *filler) parentValue(c Column) any {
	to := c.parentTo
	if to == "" {
		_ = f.pool.QueryRowContext(f.ctx, "SELECT name FROM pragma_table_xinfo(?) WHERE pk = 1", c.parent).Scan(&to)
	}
	var values []any
	if a, err := readRows(f.ctx, f.pool, "SELECT "+quote(to)+" FROM "+quote(c.parent)); err == nil {
		for _, row := range a.Rows {
			// A column of integers that refers to a NUMERIC one has whole numbers.
			if _, isReal := row[0].(float64); !isReal || c.Class != value.Int {
				values = append(values, row[0])
			}
		}
	}
	if len(values) == 0 {
		return nil
	}
	return values[f.rand.IntN(len(values))]
}

// big is the first integer that a float64 can't hold.
const big = int64(1)<<53 + 1

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
