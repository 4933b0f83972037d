package hrana

import (
	"context"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/wire"
	"github.com/duolite/duolite/internal/sqltext"
)

// A txState is the state of a connection's transaction, as of the last answer.
type txState int

const (
	// idle: there is no transaction.
	idle txState = iota
	// pending: Begin was called. The next statement sends BEGIN.
	pending
	// open: the transaction of Begin is open.
	open
	// raw: a transaction is open that a statement began.
	raw
	// over: the transaction of Begin is gone. Commit or Rollback is still to be called.
	over
	// rawLost: the transaction that a statement began is gone.
	rawLost
)

// bound reports whether the stream has a transaction.
func (s txState) bound() bool {
	return s == open || s == raw
}

// Begin implements [engine.Conn]. It sends nothing: the next statement sends BEGIN as well.
func (c *conn) Begin(ctx context.Context, mode engine.Mode) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case c.state == rawLost:
		return engine.TxLost()
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

// beginStep returns the step that begins the pending transaction. BEGIN READONLY exists in libSQL
// only: a replica runs it without its primary. On a primary it doesn't prevent writes.
func (c *conn) beginStep() wire.Step {
	if c.mode == engine.Read {
		return wire.Step{SQL: "BEGIN READONLY"}
	}
	return wire.Step{SQL: "BEGIN IMMEDIATE"}
}

// Commit implements [engine.Conn].
func (c *conn) Commit(ctx context.Context) error {
	switch c.state {
	case idle:
		return &engine.Error{Code: engine.CodeError, Message: "cannot commit - no transaction is active"}
	case pending:
		c.state = idle
		return nil
	case over, rawLost:
		c.state = idle
		return engine.TxLost()
	}
	sql := "COMMIT"
	if c.state == open && c.mode == engine.Read {
		// A read transaction must not keep any writes.
		sql = "ROLLBACK"
	}
	out, err := c.end(ctx, sql, risk{bound: true, writes: sql == "COMMIT", cleanup: true})
	switch {
	case err != nil:
		return err
	case out.Err != nil:
		return convert(out.Err, c.key)
	case out.Skipped():
		return engine.TxLost()
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
	out, err := c.end(ctx, "ROLLBACK", risk{bound: true, cleanup: true})
	if err != nil {
		// The server rolls the transaction back when it closes the stream.
		gone := c.state == idle && isTxLost(err)
		c.drop()
		c.state = idle
		if gone {
			return nil
		}
		return err
	}
	if out.Err != nil && c.state != idle {
		return convert(out.Err, c.key)
	}
	return nil
}

// end runs a COMMIT or ROLLBACK if the transaction is still open. The state stays open only if the
// server says so, or if the request wasn't sent.
func (c *conn) end(ctx context.Context, sql string, r risk) (wire.StepResult, error) {
	if err := c.freeStream(ctx); err != nil {
		return wire.StepResult{}, err
	}
	q := &wire.Request{Batch: true, Autocommit: true, Steps: []wire.Step{{SQL: sql, When: wire.InTransaction}}}
	rep, err := c.call(ctx, q, r)
	if err != nil {
		if c.state == over || c.state == rawLost {
			c.state = idle
		}
		return wire.StepResult{}, err
	}
	if rep.Results[1].Autocommit {
		c.state = idle
	}
	if first := rep.Results[0]; first.Err != nil {
		return wire.StepResult{Err: first.Err}, nil
	}
	return rep.Results[0].Steps[0], nil
}

func isTxLost(err error) bool {
	e, ok := err.(*engine.Error)
	return ok && e.Kind == engine.ErrTxLost
}

// refuseWrite returns an error if the statement may write and the transaction is read-only. The
// server itself would run the statement.
func (c *conn) refuseWrite(ctx context.Context, st *sqltext.Statement) error {
	if c.mode != engine.Read || c.state != pending && c.state != open {
		return nil
	}
	switch st.Kind {
	case sqltext.Read, sqltext.BeginDeferred, sqltext.BeginWrite, sqltext.Commit, sqltext.Rollback, sqltext.Savepoint:
		return nil
	case sqltext.Pragma: // may only read
		readOnly, err := c.describe(ctx, st.Text)
		if err != nil || readOnly {
			return err
		}
	}
	return engine.WriteRefused()
}
