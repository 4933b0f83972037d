package contract

import (
	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/internal/sqltext"
)

// A textTx is a transaction that the program began by BEGIN as text on the pool itself, so
// that the connection returned to the pool with the transaction open.
//
// A pool of one connection keeps the transaction: each later statement runs on that
// connection, as with other SQLite drivers. In a larger pool later statements could run on any
// connection and commit by themselves. There the transaction is rolled back, and later
// statements fail until the program sends COMMIT or ROLLBACK.
type textTx struct {
	conn *conn // nil if the transaction was rolled back
}

var errTextTxLost = &engine.Error{Kind: engine.ErrTxLost, Message: "the transaction that BEGIN began on the pool was rolled back when its connection returned to the pool; " +
	"begin transactions by BeginTx or on a sql.Conn, and send ROLLBACK to use the pool again"}

// single reports whether the pool has one connection only: by the pool's limit if it is known,
// otherwise by the connections opened so far.
func (c *connector) single() bool {
	if c.limit != nil {
		return c.limit() == 1
	}
	return !c.several.Load()
}

// checkTextTx reports whether a statement is answered without running it, because of a
// transaction that was begun by text on the pool. It doesn't affect statements in other
// transactions.
func (c *conn) checkTextTx(kind sqltext.Kind) (answered bool, err error) {
	t := c.owner.textTx.Load()
	if t == nil || t.conn == c || c.tx != txNone || c.raw || c.settingUp {
		return false, nil
	}
	if t.conn == nil && (kind == sqltext.Commit || kind == sqltext.Rollback) {
		c.owner.textTx.CompareAndSwap(t, nil)
		if kind == sqltext.Rollback {
			return true, nil
		}
	}
	return true, errTextTxLost
}

// keepTextTx decides about an open transaction when its connection returns to the pool. It
// reports whether the connection keeps the transaction.
func (c *conn) keepTextTx() bool {
	t := c.owner.textTx.Load()
	switch mine := t != nil && t.conn == c; {
	case mine && !c.engine.InTx() && c.tx != rawLost: // the transaction has ended
		c.owner.textTx.CompareAndSwap(t, nil)
		return false
	case !mine && (!c.fresh || !c.engine.InTx()):
		return false
	}
	if c.engine.Valid() && c.owner.single() {
		c.owner.textTx.CompareAndSwap(t, &textTx{c})
		return true
	}
	c.owner.textTx.CompareAndSwap(t, &textTx{})
	return false
}

// loseTextTx is called when a connection closes.
func (c *conn) loseTextTx() {
	if t := c.owner.textTx.Load(); t != nil && t.conn == c {
		c.owner.textTx.CompareAndSwap(t, &textTx{})
	}
}
