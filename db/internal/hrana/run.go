package hrana

import (
	"context"
	"errors"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqltext"
)

// errTooLarge is the server's answer to rows that are more than it sends at once.
var errTooLarge = errors.New("response is too large")

// run runs one statement: by itself, or as a step that is skipped if the transaction
// is gone.
func (c *conn) run(ctx context.Context, kind sqltext.Kind, s step) (r *statementResult, err error) {
	err = c.awaitLock(ctx, func() error {
		r, err = c.runOnce(ctx, kind, s)
		return err
	})
	return r, err
}

// awaitLock repeats what the server refused because another has the write lock, for as
// long as a file is waited for: the server's own wait can be no wait at all. It is for
// what begins with taking the lock, so that nothing of it has run.
func (c *conn) awaitLock(ctx context.Context, run func() error) error {
	var wait busyWait
	for was := c.state; ; c.state = was {
		err := run()
		if err == nil {
			return nil
		}
		var e *engine.Error
		if was != idle && was != pending || c.state == open || !errors.As(err, &e) || e.Kind != engine.ErrBusy {
			return err
		}
		if err := c.db.pause(ctx, &wait, e); err != nil {
			return err
		}
	}
}

func (c *conn) runOnce(ctx context.Context, kind sqltext.Kind, s step) (*statementResult, error) {
	if c.state == over || c.state == rawOver {
		return c.runOver(kind)
	}
	if err := c.freeStream(ctx); err != nil {
		return nil, err
	}
	if c.state == over || c.state == rawOver { // reading a cursor has failed
		return c.runOver(kind)
	}
	if c.needsProbe(kind) {
		if err := c.probe(ctx); err != nil {
			return nil, err
		}
	}
	was := c.state
	var room [3]step
	q := &request{steps: c.stepsTo(room[:0], s), autocommit: was != idle || managesTx(kind)}
	q.batch = was != idle || len(q.steps) > 1
	rep, err := c.call(ctx, q, riskOf(was, kind))
	if err != nil {
		return nil, err
	}
	if q.autocommit {
		steps := rep.results[0].steps
		c.settle(rep, rightlyEnds(kind, len(steps) > 0 && steps[len(steps)-1].statement != nil))
	}
	return c.outcome(was, kind, &rep.results[0])
}

// readSchema makes sqld notice that another connection has changed the schema since the
// stream's last statement. It looks up how many columns a statement has before it runs
// it, which is too early for SQLite to have noticed: of a * it then shows the old
// columns, or an error.
var readSchema = step{sql: "SELECT 1 FROM sqlite_schema LIMIT 0"}

// stepsTo appends the steps that a statement takes, three at most.
func (c *conn) stepsTo(steps []step, s step) []step {
	switch c.state {
	case idle:
	case pending:
		steps = append(steps, c.beginStep())
		s.when = afterOK
	default:
		s.when = inTransaction
	}
	if s.star && c.stream.baton != "" && c.state != open { // where the schema is locked
		look := readSchema
		look.when = s.when
		steps = append(steps, look)
		s.when |= afterOK
	}
	return append(steps, s)
}

// outcome returns the statement's result or error.
func (c *conn) outcome(was txState, kind sqltext.Kind, first *result) (*statementResult, error) {
	out := stepResult{first.statement, first.err}
	if len(first.steps) > 0 {
		out = first.steps[len(first.steps)-1]
		for _, one := range first.steps {
			if one.err != nil {
				out = one
				break
			}
		}
	}
	switch {
	case out.err != nil && out.err.code == codeTooLarge:
		return nil, tooLarge(was, kind, out.err.translate(c.key))
	case out.err != nil:
		if was == idle && out.err.code == codeTxTimeout {
			// Of a transaction that this stream once had: the next has none.
			c.drop()
		}
		return nil, out.err.translate(c.key)
	case out.statement != nil:
		return out.statement, nil
	case was == raw && kind == sqltext.Rollback:
		return &statementResult{}, nil
	default: // skipped
		return nil, engine.TxOver()
	}
}

// runOver answers for a statement when the transaction is gone. If a statement began
// it, a statement ends it.
func (c *conn) runOver(kind sqltext.Kind) (*statementResult, error) {
	if c.state == rawOver && (kind == sqltext.Rollback || kind == sqltext.Commit) {
		c.state = idle
		if kind == sqltext.Rollback {
			return &statementResult{}, nil
		}
	}
	return nil, engine.TxOver()
}

// settle keeps what an answer says of the transaction. ends: what ran may have ended
// it rightly.
func (c *conn) settle(rep *reply, ends bool) {
	first, autocommit := &rep.results[0], rep.results[1].autocommit
	switch c.state {
	case idle:
		if !autocommit {
			c.state = raw
		}
	case pending:
		switch {
		case first.err != nil && autocommit:
			// The batch was refused as a whole, BEGIN too.
		case autocommit, first.err == nil && first.steps[0].err != nil:
			c.state = over
		default:
			c.state = open
		}
	case open:
		if autocommit {
			c.state = over
		}
	case raw:
		if autocommit && ends {
			c.state = idle
		} else if autocommit {
			c.state = rawOver
		}
	}
}

// tooLarge is the error of rows that the server doesn't send. Those of a statement that
// only reads can be had by a cursor; another has run by then, so that a program has to
// look before it repeats it.
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

// rightlyEnds reports whether a statement may have ended the transaction: a RELEASE that
// failed hasn't.
func rightlyEnds(kind sqltext.Kind, ran bool) bool {
	return endsTx(kind) && (ran || kind != sqltext.Savepoint)
}

// riskOf returns what may be done if the statement has no answer. In a transaction it
// has done nothing that lasts, unless it ends it.
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
