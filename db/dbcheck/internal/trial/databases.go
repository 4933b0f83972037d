package trial

import (
	"context"
	"database/sql"
	"io/fs"
	"slices"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// An Input is the material of a trial.
type Input struct {
	Schema  fs.FS // the folder of the schema
	Queries []*source.Query
	Methods map[string][]*call.Method // by the names of queries
	Tap     *call.Tap
	Samples value.Samples
	// Server is a pool on a server that knows the schema too, or nil.
	Server *sql.DB
	// Options open the databases.
	Options []db.Option
}

// open opens a database in memory.
func (in Input) open(ctx context.Context) (*sql.DB, error) {
	return db.Open(ctx, ":memory:", slices.Concat(in.Options, []db.Option{db.WithDoubleQuotedStrings()})...)
}

// A Databases is a set of SQLite databases in memory that have the schema, with different rows.
type Databases struct {
	Input
	ctx     context.Context
	pool    *sql.DB // without rows
	Tables  []*Table
	objects []Object
	states  []*state
	more    []*state
	filler  filler // of the states, without one
	// serverOnly are the statements of the schema that only the server compiles.
	serverOnly []string
}

// Open makes the database without rows, and reads which tables it has.
func Open(ctx context.Context, in Input) (*Databases, error) {
	d := &Databases{Input: in, ctx: ctx}
	var err error
	if d.pool, err = d.openSchema(); err != nil {
		return nil, err
	}
	if d.Tables, err = readCatalog(d.ctx, d.pool); err == nil {
		d.objects, err = readObjects(d.ctx, d.pool)
	}
	if err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// Close closes all databases except the server's.
func (d *Databases) Close() {
	d.pool.Close()
	for _, s := range slices.Concat(d.states, d.more) {
		s.pool.Close()
	}
}

// IsColumn reports whether there are columns of that name, all of that class.
func (d *Databases) IsColumn(name string, of value.Class) bool {
	found := false
	for _, c := range ColumnsNamed(d.Tables, name) {
		if found = c.Class == of; !found {
			return false
		}
	}
	return found
}

// Compile has SQLite compile a statement with the schema.
func (d *Databases) Compile(text string) error { return compile(d.ctx, d.pool, text) }

// A preparer is a pool, or a transaction.
type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

func compile(ctx context.Context, in preparer, text string) error {
	stmt, err := in.PrepareContext(ctx, text)
	if err != nil {
		return err
	}
	return stmt.Close()
}
