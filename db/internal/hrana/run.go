package hrana

import (
	"context"
	"errors"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/db/internal/hrana/wire"
	"github.com/duolite/duolite/internal/sqltext"
)

// errTooLarge is the error of rows that are larger than the server's limit for one reply.
var errTooLarge = errors.New("response is too large")

// run runs a statement as the step s. In a transaction the server skips the step if the transaction
// is gone.
func (c *conn) run(ctx context.Context, st *sqltext.Statement, s wire.Step) (r *wire.StatementResult, err error) {
	err = c.awaitLock(ctx, func() error {
		r, err = c.runOnce(ctx, st, s)
		return err
	})
	return r, err
}

// awaitLock calls run again while another connection has the write lock, up to the same time limit
// as for a file. The server's own wait may be no wait at all. It calls run again only if taking the
// lock was the first step, so that nothing has run.
func (c *conn) awaitLock(ctx context.Context, run func() error) error {
	wait := transport.BusyWait{Meter: &c.meter}
	for was := c.state; ; c.state = was {
		err := run()
		if err == nil {
			return nil
		}
		if was != idle && was != pending || c.state == open || !isKind(err, engine.ErrBusy) {
			return err
		}
		if err := c.db.client.Pause(ctx, &wait, err); err != nil {
			return err
		}
	}
}

// runOnce runs a statement, and doesn't wait for the lock.
func (c *conn) runOnce(ctx context.Context, st *sqltext.Statement, s wire.Step) (*wire.StatementResult, error) {
	kind := st.Kind
	if err := c.freeStream(ctx); err != nil {
		return nil, err
	}
	if c.state.gone() {
		return c.runOver(kind)
	}
	if c.needsProbe(kind) {
		if err := c.probe(ctx); err != nil {
			return nil, err
		}
	}
	was := c.state
	var room [3]wire.Step
	q := &wire.Request{Steps: c.appendSteps(room[:0], st, s), Autocommit: was != idle || managesTx(kind)}
	q.Batch = was != idle || len(q.Steps) > 1
	rep, err := c.call(ctx, q, riskOf(was, kind))
	if err != nil {
		return nil, err
	}
	if q.Autocommit {
		steps := rep.Results[0].Steps
		c.settle(rep, mayHaveEnded(kind, len(steps) > 0 && steps[len(steps)-1].Statement != nil))
	}
	return c.outcome(was, kind, &rep.Results[0])
}

// readSchema makes SQLite notice a schema change by another connection. sqld counts the columns of
// a statement before it runs it, and so before SQLite notices. A SELECT * would return the old
// columns, or fail.
var readSchema = wire.Step{SQL: "SELECT 1 FROM sqlite_schema LIMIT 0"}

// appendSteps appends the steps that run a statement: BEGIN, readSchema and s, as needed.
func (c *conn) appendSteps(steps []wire.Step, st *sqltext.Statement, s wire.Step) []wire.Step {
	switch c.state {
	case idle:
	case pending:
		steps = append(steps, c.beginStep())
		s.When = wire.AfterOK
	default:
		s.When = wire.InTransaction
	}
	// A new stream has read no schema yet; an open transaction of Begin locks the schema.
	if st.Star && c.stream.baton != "" && c.state != open {
		look := readSchema
		look.When = s.When
		steps = append(steps, look)
		s.When |= wire.AfterOK
	}
	return append(steps, s)
}

// outcome returns the result or the error of a statement.
func (c *conn) outcome(was txState, kind sqltext.Kind, first *wire.Result) (*wire.StatementResult, error) {
	out := wire.StepResult{Statement: first.Statement, Err: first.Err}
	if len(first.Steps) > 0 {
		out = first.Steps[len(first.Steps)-1]
		for _, one := range first.Steps {
			if one.Err != nil {
				out = one
				break
			}
		}
	}
	switch {
	case out.Err != nil && out.Err.Code == codeTooLarge:
		return nil, tooLarge(was, kind, convert(out.Err, c.key))
	case out.Err != nil:
		if was == idle && out.Err.Code == codeTxTimeout {
			// The error belongs to an earlier transaction of the stream.
			c.drop()
		}
		return nil, convert(out.Err, c.key)
	case out.Statement != nil:
		return out.Statement, nil
	case was == raw && kind == sqltext.Rollback:
		return &wire.StatementResult{}, nil
	default: // skipped
		return nil, engine.TxLost()
	}
}

// runOver returns the result of a statement whose transaction is gone. A COMMIT or ROLLBACK ends a
// transaction that a statement began.
func (c *conn) runOver(kind sqltext.Kind) (*wire.StatementResult, error) {
	if c.state == rawLost && (kind == sqltext.Rollback || kind == sqltext.Commit) {
		c.state = idle
		if kind == sqltext.Rollback {
			return &wire.StatementResult{}, nil
		}
	}
	return nil, engine.TxLost()
}

// settle updates the transaction's state from a reply with an autocommit result. mayEnd reports
// whether the statements may have ended the transaction by themselves.
func (c *conn) settle(rep *wire.Reply, mayEnd bool) {
	first, autocommit := &rep.Results[0], rep.Results[1].Autocommit
	switch c.state {
	case idle:
		if !autocommit {
			c.state = raw
		}
	case pending:
		switch {
		case first.Err != nil && autocommit:
			// The server refused the whole batch, with BEGIN.
		case autocommit, first.Err == nil && first.Steps[0].Err != nil:
			c.state = over
		default:
			c.state = open
		}
	case open:
		if autocommit {
			c.state = over
		}
	case raw:
		if autocommit && mayEnd {
			c.state = idle
		} else if autocommit {
			c.state = rawLost
		}
	}
}

// tooLarge returns the error of rows that the server doesn't send. A statement that only reads can
// run again by a cursor. Any other statement has run, and the program must look before it repeats
// the statement.
func tooLarge(was txState, kind sqltext.Kind, e *engine.Error) *engine.Error {
	e.Err = errTooLarge
	if kind != sqltext.Read {
		e.Message = "the statement has run, but its rows are more than the server sends: " + e.Message
		e.OutcomeUnknown = was == idle
	}
	return e
}

// managesTx reports whether a statement may begin or end a transaction.
func managesTx(kind sqltext.Kind) bool {
	return kind == sqltext.BeginDeferred || kind == sqltext.BeginWrite || endsTx(kind)
}

// endsTx reports whether a statement may end a transaction.
func endsTx(kind sqltext.Kind) bool {
	return kind == sqltext.Commit || kind == sqltext.Rollback || kind == sqltext.Savepoint
}

// mayHaveEnded reports whether a statement may have ended the transaction. A RELEASE that failed
// hasn't.
func mayHaveEnded(kind sqltext.Kind, ran bool) bool {
	return endsTx(kind) && (ran || kind != sqltext.Savepoint)
}

// riskOf returns the risk of a statement. In a transaction only the end of the transaction has a
// lasting effect.
func riskOf(state txState, kind sqltext.Kind) risk {
	switch state {
	case idle:
		return risk{
			repeat: kind == sqltext.Read,
			writes: kind != sqltext.Read && (!managesTx(kind) || kind == sqltext.Commit),
		}
	case open:
		return risk{bound: true, writes: kind == sqltext.Commit}
	case raw:
		return risk{bound: true, writes: kind == sqltext.Commit || kind == sqltext.Savepoint}
	default:
		return risk{}
	}
}
