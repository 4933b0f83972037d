package trial

import (
	"context"
	"database/sql"
	"iter"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
	"github.com/duolite/duolite/internal/sqltext"
)

// A Table is a table of the schema, as SQLite describes it.
type Table struct {
	Name     string
	virtual  bool
	sql      string
	Columns  []Column
	literals []any // the texts in its SQL: CHECKs often list the values that are right
}

// A Column is a column that can be written.
type Column struct {
	Name     string
	Declared string
	Class    value.Class
	// notNull: NOT NULL, in the primary key, or in a virtual table, whose columns can't be declared
	// so. SQLite allows NULL in the latter two, and nobody writes it.
	notNull  bool
	rowid    bool   // INTEGER PRIMARY KEY
	fallback string // the expression of its DEFAULT, or ""
	parent   string
	parentTo string // the parent's column, or "" for its primary key
}

// readCatalog returns the tables that rows go into, parents before their children as far
// as that is possible.
func readCatalog(ctx context.Context, pool *sql.DB) ([]*Table, error) {
	rows, err := readRows(ctx, pool, `SELECT l.name, l.type, coalesce(s.sql, ''), l.wr FROM pragma_table_list AS l
		JOIN sqlite_schema AS s ON s.name = l.name
		WHERE l.schema = 'main' AND l.type IN ('table', 'virtual') AND l.name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY s.rowid`)
	if err != nil {
		return nil, err
	}
	var tables []*Table
	for _, row := range rows.Rows {
		t := &Table{Name: row[0].(string), virtual: row[1] == "virtual", sql: row[2].(string)}
		if err := t.readColumns(ctx, pool, row[3] == int64(0)); err != nil {
			return nil, err
		}
		for token := range sqltext.Tokens(t.sql) {
			if token.Kind == sqltext.Quoted && token.Text[0] == '\'' {
				t.literals = append(t.literals, sqltext.Unquote(token.Text))
			}
		}
		tables = append(tables, t)
	}
	return byParent(tables), nil
}

func (t *Table) readColumns(ctx context.Context, pool *sql.DB, hasRowid bool) error {
	// Hidden columns are a virtual table's own ones and computed ones.
	rows, err := readRows(ctx, pool, `SELECT c.name, c.type, c."notnull", c.pk, coalesce(c.dflt_value, ''), f."table", f."to",
			(SELECT count(*) FROM pragma_table_xinfo(?1) AS k WHERE k.pk > 0)
		FROM pragma_table_xinfo(?1) AS c LEFT JOIN pragma_foreign_key_list(?1) AS f ON f."from" = c.name
		WHERE c.hidden = 0 GROUP BY c.cid ORDER BY c.cid`, t.Name)
	if err != nil {
		return err
	}
	for _, row := range rows.Rows {
		c := Column{Name: row[0].(string), Declared: row[1].(string), notNull: row[2] != int64(0) || row[3] != int64(0) || t.virtual, fallback: row[4].(string)}
		c.Class = value.ClassOf(c.Declared)
		if t.virtual && c.Declared == "" {
			c.Class = value.Text
		}
		c.rowid = row[3] != int64(0) && row[7] == int64(1) && hasRowid && strings.EqualFold(c.Declared, "integer")
		c.parent, _ = row[5].(string)
		c.parentTo, _ = row[6].(string)
		t.Columns = append(t.Columns, c)
	}
	return nil
}

func byParent(tables []*Table) []*Table {
	var sorted []*Table
	placed := map[string]bool{}
	for len(tables) > 0 {
		i := max(0, slices.IndexFunc(tables, func(t *Table) bool {
			return !slices.ContainsFunc(t.Columns, func(c Column) bool {
				p := strings.ToLower(c.parent)
				return p != "" && p != strings.ToLower(t.Name) && !placed[p]
			})
		}))
		placed[strings.ToLower(tables[i].Name)] = true
		sorted = append(sorted, tables[i])
		tables = slices.Delete(tables, i, i+1)
	}
	return sorted
}

// Columns returns the columns of tables, with their tables.
func Columns(tables []*Table) iter.Seq2[*Table, Column] {
	return func(yield func(*Table, Column) bool) {
		for _, t := range tables {
			for _, c := range t.Columns {
				if !yield(t, c) {
					return
				}
			}
		}
	}
}

// ColumnsNamed returns the columns of a name in SQL, with their tables.
func ColumnsNamed(tables []*Table, name string) iter.Seq2[*Table, Column] {
	return func(yield func(*Table, Column) bool) {
		for t, c := range Columns(tables) {
			if strings.EqualFold(c.Name, name) && !yield(t, c) {
				return
			}
		}
	}
}

// A querier is a pool, or a connection of one.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// execAll runs statements one after the other.
func execAll(ctx context.Context, in querier, statements []string) error {
	for _, statement := range statements {
		if _, err := in.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// maxRows is the number of rows of an answer that are read.
const maxRows = 200

// readRows runs a query, and returns its answer as the driver has it.
func readRows(ctx context.Context, from querier, query string, args ...any) (*call.Answer, error) {
	rows, err := from.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	a := &call.Answer{}
	if a.Columns, err = rows.Columns(); err != nil {
		return nil, err
	}
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	for _, t := range types {
		a.Declared = append(a.Declared, t.DatabaseTypeName())
	}
	for rows.Next() && len(a.Rows) < maxRows {
		row := make([]any, len(a.Columns))
		dest := make([]any, len(row))
		for i := range row {
			dest[i] = &row[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		a.Rows = append(a.Rows, row)
	}
	return a, rows.Err()
}
