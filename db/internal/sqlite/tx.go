package sqlite

import (
	"context"

	"github.com/duolite/duolite/db/internal/engine"
	sqlite3 "modernc.org/sqlite/lib"
)

// A txState is the kind of transaction that Begin began. SQLite may be in none meanwhile: it rolls a
// transaction back by itself after some errors.
type txState int

const (
	txNone txState = iota
	txRead
	txWrite
)

// The statements that the package runs itself. Each is compiled at its first use, and kept.
const (
	beginRead = iota
	beginWrite
	commit
	rollback
	ping
	ownStatements // the number of them
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
	err := c.run(c.own[statement])
	sqlite3.Xsqlite3_reset(c.tls, c.own[statement])
	return err
}

// Begin implements [engine.Conn]. A read transaction sees the database as
// its first statement finds it.
func (c *conn) Begin(ctx context.Context, mode engine.Mode) error {
	if err := c.start(ctx); err != nil {
		return err
	}
	defer c.end()
	defer c.endTurn()
	statement, state := beginRead, txRead
	if mode == engine.Write {
		statement, state = beginWrite, txWrite
		if err := c.enterQueue(); err != nil {
			return err
		}
	}
	if err := c.watch.checkNow(); err != nil {
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
	defer c.endTurn()
	statement := commit
	if c.tx == txRead {
		// If anything was written, it isn't kept.
		statement = rollback
	}
	if err := c.checkTx(); err != nil {
		return err
	}
	if err := c.watch.checkNow(); err != nil {
		return err
	}
	if err := c.runOwn(statement); err != nil {
		return err
	}
	c.tx = txNone
	return nil
}

// Rollback implements [engine.Conn]. It is quick, and ignores the end of the context and of the
// pool: callers roll back because of them.
func (c *conn) Rollback(context.Context) error {
	c.call = call{ctx: context.Background()}
	defer c.end()
	defer c.endTurn()
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

// checkTx fails if the transaction that was begun is lost, so that its statements don't run outside
// of it.
func (c *conn) checkTx() error {
	if c.tx != txNone && !c.InTx() {
		return engine.TxLost()
	}
	return nil
}

// admit waits until a statement may run. The caller calls endTurn after the run.
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
		return c.watch.checkNow()
	case s.writes: // in a transaction, at whose end the file is checked
		return c.watch.failure()
	default:
		return c.watch.check()
	}
}

// enterQueue waits until the connection may write.
func (c *conn) enterQueue() error {
	if c.hasTurn || c.settingUp || c.cfg.Mode == ReadOnly {
		return nil
	}
	if err := c.queue.enter(&c.call, c.timeout, c.cfg.Waiter, &c.meter); err != nil {
		return err
	}
	c.hasTurn = true
	return nil
}

// endTurn lets the next connection write, unless this one still writes: it runs a statement that
// writes, or has a transaction with the write lock.
func (c *conn) endTurn() {
	if !c.hasTurn || c.writing > 0 {
		return
	}
	if c.InTx() && sqlite3.Xsqlite3_txn_state(c.tls, c.handle, 0) == sqlite3.SQLITE_TXN_WRITE {
		return
	}
	c.hasTurn = false
	c.queue.leave()
}
