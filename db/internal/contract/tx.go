package contract

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/duolite/duolite/db/dbtrace"
	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/internal/sqltext"
)

// A txState is the state of the connection's transaction.
type txState int

const (
	txNone txState = iota
	// txAsked: BeginTx was called. The transaction begins with its first statement, so that a
	// server gets one request for both. File engines do the same, since a program can observe
	// where it waits for the lock and which call fails with ErrBusy.
	txAsked
	txOpen
	// txLost: an error ended the transaction, and the caller hasn't ended it yet. Statements
	// must not run, since they would be outside of any transaction.
	txLost
	// rawLost is txLost for a transaction that a statement began. ROLLBACK ends it.
	rawLost
)

// endTimeout limits Commit and Rollback, which have no context.
const endTimeout = 30 * time.Second

func (c *conn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	switch level := sql.IsolationLevel(opts.Isolation); level {
	case sql.LevelDefault, sql.LevelSerializable:
	default:
		return nil, fmt.Errorf("the isolation level %v isn't supported; transactions of SQLite are serializable, so want the default or sql.LevelSerializable", level)
	}
	if err := c.enter(); err != nil {
		return nil, err
	}
	defer c.busy.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if c.current != nil && c.current.ctx.Err() != nil {
		// database/sql will roll it back on a goroutine of its own.
		c.rollBack()
		gone := c.current
		c.end()
		gone.endTrace(false, gone.ctx.Err())
	}
	if c.tx != txNone || c.engine.InTx() {
		return nil, errors.New("a transaction is open on this connection; end it first, or use another connection")
	}
	c.tx, c.mode = txAsked, engine.Write
	if opts.ReadOnly {
		c.mode = engine.Read
	}
	c.current = &tx{conn: c, ctx: ctx}
	c.current.trace = c.startTrace(ctx, dbtrace.Transaction, "")
	return c.current, nil
}

// beginNow begins a transaction that BeginTx has requested.
func (c *conn) beginNow(ctx context.Context) error {
	if c.tx != txAsked {
		return nil
	}
	if err := c.engine.Begin(ctx, c.mode); err != nil {
		c.tx = txLost
		return err
	}
	c.tx = txOpen
	return nil
}

// allow refuses statements that must not run in the current state. A transaction of
// database/sql must end by its methods; if it ended by text, later statements would run
// outside of it.
func (c *conn) allow(kind sqltext.Kind) error {
	switch {
	case c.tx == txLost || c.tx == rawLost:
		return engine.TxLost()
	case c.tx != txNone && controlsTx(kind):
		return errors.New("BEGIN, COMMIT and ROLLBACK aren't run inside a transaction; call Commit or Rollback of the sql.Tx, and nest by SAVEPOINT")
	default:
		return nil
	}
}

func controlsTx(kind sqltext.Kind) bool {
	switch kind {
	case sqltext.BeginDeferred, sqltext.BeginWrite, sqltext.Commit, sqltext.Rollback:
		return true
	default:
		return false
	}
}

// abandonTx rolls back a transaction in which a statement was lost or interrupted, so that its
// lock is released, and records that it is lost.
func (c *conn) abandonTx() {
	c.tx = txLost
	if c.raw {
		c.tx, c.raw = rawLost, false
	}
	c.rollBack()
}

// rollBack rolls back the transaction with a context of its own. If it fails, the connection
// is unusable, which IsValid reports.
func (c *conn) rollBack() {
	ctx, cancel := context.WithTimeout(context.Background(), cleanupTimeout)
	defer cancel()
	_ = c.engine.Rollback(ctx)
}

// endRaw answers a statement that ends a transaction which is already over.
func (c *conn) endRaw(kind sqltext.Kind) (ended bool, err error) {
	if c.tx != rawLost || kind != sqltext.Commit && kind != sqltext.Rollback {
		return false, nil
	}
	c.tx = txNone
	if kind == sqltext.Commit {
		err = engine.TxLost()
	}
	return true, err
}

// A tx is a transaction of the connection while it is the current one.
type tx struct {
	conn  *conn
	ctx   context.Context
	trace *trace // or nil
}

// endTrace ends the trace of the transaction, if there is one.
func (t *tx) endTrace(committed bool, err error) {
	if t.trace != nil {
		t.trace.call.Committed = committed
		t.trace.end(0, err)
		t.trace = nil
	}
}

func (t *tx) Commit() error { return t.traced(dbtrace.Commit, t.commit) }

func (t *tx) Rollback() error { return t.traced(dbtrace.Rollback, t.rollback) }

// traced ends the transaction, and shows that to the tracers.
func (t *tx) traced(op dbtrace.Op, end func() error) error {
	if t.trace == nil {
		return end()
	}
	call := t.conn.startTrace(t.ctx, op, "")
	err := end()
	call.end(0, err)
	t.endTrace(op == dbtrace.Commit && err == nil, err)
	return err
}

func (t *tx) commit() error {
	c := t.conn
	c.busy.Lock()
	defer c.busy.Unlock()
	if c.closed || c.current != t {
		return c.translate(engine.TxLost())
	}
	state := c.end()
	switch state {
	case txLost:
		return c.translate(engine.TxLost())
	case txOpen:
	default:
		return nil
	}
	if c.owner.closed.Load() {
		c.rollBack()
		return c.translate(engine.ErrClosed)
	}
	ctx, cancel := context.WithTimeout(context.Background(), endTimeout)
	defer cancel()
	err := c.engine.Commit(ctx)
	if err != nil {
		c.rollBack() // if the engine's transaction is already closed, this records that it is lost
	}
	return c.translate(err)
}

func (t *tx) rollback() error {
	c := t.conn
	c.busy.Lock()
	defer c.busy.Unlock()
	if c.closed || c.current != t || c.end() != txOpen {
		return nil
	}
	timeout := endTimeout
	if t.ctx.Err() != nil { // the caller no longer waits
		timeout = cleanupTimeout
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return c.translate(c.engine.Rollback(ctx))
}

// end leaves the transaction and returns its state.
func (c *conn) end() txState {
	state := c.tx
	c.tx, c.current = txNone, nil
	return state
}
