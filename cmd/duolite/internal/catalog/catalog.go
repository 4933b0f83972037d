// Package catalog reads the schema of a database: tables, columns, foreign keys and indexes.
package catalog

import (
	"context"
	"database/sql"
	"strings"
)

// A Table is a table of the program.
type Table struct {
	Name         string
	Virtual      bool
	WithoutRowid bool
	Columns      []Column // none of a virtual table, whose module may be the program's
	ForeignKeys  []ForeignKey
	Indexes      []Index
}

// A Column is a column of a table.
type Column struct {
	Name    string
	Type    string // as declared
	NotNull bool
	Default string // an expression, or ""
	Key     int    // its place in the primary key, from 1, or 0
	// Hidden: it is generated, or hidden in a virtual table.
	Hidden bool
}

// A ForeignKey is a foreign key of a table.
type ForeignKey struct {
	Columns []string
	Parent  string
	To      []string // columns of the parent; "" for its primary key
}

// An Index is an index of a table.
type Index struct {
	Name    string
	Unique  bool
	Origin  string // "c" for CREATE INDEX, "u" for UNIQUE, "pk" for PRIMARY KEY
	Partial bool
	Terms   []Term // without the columns that SQLite adds
}

// A Term is a column of an index.
type Term struct {
	Column    string // "" for an expression
	Collation string
	Desc      bool
}

// own selects the tables of the program: without SQLite's own, the tables in which a virtual table keeps its rows,
// and the tables of goose, libSQL and Litestream.
const own = `t.schema = 'main' AND t.type IN ('table', 'virtual') AND substr(t.name, 1, 7) NOT IN ('sqlite_', 'libsql_')
	AND t.name <> 'goose_db_version' AND substr(t.name, 1, 12) <> '_litestream_'`

const (
	tablesQuery = `SELECT t.name, t.type, t.wr FROM pragma_table_list AS t WHERE ` + own + ` ORDER BY t.name`

	columnsQuery = `SELECT t.name, c.name, c.type, c."notnull", coalesce(c.dflt_value, ''), c.pk, c.hidden
		FROM pragma_table_list AS t CROSS JOIN pragma_table_xinfo(t.name, 'main') AS c
		WHERE ` + own + ` AND t.type = 'table' ORDER BY t.name, c.cid`

	foreignKeysQuery = `SELECT t.name, k.id, k."table", k."from", coalesce(k."to", '')
		FROM pragma_table_list AS t CROSS JOIN pragma_foreign_key_list(t.name, 'main') AS k
		WHERE ` + own + ` ORDER BY t.name, k.id, k.seq`

	indexesQuery = `SELECT t.name, i.name, i."unique", i.origin, i.partial, coalesce(c.name, ''), c.coll, c."desc"
		FROM pragma_table_list AS t CROSS JOIN pragma_index_list(t.name, 'main') AS i CROSS JOIN pragma_index_xinfo(i.name, 'main') AS c
		WHERE ` + own + ` AND c.key ORDER BY t.name, i.name, c.seqno`
)

// Read reads the tables of the program, in the order of their names.
func Read(ctx context.Context, on Querier) ([]*Table, error) {
	r := reader{on: on, byName: map[string]*Table{}}
	for _, read := range []func(context.Context) error{r.tables, r.columns, r.foreignKeys, r.indexes} {
		if err := read(ctx); err != nil {
			return nil, err
		}
	}
	return r.all, nil
}

type reader struct {
	on     Querier
	all    []*Table
	byName map[string]*Table
}

func (r *reader) tables(ctx context.Context) error {
	return Each(ctx, r.on, tablesQuery, func(scan func(...any) error) error {
		t := &Table{}
		var kind string
		if err := scan(&t.Name, &kind, &t.WithoutRowid); err != nil {
			return err
		}
		t.Virtual = kind == "virtual"
		r.all = append(r.all, t)
		r.byName[t.Name] = t
		return nil
	})
}

func (r *reader) columns(ctx context.Context) error {
	return Each(ctx, r.on, columnsQuery, func(scan func(...any) error) error {
		var table string
		var c Column
		var hidden int
		if err := scan(&table, &c.Name, &c.Type, &c.NotNull, &c.Default, &c.Key, &hidden); err != nil {
			return err
		}
		c.Hidden = hidden != 0
		if t := r.byName[table]; t != nil { // it may be new
			t.Columns = append(t.Columns, c)
		}
		return nil
	})
}

func (r *reader) foreignKeys(ctx context.Context) error {
	last := -1
	var lastTable string
	return Each(ctx, r.on, foreignKeysQuery, func(scan func(...any) error) error {
		var table, parent, from, to string
		var id int
		if err := scan(&table, &id, &parent, &from, &to); err != nil {
			return err
		}
		t := r.byName[table]
		if t == nil {
			return nil
		}
		if id != last || table != lastTable {
			t.ForeignKeys = append(t.ForeignKeys, ForeignKey{Parent: parent})
			last, lastTable = id, table
		}
		k := &t.ForeignKeys[len(t.ForeignKeys)-1]
		k.Columns, k.To = append(k.Columns, from), append(k.To, to)
		return nil
	})
}

func (r *reader) indexes(ctx context.Context) error {
	return Each(ctx, r.on, indexesQuery, func(scan func(...any) error) error {
		var table string
		var i Index
		var term Term
		if err := scan(&table, &i.Name, &i.Unique, &i.Origin, &i.Partial, &term.Column, &term.Collation, &term.Desc); err != nil {
			return err
		}
		t := r.byName[table]
		if t == nil {
			return nil
		}
		if n := len(t.Indexes); n == 0 || t.Indexes[n-1].Name != i.Name {
			t.Indexes = append(t.Indexes, i)
		}
		last := &t.Indexes[len(t.Indexes)-1]
		last.Terms = append(last.Terms, term)
		return nil
	})
}

// A Querier is a pool, a connection or a transaction.
type Querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Each calls fn with a function that scans a row, for each row of a query.
func Each(ctx context.Context, on Querier, query string, fn func(scan func(...any) error) error, args ...any) error {
	rows, err := on.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Quote returns a name as SQL writes it.
func Quote(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// QuoteIfNeeded returns a name as a person writes it: without quotes if it is plain.
func QuoteIfNeeded(name string) string {
	for i, r := range name {
		if !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '_' || i > 0 && '0' <= r && r <= '9') {
			return Quote(name)
		}
	}
	return name
}
