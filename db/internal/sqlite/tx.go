package sqlite

import (
	"context"

	"github.com/duolite/duolite/db/internal/engine"
	sqlite3 "modernc.org/sqlite/lib"
)

// A txState says what the connection is in by Begin, which needn't be what SQLite is
// in: that rolls a transaction back by itself after some errors.
type txState int

const (
	txNone txState = iota
	txRead
	txWrite
)

// The statements that the package runs itself. Each is compiled when it is needed, and
// then kept.
const (
	beginRead = iota
	beginWrite
	commit
	rollback
	ping
	ownStatements // how many
)

var ownTexts = [ownStatements]string{"BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", "SELECT 1"}

// runOwn runs a statement of the package's own to its end.
func (c *conn) runOwn(statement int) error {
	if c.own[statement] == 0 {
		handle, err := c.compile(ownTexts[statement], sqlite3.SQLITE_PREPARE_PERSISTENT)
		if err != nil {
			return err
		}
		c.own[statement] = handle
	}
	handle := c.own[statement]
	rc := int32(sqlite3.SQLITE_ROW)
	for rc == sqlite3.SQLITE_ROW {
		rc = c.step(handle)
	}
	var err error
	if rc != sqlite3.SQLITE_DONE {
		err = c.errorOf(rc)
	}
	sqlite3.Xsqlite3_reset(c.tls, handle)
	return err
}

// Begin implements [engine.Conn]. The view of a read transaction is that of its first
// statement.
func (c *conn) Begin(ctx context.Context, mode engine.Mode) error {
	if err := c.start(ctx); err != nil {
		return err
	}
	defer c.end()
	defer c.settle()
	statement, state := beginRead, txRead
	if mode == engine.Write {
		statement, state = beginWrite, txWrite
		if err := c.enterQueue(); err != nil {
			return err
		}
	}
	if err := c.watch.lookNow(); err != nil {
		return err
	}
	if err := c.runOwn(statement); err != nil {
		return err
	}
	c.tx = state
	return nil
}

// Commit implements [engine.Conn].
func (c *conn) Commit(ctx context.Context) error {
	if err := c.start(ctx); err != nil {
		return err
	}
	defer c.end()
	defer c.settle()
	statement := commit
	if c.tx == txRead {
		// Should anything have been written, it isn't kept.
		statement = rollback
	}
	if err := c.checkTx(); err != nil {
		return err
	}
	if err := c.watch.lookNow(); err != nil {
		return err
	}
	if err := c.runOwn(statement); err != nil {
		return err
	}
	c.tx = txNone
	return nil
}

// Rollback implements [engine.Conn]. It is quick, and it is what a caller does whose
// context has ended, or whose pool, so that it takes no notice of either.
func (c *conn) Rollback(context.Context) error {
	c.call = call{ctx: context.Background()}
	defer c.end()
	defer c.settle()
	var err error
	if c.InTx() {
		err = c.runOwn(rollback)
	}
	if !c.InTx() {
		c.tx = txNone
	}
	return err
}

// InTx implements [engine.Conn].
func (c *conn) InTx() bool {
	return sqlite3.Xsqlite3_get_autocommit(c.tls, c.handle) == 0
}

// checkTx fails if the transaction that was begun is over, so that what was meant for
// it isn't run outside.
func (c *conn) checkTx() error {
	if c.tx != txNone && !c.InTx() {
		return engine.TxOver()
	}
	return nil
}

// admit lets a statement run, when it is its turn. Each admission is followed by settle.
func (c *conn) admit(s *stmt) error {
	if err := c.checkTx(); err != nil {
		return err
	}
	switch {
	case !s.writes:
	case c.tx == txRead:
		return errReadOnly()
	default:
		if err := c.enterQueue(); err != nil {
			return err
		}
	}
	switch {
	case s.commits():
		return c.watch.lookNow()
	case s.writes: // in a transaction, whose end is looked at
		return c.watch.found()
	default:
		return c.watch.look()
	}
}

// enterQueue waits until the connection may write. It has no effect on one that may.
func (c *conn) enterQueue() error {
	if c.holds || c.cfg.Mode == ReadOnly {
		return nil
	}
	if err := c.queue.enter(&c.call, c.timeout); err != nil {
		return err
	}
	c.holds = true
	return nil
}

// settle lets the next connection write, if this one is done with it: nothing that
// writes is under way, and there is no transaction that has the lock.
func (c *conn) settle() {
	if !c.holds || c.writing > 0 {
		return
	}
	if c.InTx() && sqlite3.Xsqlite3_txn_state(c.tls, c.handle, 0) == sqlite3.SQLITE_TXN_WRITE {
		return
	}
	c.holds = false
	c.queue.leave()
}
