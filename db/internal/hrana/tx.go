package hrana

import (
	"context"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqltext"
)

// A txState is what is known of a connection's transaction.
type txState int

const (
	// idle: there is none.
	idle txState = iota
	// pending: Begin was called, and goes with the next statement.
	pending
	// open: it is open, after Begin.
	open
	// raw: one is open that a statement began.
	raw
	// over: it was open after Begin, and is gone; its end is still to come.
	over
	// rawOver: it was open by a statement, and is gone.
	rawOver
)

// bound reports whether there is a transaction on the stream.
func (s txState) bound() bool {
	return s == open || s == raw
}

// Begin implements [engine.Conn]. It sends nothing: that goes with the next statement.
func (c *conn) Begin(ctx context.Context, mode engine.Mode) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case c.state == rawOver:
		return engine.TxOver()
	case c.state != idle:
		return &engine.Error{Code: engine.CodeError, Message: "cannot start a transaction within a transaction"}
	}
	c.state, c.mode = pending, mode
	return nil
}

// InTx implements [engine.Conn].
func (c *conn) InTx() bool {
	return c.state == pending || c.state == open || c.state == raw
}

// beginStep begins the transaction that is pending. BEGIN READONLY is libSQL's own: a
// replica serves it by itself. It doesn't stop writes on the primary.
func (c *conn) beginStep() step {
	if c.mode == engine.Read {
		return step{sql: "BEGIN READONLY"}
	}
	return step{sql: "BEGIN IMMEDIATE"}
}

// Commit implements [engine.Conn].
func (c *conn) Commit(ctx context.Context) error {
	switch c.state {
	case idle:
		return &engine.Error{Code: engine.CodeError, Message: "cannot commit - no transaction is active"}
	case pending:
		c.state = idle
		return nil
	case over, rawOver:
		c.state = idle
		return engine.TxOver()
	}
	sql := "COMMIT"
	if c.state == open && c.mode == engine.Read {
		// Should anything have been written, it isn't kept.
		sql = "ROLLBACK"
	}
	out, err := c.end(ctx, sql, risk{bound: true, writes: sql == "COMMIT"})
	switch {
	case err != nil:
		return err
	case out.err != nil:
		return out.err.translate(c.key)
	case out.statement == nil:
		return engine.TxOver()
	default:
		return nil
	}
}

// Rollback implements [engine.Conn].
func (c *conn) Rollback(ctx context.Context) error {
	if !c.state.bound() {
		c.state = idle
		return nil
	}
	out, err := c.end(ctx, "ROLLBACK", risk{bound: true})
	if err != nil {
		// Without its stream the transaction is rolled back, if not at once.
		gone := c.state == idle && isTxOver(err)
		c.drop()
		c.state = idle
		if gone {
			return nil
		}
		return err
	}
	if out.err != nil && c.state != idle {
		return out.err.translate(c.key)
	}
	return nil
}

// end runs a statement that is to end the transaction, if there is one. It leaves it
// open only if the server says so, or was not asked.
func (c *conn) end(ctx context.Context, sql string, r risk) (stepResult, error) {
	if err := c.freeStream(ctx); err != nil {
		return stepResult{}, err
	}
	q := &request{batch: true, autocommit: true, steps: []step{{sql: sql, when: inTransaction}}, ends: true}
	rep, err := c.call(ctx, q, r)
	if err != nil {
		if c.state == over || c.state == rawOver {
			c.state = idle
		}
		return stepResult{}, err
	}
	if rep.results[1].autocommit {
		c.state = idle
	}
	if first := rep.results[0]; first.err != nil {
		return stepResult{err: first.err}, nil
	}
	return rep.results[0].steps[0], nil
}

func isTxOver(err error) bool {
	e, ok := err.(*engine.Error)
	return ok && e.Kind == engine.ErrTxOver
}

// refuseWrite returns the error of a statement that may not run in a read transaction:
// the server runs it.
func (c *conn) refuseWrite(ctx context.Context, st *sqltext.Statement) error {
	if c.mode != engine.Read || c.state != pending && c.state != open {
		return nil
	}
	switch st.Kind {
	case sqltext.Read, sqltext.BeginDeferred, sqltext.BeginWrite, sqltext.Commit, sqltext.Rollback, sqltext.Savepoint:
		return nil
	case sqltext.Pragma: // some of them only read
		readOnly, err := c.describe(ctx, st.Text)
		if err != nil || readOnly {
			return err
		}
	}
	return engine.WriteRefused()
}
