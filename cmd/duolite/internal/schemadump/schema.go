// Package schemadump reads the schema of an existing database, and makes files of it to start from: a migration in goose's
// form, first queries, and sqlc's configuration.
package schemadump

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/duolite/duolite/cmd/duolite/internal/catalog"
)

// A Schema is the tables, indexes, views and triggers of a database, without those that SQLite, its modules and other tools
// make for themselves.
type Schema struct {
	// Objects are in an order in which they can be made: each table after the tables that its foreign keys name, as far as
	// these have no cycle, and followed by its indexes. Then come the virtual tables, the views, each after the views that it
	// mentions, and the triggers.
	Objects []Object
	// LeftOut are the tables of other tools, each with the tool's name: "goose_db_version (goose)".
	LeftOut []string
	// Notes say which objects have another text than in the database, or can't be made in an empty one, and why.
	Notes []string

	problems  problems
	noQueries problems          // the objects for which no queries are written
	ofTools   []string          // the tables in LeftOut, in lower case
	tables    []*table          // without virtual ones
	views     []*table          // with queries
	renames   map[string]string // for sqlc: names in Go of its names of tables and columns
	exact     []string          // tables whose names sqlc has to leave as they are
}

// An Object is a table, an index, a view or a trigger.
type Object struct {
	Type string `json:"type"`
	Name string `json:"name"`
	// Table is the name of the table or view that the object belongs to, or its own name.
	Table string `json:"table"`
	// SQL is the statement that makes the object, as SQLite stores it.
	SQL string `json:"sql"`

	form string // of a table: "table", "virtual" or "shadow"
}

func (o Object) String() string { return fmt.Sprintf("the %s %s", o.Type, o.Name) }

// A table is a table with its columns.
type table struct {
	*catalog.Table
	sql       string // the name as queries have it, in quotes if it needs them
	columns   []*column
	one, many string // a row and several in snake case, for names in Go
	noQueries bool
}

// A column is a column of a table.
type column struct {
	catalog.Column
	sql    string   // the name as queries have it
	stored []string // the classes and lengths of its first values; see readValues
	arg    string   // its parameter in queries
}

// Read reads the schema in one read transaction.
func Read(ctx context.Context, pool *sql.DB) (*Schema, error) {
	tx, err := pool.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	all, err := readObjects(ctx, tx)
	if err != nil {
		return nil, err
	}
	modules, err := readModules(ctx, tx)
	if err != nil {
		return nil, err
	}
	s := &Schema{}
	all = s.leaveOut(all, modules)
	if s.tables, err = readTables(ctx, tx, all); err != nil {
		return nil, err
	}
	for _, t := range s.tables {
		if err := t.readValues(ctx, tx); ctx.Err() != nil {
			return nil, ctx.Err()
		} else if err != nil { // a collation of its program, or the like
			s.problems.add("the Go types of %s are by the declared types alone, as no rows can be read: "+err.Error(), "the table "+t.Name)
		}
	}
	s.Objects = inOrder(all, s.tables)
	if err := s.try(ctx); err != nil {
		return nil, err
	}
	if err := s.readViews(ctx, tx); err != nil {
		return nil, err
	}
	s.setNames()
	for _, t := range s.tables {
		for _, c := range t.columns {
			if c.hasOtherValues() {
				s.problems.add("the Go type of %s is any, as the rows have other values than the declared type says", fmt.Sprintf("%s.%s (%s)", t.Name, c.Name, c.Type))
			}
		}
	}
	s.Notes = s.problems.notes()
	return s, nil
}

// Without MATERIALIZED SQLite would run the PRAGMA once for each object.
const objectsQuery = `WITH forms AS MATERIALIZED (SELECT name AS of, type AS form FROM pragma_table_list WHERE schema = 'main')
	SELECT type, name, tbl_name, coalesce(sql, ''), coalesce(form, '') FROM sqlite_schema LEFT JOIN forms ON of = name AND type = 'table'
	ORDER BY sqlite_schema.rowid`

func readObjects(ctx context.Context, tx *sql.Tx) (all []Object, err error) {
	err = catalog.Each(ctx, tx, objectsQuery, func(scan func(...any) error) error {
		var o Object
		err := scan(&o.Type, &o.Name, &o.Table, &o.SQL, &o.form)
		all = append(all, o)
		return err
	})
	return all, err
}

// readModules returns the names of the modules that SQLite has, in lower case.
func readModules(ctx context.Context, tx *sql.Tx) (modules []string, err error) {
	err = catalog.Each(ctx, tx, "SELECT lower(name) FROM pragma_module_list", func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		modules = append(modules, name)
		return err
	})
	return modules, err
}

// readTables returns the tables among all objects, in their order.
func readTables(ctx context.Context, tx *sql.Tx, all []Object) (tables []*table, err error) {
	known, err := catalog.Read(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		i := slices.IndexFunc(known, func(t *catalog.Table) bool { return o.Type == "table" && t.Name == o.Name && !t.Virtual })
		if i < 0 {
			continue
		}
		t := &table{Table: known[i]}
		for _, c := range known[i].Columns {
			t.columns = append(t.columns, &column{Column: c})
		}
		tables = append(tables, t)
	}
	return tables, nil
}

// isUnreadable reports whether a name isn't one that sqlc can write into Go: it puts queries between backticks, and counts characters
// where a text has bytes.
func isUnreadable(name string) bool {
	return strings.ContainsFunc(name, func(r rune) bool { return r == '`' || r > unicode.MaxASCII })
}

// key returns the columns of the primary key, in its order.
func (t *table) key() []*column {
	key := make([]*column, len(t.columns))
	n := 0
	for _, c := range t.columns {
		if c.Key > 0 {
			key[c.Key-1] = c
			n++
		}
	}
	return key[:n]
}

// rowID returns the column that is the rowid, or nil.
func (t *table) rowID() *column {
	key := t.key()
	if len(key) != 1 || t.WithoutRowid || !strings.EqualFold(key[0].Type, "integer") {
		return nil
	}
	return key[0]
}
