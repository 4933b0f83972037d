package sqlite

import (
	"context"
	"database/sql/driver"
	"strings"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"github.com/duolite/duolite/db/internal/sqlite/filevfs"
	"github.com/duolite/duolite/db/internal/sqlite/pagecache"
	"github.com/duolite/duolite/internal/sqltext"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// A conn is a connection. Like SQLite's own it is used by one goroutine at a time.
type conn struct {
	cfg    Config
	file   string    // the absolute path, or the name of a database in memory
	tls    *libc.TLS // the thread, to SQLite
	handle uintptr   // the sqlite3
	cache  *pagecache.Budget
	id     uintptr     // the number by which the handlers find the connection
	text   cmem.Memory // passes the text of statements to SQLite

	owner     *database       // nil until the connection is ready
	watch     *watch          // nil for a database in memory
	pool      <-chan struct{} // closed when the pool is
	inserted  bool            // whether the running INSERT … DO UPDATE has inserted a row
	call      call
	stepping  uintptr       // the running sqlite3_stmt, or 0
	timeout   time.Duration // how long to wait for a lock
	busySince time.Time     // when the current wait for a lock began

	// settingUp: the program's set-up of the connection runs.
	settingUp bool

	registered []uintptr            // the numbers of the functions and collations
	aggregates map[uint64]Aggregate // the aggregates that run, by their numbers
	values     []driver.Value       // memory for a function's arguments
	broken     bool                 // a function has ended its goroutine
	// failed is the error of a function or a collation in the current call, or nil. misled: it is a
	// collation's, so that SQLite went on with a wrong order.
	failed error
	misled bool

	queue   *queue
	hasTurn bool // whether it is this connection's turn in the queue
	writing int  // the number of open rows of statements that write

	tx    txState
	meter engine.Meter
	pages engine.FileCounts // without what SQLite has counted since the last FileCounts
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
	// Before the compilation, in which a PRAGMA can already take effect.
	if err := c.checkTx(); err != nil {
		return nil, err
	}
	if err := c.watch.check(); err != nil {
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
	s.applySettings()
	c.stmts[s] = struct{}{}
	return s, nil
}

// untilZero tells SQLite that a zero byte ends the text.
const untilZero = -1

// compile makes a prepared statement of a text. It returns 0 for a text without a statement. Text
// behind the first statement, which SQLite would ignore, is an error.
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

// ExecAll implements [engine.Conn]. Each statement is compiled
// after the one before has run: it may need a table that the earlier one makes.
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
		all.Add(result)
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
	if err := c.watch.checkNow(); err != nil {
		return err
	}
	return c.runOwn(ping)
}

// Valid implements [engine.Conn].
func (c *conn) Valid() bool { return c.handle != 0 && !c.broken && c.watch.failure() == nil }

// KeepChanges implements [engine.ChangeKeeper]. SQLite has no function that sets what changes() returns.
func (c *conn) KeepChanges(run func()) {
	db := cmem.As[sqlite3.Tsqlite3](c.handle)
	before := db.FnChange
	run()
	if c.handle != 0 {
		db.FnChange = before
	}
}

// Meters implements [engine.Metered].
func (c *conn) Meters() []*engine.Meter { return []*engine.Meter{&c.meter} }

// FileCounts implements [engine.FileCounter].
func (c *conn) FileCounts() engine.FileCounts {
	if c.handle == 0 {
		return engine.FileCounts{}
	}
	c.pages.PageHits += c.takeStatus(sqlite3.SQLITE_DBSTATUS_CACHE_HIT)
	c.pages.PageMisses += c.takeStatus(sqlite3.SQLITE_DBSTATUS_CACHE_MISS)
	counts := c.pages
	if file := c.openFile(sqlite3.SQLITE_FCNTL_FILE_POINTER); file != 0 && !c.cfg.Memory {
		counts.Checkpoints = filevfs.Checkpoints(file)
	}
	return counts
}

// takeStatus returns a count of SQLite's for the connection, or 0, and sets it to 0: SQLite's count falls
// with a DETACH, and has 31 bits. https://sqlite.org/c3ref/db_status.html
func (c *conn) takeStatus(count int32) int64 {
	if !c.text.Grow(c.tls, 2*cmem.PointerSize) {
		return 0
	}
	now, highest := c.text.At(0), c.text.At(cmem.PointerSize)
	if sqlite3.Xsqlite3_db_status(c.tls, c.handle, count, now, highest, 1) != sqlite3.SQLITE_OK {
		return 0
	}
	return int64(*cmem.As[int32](now))
}

// Close implements [engine.Conn]. It rolls an open transaction back.
func (c *conn) Close() error {
	if c.tls == nil {
		return nil
	}
	if c.owner != nil {
		c.owner.unregister(c)
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
	conns.Delete(c.id)
	c.unregister()
	c.text.Free(c.tls)
	pagecache.Leave(c.tls)
	c.tls.Close()
	c.tls, c.handle = nil, 0
	if c.hasTurn {
		c.hasTurn = false
		c.queue.leave()
	}
	return err
}
