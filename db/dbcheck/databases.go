package dbcheck

import (
	"context"
	"database/sql"
	"io/fs"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// An Input is the material of a trial.
type input struct {
	schema  fs.FS // the folder of the schema
	queries []*source.Query
	methods map[string][]*call.Method // by the names of queries
	tap     *call.Tap
	samples value.Samples
	// server is a pool on a server that knows the schema too, or nil.
	server *sql.DB
}

// A Databases is a set of SQLite databases in memory that have the schema, with different rows.
type databases struct {
	input
	ctx    context.Context
	pool   *sql.DB // without rows
	tables []*table
	views  []string
	states []*state
	filler filler // of the states, without a pool
	// serverOnly are the statements of the schema that only the server compiles.
	serverOnly []string
}

// open makes the database without rows, and reads which tables it has.
func open(ctx context.Context, in input) (*databases, error) {
	d := &databases{input: in, ctx: ctx}
	var err error
	if d.pool, err = d.openSchema(); err != nil {
		return nil, err
	}
	if err := d.read(); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *databases) read() (err error) {
	if d.tables, err = readCatalog(d.ctx, d.pool); err != nil {
		return err
	}
	views, err := readRows(d.ctx, d.pool, "SELECT name FROM sqlite_schema WHERE type = 'view'")
	if err != nil {
		return err
	}
	for _, row := range views.Rows {
		d.views = append(d.views, row[0].(string))
	}
	return nil
}

// close closes all databases, but for the server's.
func (d *databases) close() {
	d.pool.Close()
	for _, s := range d.states {
		s.pool.Close()
	}
}

// isColumn reports whether there are columns of that name, all of that class.
func (d *databases) isColumn(name string, of value.Class) bool {
	found := false
	for _, t := range d.tables {
		for _, column := range t.columns {
			if strings.EqualFold(column.name, name) {
				if found = column.class == of; !found {
					return false
				}
			}
		}
	}
	return found
}

// compile has SQLite compile a statement with the schema.
func (d *databases) compile(text string) error {
	stmt, err := d.pool.PrepareContext(d.ctx, text)
	if err != nil {
		return err
	}
	return stmt.Close()
}
