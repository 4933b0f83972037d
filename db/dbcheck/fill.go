package dbcheck

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"slices"
	"strings"
)

// A state is a database with some rows, in which methods are tried.
type state struct {
	// says is how a message names it, behind "seen with": "no rows in posts".
	says string
	pool *sql.DB
	// large: with integers so large that functions may return NULL for them, which is
	// the data's fault.
	large bool
	rows  map[string]*answer // of each table that has some
}

// rowsPerTable is how many rows a table gets at most, and tries how often a row may be
// refused.
const (
	rowsPerTable = 8
	tries        = 60
)

// A filler puts rows into tables. What constraints refuse is left out, so that it
// makes no data that the schema doesn't allow.
type filler struct {
	ctx   context.Context
	pool  *sql.DB
	rand  *rand.Rand
	nulls bool // what can be NULL is NULL
	large bool // integers are beyond what a float64 can hold
	usage map[string]class
	// custom are values of the types that overrides chose, constants those that the
	// queries compare a column with.
	custom    map[columnKey][]any
	constants map[string][]any
}

// A columnKey is what is known of where a result comes from.
type columnKey struct{ name, declared string }

func (f *filler) fill(tables []*table, leaveOut func(*table) bool) {
	for _, t := range tables {
		if leaveOut(t) {
			continue
		}
		if t.virtual {
			f.fillVirtual(t)
			continue
		}
		f.fillTable(t)
	}
}

func (f *filler) fillTable(t *table) int {
	done := 0
	for try := 0; try < tries && done < rowsPerTable; try++ {
		if f.insert(t, try >= tries/2 && done == 0) {
			done++
		}
	}
	return done
}

// fillVirtual fills a virtual table that no trigger fills.
func (f *filler) fillVirtual(t *table) {
	lower := strings.ToLower(t.sql)
	if strings.Contains(lower, "fts") && strings.Contains(lower, "content") {
		_, _ = f.pool.ExecContext(f.ctx, `INSERT INTO `+quote(t.name)+` (`+quote(t.name)+`) VALUES ('rebuild')`)
		return
	}
	f.fillTable(t)
}

// insert tries a row, and reports whether the schema takes it. A plain one has only the
// columns that need a value.
func (f *filler) insert(t *table, plain bool) bool {
	var names, marks []string
	var args []any
	for _, c := range t.columns {
		if c.rowid || c.fallback && (plain || f.rand.IntN(4) == 0) && (c.notNull || !f.nulls) {
			continue
		}
		mark := "?"
		value := f.value(t, c)
		if c.class == jsonbClass && value != nil {
			mark = "jsonb(?)"
		}
		names, marks, args = append(names, quote(c.name)), append(marks, mark), append(args, value)
	}
	text := "INSERT INTO " + quote(t.name) + " DEFAULT VALUES"
	if len(names) > 0 {
		text = "INSERT INTO " + quote(t.name) + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(marks, ", ") + ")"
	}
	_, err := f.pool.ExecContext(f.ctx, text, args...)
	return err == nil
}

func (f *filler) value(t *table, c column) any {
	if !c.notNull && (f.nulls || f.rand.IntN(4) == 0) {
		return nil
	}
	if c.parent != "" {
		return f.parentValue(c)
	}
	if values, ok := f.custom[columnKey{strings.ToLower(c.name), strings.ToLower(c.declared)}]; ok && len(values) > 0 {
		return values[f.rand.IntN(len(values))]
	}
	if values := f.constants[strings.ToLower(c.name)]; len(values) > 0 && f.rand.IntN(3) == 0 {
		return values[f.rand.IntN(len(values))]
	}
	class := c.class
	if used, ok := f.usage[strings.ToLower(c.name)]; ok && (class == textClass || class == anyClass) {
		class = used
	}
	if class == intClass && f.large && f.rand.IntN(3) > 0 {
		return big
	}
	values := classValues[class]
	if len(t.literals) > 0 && (class == textClass || class == anyClass) && f.rand.IntN(2) == 0 {
		values = t.literals
	}
	return values[f.rand.IntN(len(values))]
}

// parentValue returns one that the parent has.
func (f *filler) parentValue(c column) any {
	to := c.parentTo
	if to == "" {
		_ = f.pool.QueryRowContext(f.ctx, "SELECT name FROM pragma_table_xinfo(?) WHERE pk = 1", c.parent).Scan(&to)
	}
	var values []any
	if a, err := readRows(f.ctx, f.pool, "SELECT "+quote(to)+" FROM "+quote(c.parent)); err == nil {
		for _, row := range a.rows {
			values = append(values, row[0])
		}
	}
	if len(values) == 0 {
		return nil
	}
	return values[f.rand.IntN(len(values))]
}

