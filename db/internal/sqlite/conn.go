package sqlite

import (
	"context"
	"strings"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"github.com/duolite/duolite/db/internal/sqlite/pagecache"
	"github.com/duolite/duolite/db/internal/sqltext"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// A conn is a connection. Like SQLite's own it is used by one goroutine at a time.
type conn struct {
	cfg    Config
	file   string      // the absolute path, or the name of a database in memory
	tls    *libc.TLS   // what stands for a thread to SQLite
	handle uintptr     // the sqlite3
	id     uintptr     // by which the handlers know it
	text   cmem.Memory // passes the text of statements to SQLite

	owner     *database       // or nil, as long as it isn't ready
	watch     *watch          // or nil
	pool      <-chan struct{} // closed with the pool
	inserted  bool            // the INSERT … DO UPDATE that runs has inserted a row
	call      call
	stepping  uintptr       // the sqlite3_stmt that runs, or 0
	timeout   time.Duration // how long to wait for a lock
	busySince time.Time     // when the present wait for one began

	queue   *queue
	holds   bool // it is this connection's turn in the queue
	writing int  // how many rows are open whose statement writes

	tx    txState
	own   [ownStatements]uintptr
	stmts map[*stmt]struct{}
}

var _ engine.Conn = (*conn)(nil)

// Prepare implements [engine.Conn].
func (c *conn) Prepare(ctx context.Context, statement *sqltext.Statement) (engine.Stmt, error) {
	if err := c.start(ctx); err != nil {
		return nil, err
	}
	defer c.end()
	// Before it is compiled: a PRAGMA can take effect at that already.
	if err := c.checkTx(); err != nil {
		return nil, err
	}
	if err := c.watch.look(); err != nil {
		return nil, err
	}
	s, err := c.prepare(statement, sqlite3.SQLITE_PREPARE_PERSISTENT)
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (c *conn) prepare(statement *sqltext.Statement, flags uint32) (*stmt, error) {
	handle, err := c.compile(statement.Text, flags)
	if err != nil {
		return nil, err
	}
	s := &stmt{c: c, handle: handle, kind: statement.Kind, upsert: statement.Upsert && statement.Kind == sqltext.Insert}
	s.describe(statement.Text)
	s.settleSettings()
	c.stmts[s] = struct{}{}
	return s, nil
}

// untilZero tells SQLite that a zero byte ends the text.
const untilZero = -1

// compile makes a prepared statement of a text, or 0 if there is nothing in it. What
// SQLite would leave unread of the text is an error.
// https://sqlite.org/c3ref/prepare.html
func (c *conn) compile(text string, flags uint32) (uintptr, error) {
	if strings.IndexByte(text, 0) >= 0 {
		return 0, newError(sqlite3.SQLITE_ERROR, "the statement has a NUL character in it")
	}
	if !c.text.Grow(c.tls, 2*cmem.PointerSize+len(text)+1) {
		return 0, errNoMemory()
	}
	defer c.text.Trim(c.tls)
	start := cmem.Put(&c.text, 2*cmem.PointerSize, text)
	handle, tail := c.text.At(0), c.text.At(cmem.PointerSize)
	rc := sqlite3.Xsqlite3_prepare_v3(c.tls, c.handle, start, untilZero, flags, handle, tail)
	if rc != sqlite3.SQLITE_OK {
		return 0, c.errorOf(rc)
	}
	compiled := cmem.Load(handle)
	if rest := text[cmem.Load(tail)-start:]; strings.TrimSpace(rest) != "" {
		sqlite3.Xsqlite3_finalize(c.tls, compiled)
		return 0, newError(sqlite3.SQLITE_ERROR, "more than one statement, where there may be one only")
	}
	return compiled, nil
}

// ExecAll implements [engine.Conn]. A statement is compiled when it is its turn: it may
// need the table of the one before.
func (c *conn) ExecAll(ctx context.Context, statements []sqltext.Statement) (engine.Result, error) {
	var all engine.Result
	if err := c.start(ctx); err != nil {
		return all, err
	}
	defer c.end()
	for i := range statements {
		result, err := c.execOnce(&statements[i])
		if err != nil {
			return all, err
		}
		all.RowsAffected += result.RowsAffected
		if result.LastInsertID != 0 || result.NoID {
			all.LastInsertID, all.NoID = result.LastInsertID, result.NoID
		}
	}
	return all, nil
}

func (c *conn) execOnce(statement *sqltext.Statement) (engine.Result, error) {
	if err := c.checkTx(); err != nil {
		return engine.Result{}, err
	}
	s, err := c.prepare(statement, 0)
	if err != nil {
		return engine.Result{}, err
	}
	defer s.Close()
	return s.exec(nil)
}

// Ping implements [engine.Conn].
func (c *conn) Ping(ctx context.Context) error {
	if err := c.start(ctx); err != nil {
		return err
	}
	defer c.end()
	if err := c.watch.lookNow(); err != nil {
		return err
	}
	return c.runOwn(ping)
}

// Valid implements [engine.Conn].
func (c *conn) Valid() bool { return c.handle != 0 && c.watch.found() == nil }

// Close implements [engine.Conn]. A transaction that is open is rolled back.
func (c *conn) Close() error {
	if c.tls == nil {
		return nil
	}
	if c.owner != nil {
		c.owner.forget(c)
	}
	for s := range c.stmts {
		s.Close()
	}
	for _, handle := range c.own {
		sqlite3.Xsqlite3_finalize(c.tls, handle)
	}
	var err error
	if rc := sqlite3.Xsqlite3_close(c.tls, c.handle); rc != sqlite3.SQLITE_OK {
		err = c.errorOf(rc)
	}
	c.removeHandlers()
	c.text.Free(c.tls)
	pagecache.Leave(c.tls)
	c.tls.Close()
	c.tls, c.handle = nil, 0
	if c.holds {
		c.holds = false
		c.queue.leave()
	}
	return err
}
