package sqlite

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// A call is the current call on a connection, for the handlers. They run inside of it, on its
// goroutine, so that no lock and no goroutine that watches the context are needed.
type call struct {
	ctx   context.Context
	done  <-chan struct{} // ctx's; nil if it never ends
	pool  <-chan struct{} // closed with the pool
	ended bool            // whether a handler has ended the call because of ctx or the pool
}

// start begins a call. It fails if the context or the pool has ended.
func (c *conn) start(ctx context.Context) error {
	c.call = call{ctx: ctx, done: ctx.Done(), pool: c.pool}
	if c.call.over() {
		return c.call.cause()
	}
	return nil
}

// end ends the call.
func (c *conn) end() {
	c.call = call{}
	if c.failed != nil {
		c.failed, c.misled = nil, false
	}
}

// over reports whether the context or the pool has ended. It is called for each row: two selects of
// one channel each take no lock, other than a select of two channels.
func (c *call) over() bool {
	return closed(c.done) || closed(c.pool)
}

// closed reports whether a channel, which may be nil, is closed.
func closed(ch <-chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}

// cause returns the error of the context, or else of the pool.
func (c *call) cause() error {
	if err := c.ctx.Err(); err != nil {
		return err
	}
	return engine.ErrClosed
}

// conns finds a connection by its number, which handlers get: SQLite can't keep its address, since it
// is in Go's memory.
var (
	conns  sync.Map // uintptr to *conn
	lastID atomic.Uintptr
)

// The addresses by which SQLite calls the handlers.
var (
	busyFunc     = cmem.AddressOf(busyHandler)
	progressFunc = cmem.AddressOf(progressHandler)
)

// progressSteps is the number of steps of SQLite's virtual machine between two checks of the context.
// They take some ten microseconds, and a check a hundredth of that.
const progressSteps = 1000

// installHandlers makes SQLite call the progress handler while it runs, and the busy handler when it
// waits for a lock. They stay until the connection is closed.
func (c *conn) installHandlers() {
	c.id = lastID.Add(1)
	conns.Store(c.id, c)
	sqlite3.Xsqlite3_progress_handler(c.tls, c.handle, progressSteps, progressFunc, c.id)
	c.installBusyHandler()
}

func (c *conn) installBusyHandler() {
	sqlite3.Xsqlite3_busy_handler(c.tls, c.handle, busyFunc, c.id)
	showBusyTimeout(c.handle, int32(min(c.timeout.Milliseconds(), 1<<31-1)))
}

// adoptBusyTimeout takes the time of a PRAGMA busy_timeout over, and installs the busy handler again.
// The pragma replaces it by SQLite's own, which waits without regard to a context.
func (c *conn) adoptBusyTimeout() {
	milliseconds, ours := busyTimeout(c.handle)
	if !ours {
		c.timeout = time.Duration(milliseconds) * time.Millisecond
		c.installBusyHandler()
	}
}

// progressHandler is called from time to time while a statement runs. A result that isn't zero
// interrupts the statement. Within a single step, such as a sort or the count of a whole table, SQLite
// doesn't call it. https://sqlite.org/c3ref/progress_handler.html
func progressHandler(_ *libc.TLS, id uintptr) int32 {
	if c := connOf(id); c != nil && c.call.over() && c.interruptible() {
		c.call.ended = true
		return 1
	}
	return 0
}

// interruptible reports whether interrupting the running statement would still undo it: SQLite also
// calls the handler when a statement is done and committed, and would return an error for it.
func (c *conn) interruptible() bool {
	return c.stepping == 0 || sqlite3.Xsqlite3_stmt_busy(c.tls, c.stepping) != 0
}

// step runs a statement to its next row or its end.
func (c *conn) step(handle uintptr) int32 {
	c.stepping = handle
	rc := sqlite3.Xsqlite3_step(c.tls, handle)
	c.stepping = 0
	if c.misled {
		return c.undoMisled(handle, rc)
	}
	return rc
}

// run runs a statement to its end, and drops its rows.
func (c *conn) run(handle uintptr) error {
	for {
		switch rc := c.step(handle); rc {
		case sqlite3.SQLITE_ROW:
		case sqlite3.SQLITE_DONE:
			return nil
		default:
			return c.errorOf(rc)
		}
	}
}

// busyHandler is called for the count-th time while another connection has the lock. A result that
// isn't zero makes SQLite try again. https://sqlite.org/c3ref/busy_handler.html
func busyHandler(_ *libc.TLS, id uintptr, count int32) int32 {
	c := connOf(id)
	if c == nil || c.timeout <= 0 {
		return 0
	}
	if count == 0 {
		c.busySince = time.Now()
		c.meter.Waits++
	}
	began := time.Now()
	defer func() { c.meter.Waited += time.Since(began) }()
	left := c.timeout - time.Since(c.busySince)
	if left <= 0 {
		return 0
	}
	timer := time.NewTimer(min(left, busyDelay(count)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return 1
	case <-c.call.done:
	case <-c.call.pool:
	}
	c.call.ended = true
	return 0
}

// busyDelay returns the time until the lock is tried again: 1 ms at first, up to 25 ms later.
func busyDelay(count int32) time.Duration {
	return min(1+time.Duration(count)*2, 25) * time.Millisecond
}

// busyTimeout returns the milliseconds that PRAGMA busy_timeout shows, and whether the busy handler is
// still ours, which the pragma replaces.
func busyTimeout(handle uintptr) (milliseconds int32, ours bool) {
	db := cmem.As[sqlite3.Tsqlite3](handle)
	return db.FbusyTimeout, db.FbusyHandler.FxBusyHandler == busyFunc
}

// showBusyTimeout sets the milliseconds that PRAGMA busy_timeout shows. SQLite has no function for it.
func showBusyTimeout(handle uintptr, milliseconds int32) {
	cmem.As[sqlite3.Tsqlite3](handle).FbusyTimeout = milliseconds
}

func connOf(id uintptr) *conn {
	if c, ok := conns.Load(id); ok {
		return c.(*conn)
	}
	return nil
}
