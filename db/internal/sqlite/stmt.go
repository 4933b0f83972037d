package sqlite

import (
	"context"
	"database/sql/driver"
	"strings"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"github.com/duolite/duolite/db/internal/sqltext"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// A stmt is a prepared statement. One without a handle is a text without a statement,
// such as a comment: it does nothing.
type stmt struct {
	c      *conn
	handle uintptr // the sqlite3_stmt
	kind   sqltext.Kind
	params int
	writes bool
	upsert bool        // an INSERT with DO UPDATE
	args   cmem.Memory // texts and blobs that are bound
	bound  []integer   // of each parameter

	rows    rows  // those of the last run, which are free for the next when it is over
	open    *rows // they, if it is under way, or nil
	columns []engine.Column
	version int32 // how often SQLite had compiled it again when columns was read; -1 for never
}

var _ engine.Stmt = (*stmt)(nil)

// describe reads what doesn't change when SQLite compiles the statement again.
func (s *stmt) describe(text string) {
	s.version = -1
	if s.handle == 0 {
		return
	}
	tls := s.c.tls
	s.params = int(sqlite3.Xsqlite3_bind_parameter_count(tls, s.handle))
	s.bound = make([]integer, s.params)
	// Of an EXPLAIN, SQLite says what the statement would do that it explains.
	s.writes = sqlite3.Xsqlite3_stmt_readonly(tls, s.handle) == 0 && sqlite3.Xsqlite3_stmt_isexplain(tls, s.handle) == 0
	// Whether these write depends on the schema when they run: CREATE … IF NOT EXISTS,
	// DROP … IF EXISTS, PRAGMA optimize.
	switch s.kind {
	case sqltext.Other:
		s.writes = s.writes || strings.Contains(strings.ToLower(text), " exists")
	case sqltext.Pragma:
		s.writes = s.writes || strings.Contains(strings.ToLower(text), "optimize")
	}
}

// Check implements [engine.Stmt]: the statement is compiled already.
func (s *stmt) Check(context.Context) error { return nil }

// Query implements [engine.Stmt].
func (s *stmt) Query(ctx context.Context, args []driver.Value) (engine.Rows, error) {
	c := s.c
	if err := c.start(ctx); err != nil {
		return nil, err
	}
	defer c.end()
	if err := s.begin(args); err != nil {
		return nil, err
	}
	r := &s.rows
	*r = rows{s: s, call: c.call}
	s.open = r
	if s.writes {
		c.writing++
	}
	if err := r.step(); err != nil {
		return nil, err
	}
	r.columns = s.readColumns()
	return r, nil
}

// Exec implements [engine.Stmt].
func (s *stmt) Exec(ctx context.Context, args []driver.Value) (engine.Result, error) {
	if err := s.c.start(ctx); err != nil {
		return engine.Result{}, err
	}
	defer s.c.end()
	return s.exec(args)
}

func (s *stmt) exec(args []driver.Value) (engine.Result, error) {
	if err := s.begin(args); err != nil || s.handle == 0 {
		return engine.Result{}, err
	}
	c := s.c
	count := s.startCount()
	rc := int32(sqlite3.SQLITE_ROW)
	for rc == sqlite3.SQLITE_ROW {
		rc = c.step(s.handle)
	}
	var err error
	if rc != sqlite3.SQLITE_DONE {
		err = s.errorOf(rc)
	}
	result := s.endCount(count)
	s.reset()
	c.settle()
	if err != nil {
		return engine.Result{}, err
	}
	return result, nil
}

// begin makes the statement ready for its first step.
func (s *stmt) begin(args []driver.Value) error {
	err := s.c.admit(s)
	if err == nil {
		err = s.bind(args)
	}
	if err != nil {
		s.c.settle()
	}
	return err
}

// commits reports whether what is stored by the statement is so at its end.
func (s *stmt) commits() bool {
	switch s.kind {
	case sqltext.BeginWrite, sqltext.Commit, sqltext.Savepoint:
		return true
	default:
		return s.writes && !s.c.InTx()
	}
}

// reset ends a run, so that it holds no lock and no large memory any more. It returns the
// error of what SQLite leaves to this moment: to commit a statement whose rows
// weren't read to their end.
func (s *stmt) reset() error {
	c := s.c
	var err error
	if rc := sqlite3.Xsqlite3_reset(c.tls, s.handle); rc != sqlite3.SQLITE_OK {
		err = c.errorOf(rc)
	}
	if s.args.Large() {
		s.unbind()
		s.args.Free(c.tls)
	}
	s.settleSettings()
	return err
}

// settleSettings looks after a statement that may have changed the busy timeout, or the kind
// of the journal. A PRAGMA does so when it is compiled already, also for the second time.
func (s *stmt) settleSettings() {
	if s.kind == sqltext.Pragma || s.kind == sqltext.Outside {
		s.c.adoptBusyTimeout()
		s.c.relog()
	}
}

// readColumns returns the columns, after the first step: until then, SQLite may find
// that the schema has changed, and compile the statement again.
func (s *stmt) readColumns() []engine.Column {
	if s.handle == 0 {
		return nil
	}
	tls := s.c.tls
	version := sqlite3.Xsqlite3_stmt_status(tls, s.handle, sqlite3.SQLITE_STMTSTATUS_REPREPARE, 0)
	if version == s.version {
		return s.columns
	}
	// Those before are still in use where somebody keeps rows.
	s.columns = make([]engine.Column, sqlite3.Xsqlite3_column_count(tls, s.handle))
	for i := range s.columns {
		s.columns[i] = engine.Column{
			Name:     libc.GoString(sqlite3.Xsqlite3_column_name(tls, s.handle, int32(i))),
			Declared: libc.GoString(sqlite3.Xsqlite3_column_decltype(tls, s.handle, int32(i))),
		}
	}
	s.version = version
	return s.columns
}

// Close implements [engine.Stmt].
func (s *stmt) Close() error {
	if s.c == nil {
		return nil
	}
	if s.open != nil {
		s.open.finish()
	}
	delete(s.c.stmts, s)
	// Its error is that of the last run, which has been told.
	sqlite3.Xsqlite3_finalize(s.c.tls, s.handle)
	s.args.Free(s.c.tls)
	s.c, s.handle = nil, 0
	return nil
}
