package hrana

import (
	"context"
	"errors"

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

// gone reports whether a transaction is gone that isn't ended yet.
func (s txState) gone() bool { return s == over || s == rawLost }

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
	refusal, err := c.end(ctx, sql, risk{bound: true, writes: sql == "COMMIT", cleanup: true})
	if err != nil || refusal == nil {
		return err
	}
	e := convert(refusal, c.key)
	if c.state == idle && e.Code == engine.CodeError {
		// There was no transaction. An error that ends one at its COMMIT has another code.
		return engine.TxLost()
	}
	return e
}

// Rollback implements [engine.Conn].
func (c *conn) Rollback(ctx context.Context) error {
	if !c.state.bound() {
		c.state = idle
		return nil
	}
	refusal, err := c.end(ctx, "ROLLBACK", risk{bound: true, cleanup: true})
	if err != nil {
		// The server rolls the transaction back when it closes the stream.
		gone := c.state == idle && isKind(err, engine.ErrTxLost)
		c.drop()
		c.state = idle
		if gone {
			return nil
		}
		return err
	}
	if refusal != nil && c.state != idle {
		return convert(refusal, c.key)
	}
	return nil
}

// end runs a COMMIT or ROLLBACK, which has no effect if the transaction is gone, and returns the server's
// refusal. The state stays open only if the server says so, or if the request wasn't sent.
func (c *conn) end(ctx context.Context, sql string, r risk) (refusal *wire.Error, err error) {
	if err := c.freeStream(ctx); err != nil {
		return nil, err
	}
	rep, err := c.call(ctx, &wire.Request{Autocommit: true, Steps: []wire.Step{{SQL: sql}}}, r)
	if err != nil {
		if c.state.gone() {
			c.state = idle
		}
		return nil, err
	}
	if rep.Results[1].Autocommit {
		c.state = idle
	}
	return rep.Results[0].Err, nil
}

func isKind(err, kind error) bool {
	e, ok := errors.AsType[*engine.Error](err)
	return ok && e.Kind == kind
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
