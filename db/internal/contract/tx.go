package contract

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"
	"time"
)

// A txState tells whether a connection is in a transaction that [conn.BeginTx] began.
type txState int

const (
	txNone txState = iota
	txOpen
	// txLost: an error ended it, but the caller hasn't yet. What it does before it
	// does must not be run, since it would be outside of any transaction.
	txLost
)

// errTxLost is what a caller gets who goes on with a transaction that is over.
var errTxLost = errors.New("the transaction is over: an earlier error has rolled it back")

// askTimeout bounds how long stillInTx waits for the engine.
const askTimeout = 5 * time.Second

// stillInTx asks whether an error left the transaction open. Most do; but a statement
// that is interrupted, a full disk, ON CONFLICT ROLLBACK, a server's time limit end
// it. A BEGIN fails within a transaction and changes nothing.
func (c *conn) stillInTx() bool {
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	if _, err := c.engine().ExecContext(ctx, "BEGIN", nil); err != nil {
		return isNested(err)
	}
	if _, err := c.engine().ExecContext(ctx, "ROLLBACK", nil); err != nil {
		c.broken = true
	}
	return false
}

func (c *conn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if err := c.before(); err != nil {
		return nil, err
	}
	inner, err := c.engine().BeginTx(ctx, opts)
	if err != nil {
		err = c.after(ctx, err)
		if ctx.Err() != nil && err != driver.ErrBadConn {
			// The drivers differ in what they say of an interrupted wait.
			err = ctx.Err()
		}
		return nil, err
	}
	c.tx = txOpen
	return &tx{inner, c}, nil
}

type tx struct {
	inner driver.Tx
	conn  *conn
}

func (t *tx) Commit() error {
	if t.end() == txLost {
		return errTxLost
	}
	return t.conn.after(context.Background(), t.inner.Commit())
}

func (t *tx) Rollback() error {
	if t.end() == txLost {
		return nil
	}
	return t.conn.after(context.Background(), t.inner.Rollback())
}

// end leaves the transaction, and returns the state that it was in. One that is lost
// is rolled back, should it be open after all: what an engine answers right after an
// error may be about the error.
func (t *tx) end() txState {
	c := t.conn
	state := c.tx
	c.tx = txNone
	if state == txLost && !c.broken {
		if err := t.inner.Rollback(); err != nil && !isNotInTx(err) {
			c.broken = true
		}
	}
	return state
}

// SQLite has no codes for these two errors, only words, which are the same on both
// engines.

func isNested(err error) bool {
	return strings.Contains(err.Error(), "cannot start a transaction within a transaction")
}

func isNotInTx(err error) bool {
	return strings.Contains(err.Error(), "no transaction is active")
}
