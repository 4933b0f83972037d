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

// A call is what the handlers know of the call that is under way on a connection.
// They run inside of it, on its goroutine, so that no lock is needed, and no other
// goroutine to watch the context.
type call struct {
	ctx   context.Context
	done  <-chan struct{} // ctx's; nil if it never ends
	pool  <-chan struct{} // closed with the pool
	ended bool            // a handler has ended the call because of either
}

// start begins a call. It fails if the context has ended, and then nothing is run.
func (c *conn) start(ctx context.Context) error {
	c.call = call{ctx: ctx, done: ctx.Done(), pool: c.pool}
	if c.call.over() {
		return c.call.cause()
	}
	return nil
}

// end makes the handlers forget the call.
func (c *conn) end() {
	c.call = call{}
}

// over reports whether the context has ended, or the pool. It is asked for each row, and
// a select of one channel takes no lock as long as that is open, other than one of two.
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

// cause returns which it was.
func (c *call) cause() error {
	if err := c.ctx.Err(); err != nil {
		return err
	}
	return engine.ErrClosed
}

// conns finds the connection that a handler is called for: SQLite can't hold its
// address, since it is in Go's memory.
var (
	conns  sync.Map // uintptr to *conn
	lastID atomic.Uintptr
)

// The addresses by which SQLite calls the handlers.
var (
	busyFunc     = cmem.AddressOf(busyHandler)
	progressFunc = cmem.AddressOf(progressHandler)
)

// progressSteps is how many steps of its virtual machine SQLite makes between two looks
// at the context: some ten microseconds' worth, while a look takes a hundredth of it.
const progressSteps = 1000

// installHandlers makes SQLite ask c when it runs and when it is to wait. The handlers
// stay for as long as the connection does, whatever the context of a call.
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

func (c *conn) removeHandlers() {
	conns.Delete(c.id)
}

// adoptBusyTimeout keeps a PRAGMA busy_timeout from turning the wait into SQLite's own,
// which knows no context: the time is taken over, the handler put back.
func (c *conn) adoptBusyTimeout() {
	milliseconds, ours := busyTimeout(c.handle)
	if !ours {
		c.timeout = time.Duration(milliseconds) * time.Millisecond
		c.installBusyHandler()
	}
}

// progressHandler is called from time to time while a statement runs; what isn't zero
// interrupts it. Within a single step, such as to sort, or to count a whole table,
// SQLite doesn't call it. https://sqlite.org/c3ref/progress_handler.html
func progressHandler(_ *libc.TLS, id uintptr) int32 {
	if c := connOf(id); c != nil && c.call.over() && c.interruptible() {
		c.call.ended = true
		return 1
	}
	return 0
}

// interruptible reports whether to interrupt what runs still undoes it: SQLite also asks
// when a statement is done and committed, and would make an error of that.
func (c *conn) interruptible() bool {
	return c.stepping == 0 || sqlite3.Xsqlite3_stmt_busy(c.tls, c.stepping) != 0
}

// step goes on with a statement.
func (c *conn) step(handle uintptr) int32 {
	c.stepping = handle
	rc := sqlite3.Xsqlite3_step(c.tls, handle)
	c.stepping = 0
	return rc
}

// busyHandler is called while another connection has a lock that is wanted, for the
// count-th time; what isn't zero tries again. https://sqlite.org/c3ref/busy_handler.html
func busyHandler(_ *libc.TLS, id uintptr, count int32) int32 {
	c := connOf(id)
	if c == nil || c.timeout <= 0 {
		return 0
	}
	if count == 0 {
		c.busySince = time.Now()
	}
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

// busyDelay is how long to wait before the lock is tried again: 1 ms at first, and
// longer and longer up to 25 ms.
func busyDelay(count int32) time.Duration {
	return min(1+time.Duration(count)*2, 25) * time.Millisecond
}

// busyTimeout returns what PRAGMA busy_timeout shows of a connection, in milliseconds, and whether
// the busy handler is still ours, which the pragma replaces.
func busyTimeout(handle uintptr) (milliseconds int32, ours bool) {
	db := cmem.As[sqlite3.Tsqlite3](handle)
	return db.FbusyTimeout, db.FbusyHandler.FxBusyHandler == busyFunc
}

// showBusyTimeout sets what PRAGMA busy_timeout shows. SQLite has no other way to be told of a wait
// that isn't its own.
func showBusyTimeout(handle uintptr, milliseconds int32) {
	cmem.As[sqlite3.Tsqlite3](handle).FbusyTimeout = milliseconds
}

func connOf(id uintptr) *conn {
	if c, ok := conns.Load(id); ok {
		return c.(*conn)
	}
	return nil
}
