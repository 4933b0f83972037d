package sqlite

import (
	"context"
	"database/sql/driver"
	"strings"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"github.com/duolite/duolite/internal/sqltext"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// A stmt is a prepared statement. Without a handle it stands for a text without a statement, such as a
// comment, and does nothing.
type stmt struct {
	c      *conn
	handle uintptr // the sqlite3_stmt
	kind   sqltext.Kind
	params int
	writes bool
	upsert bool        // an INSERT with DO UPDATE
	args   cmem.Memory // the bound texts and blobs

	rows    rows  // the rows of the last run, used again for the next one
	open    *rows // &rows during a run, or nil
	columns []engine.Column
	version int32 // SQLite's count of recompilations when columns was read, or -1
}

var _ engine.Stmt = (*stmt)(nil)

// describe reads the properties that stay when SQLite compiles the statement again.
func (s *stmt) describe(text string) {
	s.version = -1
	if s.handle == 0 {
		return
	}
	tls := s.c.tls
	s.params = int(sqlite3.Xsqlite3_bind_parameter_count(tls, s.handle))
	// For an EXPLAIN, SQLite reports the properties of the explained statement.
	s.writes = sqlite3.Xsqlite3_stmt_readonly(tls, s.handle) == 0 && sqlite3.Xsqlite3_stmt_isexplain(tls, s.handle) == 0
	// The schema at the time of the run decides whether these write: CREATE … IF NOT EXISTS, DROP … IF
	// EXISTS, PRAGMA optimize.
	switch s.kind {
	case sqltext.Other:
		s.writes = s.writes || strings.Contains(strings.ToLower(text), " exists")
	case sqltext.Pragma:
		s.writes = s.writes || strings.Contains(strings.ToLower(text), "optimize")
	}
}

// ReadsOnly reports whether the statement reads the database and nothing else: it neither writes nor
// asks about the connection's last write.
func (s *stmt) ReadsOnly() bool { return !s.writes && !asksLastWrite(s.handle) }

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
	c.endTurn()
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
		s.c.endTurn()
	}
	return err
}

// commits reports whether the changes of the statement are committed at its end.
func (s *stmt) commits() bool {
	switch s.kind {
	case sqltext.BeginWrite, sqltext.Commit, sqltext.Savepoint:
		return true
	default:
		return s.writes && !s.c.InTx()
	}
}

// reset ends a run, and releases its locks and large memory. It returns the error of the commit, which
// SQLite makes here if the rows weren't read to their end.
func (s *stmt) reset() error {
	c := s.c
	var err error
	if rc := sqlite3.Xsqlite3_reset(c.tls, s.handle); rc != sqlite3.SQLITE_OK {
		err = c.errorOf(rc)
	}
	if s.args.Large() {
		sqlite3.Xsqlite3_clear_bindings(c.tls, s.handle)
		s.args.Free(c.tls)
	}
	s.applySettings()
	return err
}

// applySettings adopts changes of the busy timeout and of the kind of the journal. A PRAGMA can make
// them when it is compiled, also when it is compiled again.
func (s *stmt) applySettings() {
	if s.kind == sqltext.Pragma || s.kind == sqltext.Outside {
		s.c.adoptBusyTimeout()
		s.c.updateLog()
	}
}

// readColumns returns the columns. It is called after the first step, in which SQLite may find that the
// schema has changed, and compile the statement again.
func (s *stmt) readColumns() []engine.Column {
	if s.handle == 0 {
		return nil
	}
	tls := s.c.tls
	version := sqlite3.Xsqlite3_stmt_status(tls, s.handle, sqlite3.SQLITE_STMTSTATUS_REPREPARE, 0)
	if version == s.version {
		return s.columns
	}
	// A new slice: callers may still use the old one.
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
	// Its error is the error of the last run, which was returned already.
	sqlite3.Xsqlite3_finalize(s.c.tls, s.handle)
	s.args.Free(s.c.tls)
	s.c, s.handle = nil, 0
	return nil
}
