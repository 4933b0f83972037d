package contract

import (
	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqltext"
)

// A textTx is a transaction that a program began by BEGIN as text on the pool itself, whose
// connection returned to the pool right after it.
//
// A pool of one connection keeps it: each statement that follows runs on that connection,
// as with other drivers of SQLite. In a pool of several connections the statements that
// follow could run anywhere, each committed by itself. So there it is rolled back, and the
// statements that follow fail until the program sends COMMIT or ROLLBACK.
type textTx struct {
	conn *conn // nil if it is lost
}

var errTextTxLost = &engine.Error{Kind: engine.ErrTxOver, Message: "the transaction that BEGIN began on the pool was rolled back when its connection returned to the pool; " +
	"begin transactions by BeginTx or on a sql.Conn, and send ROLLBACK to use the pool again"}

// single reports whether the pool has one connection only, as far as it can be known: by
// the pool's limit, or else by the connections so far.
func (c *connector) single() bool {
	if c.limit != nil {
		return c.limit() == 1
	}
	return !c.several.Load()
}

// checkTextTx lets a statement run, or answers for it, if a transaction was begun by text on
// the pool. Statements in another transaction aren't concerned.
func (c *conn) checkTextTx(kind sqltext.Kind) (answered bool, err error) {
	t := c.owner.textTx.Load()
	if t == nil || t.conn == c || c.tx != txNone || c.raw {
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

// keepTextTx decides on the open transaction of a connection that returns to the pool. It
// reports whether the connection stays as it is.
func (c *conn) keepTextTx() bool {
	t := c.owner.textTx.Load()
	switch mine := t != nil && t.conn == c; {
	case mine && !c.engine.InTx() && c.tx != rawOver: // ended
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

// loseTextTx is for a connection that ends.
func (c *conn) loseTextTx() {
	if t := c.owner.textTx.Load(); t != nil && t.conn == c {
		c.owner.textTx.CompareAndSwap(t, &textTx{})
	}
}
