package hrana

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/db/internal/hrana/wire"
	"github.com/duolite/duolite/internal/sqltext"
)

// A stmt is a prepared statement of a connection. The server knows nothing of it.
type stmt struct {
	conn *conn
	text *sqltext.Statement
	// sql is the text to send.
	sql string
	// names are the parameters that sqld binds by name, or nil.
	names []string
}

// newStmt chooses how to send the arguments. sqld binds positional arguments only to ? and ?NNN, and
// named arguments only to :name, @name and $name, and it takes one kind in a request. A statement
// with both kinds of parameters is therefore sent with numbers in place of the names.
func newStmt(c *conn, st *sqltext.Statement) *stmt {
	s := &stmt{conn: c, text: st, sql: st.Text}
	switch named, positional := countParams(st.Params); {
	case named > 0 && positional > 0:
		s.sql = st.Numbered()
	case named > 0:
		s.names = st.Params
	}
	return s
}

// Check implements [engine.Stmt].
func (s *stmt) Check(ctx context.Context) error {
	_, err := s.conn.describe(ctx, s.sql)
	return err
}

// Query implements [engine.Stmt].
func (s *stmt) Query(ctx context.Context, args []driver.Value) (engine.Rows, error) {
	r, err := s.run(ctx, args, true)
	if s.wantsCursor(err) {
		return s.conn.openCursor(ctx, s.step(args, true))
	}
	if err != nil {
		return nil, err
	}
	s.conn.result(s.text, r) // updates the last rowid
	return &rows{result: r}, nil
}

// Exec implements [engine.Stmt].
func (s *stmt) Exec(ctx context.Context, args []driver.Value) (engine.Result, error) {
	r, err := s.run(ctx, args, false)
	if s.wantsCursor(err) {
		// sqld limits the rows even if they aren't asked for.
		return engine.Result{}, s.drain(ctx, args)
	}
	if err != nil {
		return engine.Result{}, err
	}
	return s.conn.result(s.text, r), nil
}

// Close implements [engine.Stmt].
func (s *stmt) Close() error {
	return nil
}

// step returns the step that runs the statement.
func (s *stmt) step(args []driver.Value, rows bool) wire.Step {
	return wire.Step{SQL: s.sql, Names: s.names, Args: args, Rows: rows}
}

func (s *stmt) run(ctx context.Context, args []driver.Value, rows bool) (*wire.StatementResult, error) {
	if len(args) != len(s.text.Params) {
		return nil, &engine.Error{Code: engine.CodeRange, Message: "the statement has another number of parameters than there are arguments"}
	}
	if err := s.conn.refuseWrite(ctx, s.text); err != nil {
		return nil, err
	}
	r, err := s.conn.run(ctx, s.text, s.step(args, rows))
	return r, engine.InSearch(err, s.text.Text)
}

// wantsCursor reports whether the statement failed only because its rows are too large for one
// reply, and may run again.
func (s *stmt) wantsCursor(err error) bool {
	return s.text.Kind == sqltext.Read && (errors.Is(err, errTooLarge) || errors.Is(err, transport.ErrTooLong))
}

// drain runs the statement by a cursor and drops the rows.
func (s *stmt) drain(ctx context.Context, args []driver.Value) error {
	r, err := s.conn.openCursor(ctx, s.step(args, true))
	for err == nil {
		err = r.Next(nil)
	}
	if err == io.EOF {
		return nil
	}
	return err
}

// result converts the result of a statement, and updates the stream's last rowid.
func (c *conn) result(st *sqltext.Statement, r *wire.StatementResult) engine.Result {
	before := c.stream.lastID
	if r.HasID {
		c.stream.lastID = r.LastID
	}
	var out engine.Result
	if st.Kind == sqltext.Insert || st.Kind == sqltext.Change {
		out.RowsAffected = r.Affected
	}
	// The server sends SQLite's last_insert_rowid(). It stays unchanged if the statement inserted
	// no row, or only rows into a table without rowids. For such a table the unchanged id is
	// returned, as SQLite's function does: an unchanged id may also be a new one, if two tables
	// each got their first row.
	if st.Kind == sqltext.Insert && r.HasID && r.Affected > 0 {
		out.LastInsertID = r.LastID
		out.NoID = st.Upsert && r.LastID == before
	}
	return out
}

// countParams counts the two kinds of parameters.
func countParams(params []string) (named, positional int) {
	for _, name := range params {
		if name == "" || name[0] == '?' {
			positional++
		} else {
			named++
		}
	}
	return named, positional
}
