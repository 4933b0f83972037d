package hrana

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqltext"
)

// A stmt is a statement of a connection. The server has nothing of it.
type stmt struct {
	conn *conn
	text *sqltext.Statement
	// sql and names are how the server binds the arguments.
	sql   string
	names []string
	rows  rows // of the last run
}

// newStmt looks at how sqld binds: arguments by position to ? and ?NNN alone, by name to
// the others alone, and either a list by position or one by name. So a statement that has
// both kinds of parameters is sent with numbers in place of the names.
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
	s.conn.result(s.text, r) // for the last rowid
	s.rows = rows{result: r, spare: &s.conn.spare}
	return &s.rows, nil
}

// Exec implements [engine.Stmt].
func (s *stmt) Exec(ctx context.Context, args []driver.Value) (engine.Result, error) {
	r, err := s.run(ctx, args, false)
	if s.wantsCursor(err) {
		// sqld makes the rows even when it is told not to send them.
		return engine.Result{}, s.drain(ctx, args)
	}
	if err != nil {
		return engine.Result{}, err
	}
	done := s.conn.result(s.text, r)
	s.conn.spare.keep(r)
	return done, nil
}

// Close implements [engine.Stmt].
func (s *stmt) Close() error {
	return nil
}

func (s *stmt) step(args []driver.Value, rows bool) step {
	return step{sql: s.sql, names: s.names, args: args, rows: rows, star: s.text.Star}
}

func (s *stmt) run(ctx context.Context, args []driver.Value, rows bool) (*statementResult, error) {
	if len(args) != len(s.text.Params) {
		return nil, &engine.Error{Code: engine.CodeRange, Message: "the statement has another number of parameters than there are arguments"}
	}
	if err := s.conn.refuseWrite(ctx, s.text); err != nil {
		return nil, err
	}
	r, err := s.conn.run(ctx, s.text.Kind, s.step(args, rows))
	return r, engine.InSearch(err, s.text.Text)
}

// wantsCursor reports whether err is only that there are too many rows for one answer,
// and the statement may run again.
func (s *stmt) wantsCursor(err error) bool {
	return s.text.Kind == sqltext.Read && (errors.Is(err, errTooLarge) || errors.Is(err, errTooLong))
}

// drain runs the statement by a cursor, for nothing but its errors.
func (s *stmt) drain(ctx context.Context, args []driver.Value) error {
	r, err := s.conn.openCursor(ctx, s.step(args, true))
	if err != nil {
		return err
	}
	return r.drain()
}

// result makes the result of a statement that went well.
func (c *conn) result(st *sqltext.Statement, r *statementResult) engine.Result {
	before := c.stream.lastID
	if r.hasID {
		c.stream.lastID = r.lastID
	}
	var out engine.Result
	if st.Kind == sqltext.Insert || st.Kind == sqltext.Change {
		out.RowsAffected = r.affected
	}
	// The server tells SQLite's last_insert_rowid(), which a statement that inserted
	// nothing, or into a table without rowids, has left as it was. In the latter case
	// it is returned all the same, as SQLite's own function has it: an id that hasn't
	// changed may also be the first one of each of two tables.
	if st.Kind == sqltext.Insert && r.hasID && r.affected > 0 {
		out.LastInsertID = r.lastID
		out.NoID = st.Upsert && r.lastID == before
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