// big is the first integer that a float64 can't hold.
const big = int64(1)<<53 + 1

// classValues are what columns are filled with: few, so that rows meet each other. Of
// the integers two are the seconds of times, one past and one to come.
var classValues = map[class][]any{
	anyClass:     {int64(1), int64(2), "a", "b"},
	intClass:     {int64(1), int64(2), int64(3), int64(0), int64(-1), int64(1700000000), int64(4102444800)},
	realClass:    {0.5, 2.25, -1.75, 100.125},
	numericClass: {int64(1), 2.5},
	textClass:    {"a", "b", "Alpha", "x@example.com", "https://example.com/", "text/plain", ""},
	blobClass:    {[]byte("a"), []byte{0, 255}, []byte{}},
	boolClass:    {int64(0), int64(1)},
	dateClass:    {"2026-01-02", "2025-12-31"},
	timeClass:    {"2026-01-02 03:04:05.678", "2025-12-31 23:59:59.000", "2026-11-22 08:30:00.123"},
	jsonClass:    {`{}`, `{"a":1,"lang":"en"}`, `[]`, `["a","b"]`, `"a"`},
	jsonbClass:   {`{}`, `{"a":1,"lang":"en"}`, `[]`, `["a","b"]`},
}

// settle removes what a deferred constraint would have refused, and reads what is there.
func (s *state) settle(ctx context.Context, tables []*table) error {
	violations, err := readRows(ctx, s.pool, "SELECT DISTINCT \"table\", rowid FROM pragma_foreign_key_check WHERE rowid IS NOT NULL")
	if err != nil {
		violations = &answer{} // a foreign key that fits no table, so that nothing refers to it
	}
	for _, v := range violations.rows {
		if _, err := s.pool.ExecContext(ctx, "DELETE FROM "+quote(v[0].(string))+" WHERE rowid = ?", v[1]); err != nil {
			return err
		}
	}
	s.rows = map[string]*answer{}
	for _, t := range tables {
		a, err := readRows(ctx, s.pool, "SELECT * FROM "+quote(t.name)+" LIMIT 12")
		if err == nil && len(a.rows) > 0 {
			s.rows[t.name] = a
		}
	}
	return nil
}

// fullState is the state with rows in all tables.
const fullState = 1

// maxStates bounds the states with some tables empty.
const maxStates = 12

// makeStates makes the databases in which methods are tried.
func (c *checker) makeStates(tables []*table) ([]*state, error) {
	custom, constants, usage := c.customValues(), c.constants(), c.usage()
	all := func(*table) bool { return true }
	none := func(*table) bool { return false }
	plans := []struct {
		says     string
		nulls    bool
		large    bool
		leaveOut func(*table) bool
	}{
		{"no rows at all", false, false, all},
		{"rows in every table", false, false, none},
		{"NULL wherever the schema allows it", true, false, none},
		{"integers of more than 53 bits", false, true, none},
		{"integers of more than 53 bits", true, true, none},
	}
	for i, t := range c.leftOut(tables) {
		if i == maxStates {
			break
		}
		plans = append(plans, plans[0])
		p := &plans[len(plans)-1]
		p.says, p.leaveOut = "no rows in "+strings.Join(t, ", "), func(other *table) bool { return slices.Contains(t, other.name) }
	}
	var states []*state
	for i, plan := range plans {
		pool, err := openSchema(c.ctx, c.schema)
		if err != nil {
			return states, err
		}
		s := &state{says: plan.says, pool: pool, large: plan.large}
		states = append(states, s)
		f := &filler{c.ctx, pool, rand.New(rand.NewPCG(1, uint64(i))), plan.nulls, plan.large, usage, custom, constants}
		f.fill(tables, plan.leaveOut)
		if err := s.settle(c.ctx, tables); err != nil {
			return states, err
		}
	}
	return states, nil
}

// leftOut returns which tables are empty in which state: each by itself, or, of many,
// as many as make few states.
func (c *checker) leftOut(tables []*table) [][]string {
	if len(tables) < 2 {
		return nil
	}
	n := min(len(tables), maxStates)
	groups := make([][]string, n)
	for i, t := range tables {
		groups[i%n] = append(groups[i%n], t.name)
	}
	return groups
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
