package hrana

import (
	"context"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/db/internal/hrana/wire"
	"github.com/duolite/duolite/internal/sqltext"
)

// maxChunk and maxChunkText bound the statements and the bytes of a script in one request. The
// server parses a whole batch before it runs it.
const (
	maxChunk     = 500
	maxChunkText = 1 << 20
)

// ExecAll implements [engine.Conn]. The result sums up the changed rows of all statements, and has
// the last rowid.
func (c *conn) ExecAll(ctx context.Context, all []sqltext.Statement) (engine.Result, error) {
	var total engine.Result
	for i := range all {
		if err := c.refuseWrite(ctx, &all[i]); err != nil {
			return total, err
		}
	}
	for len(all) > 0 {
		n, size := 0, 0
		for n < len(all) && n < maxChunk && (n == 0 || size+len(all[n].Text) <= maxChunkText) {
			size += len(all[n].Text)
			n++
		}
		run := func() error { return c.runChunk(ctx, all[:n], &total) }
		var err error
		if c.state == pending {
			err = c.awaitLock(ctx, run)
		} else { // some statements may have run
			err = run()
		}
		if err != nil {
			return total, err
		}
		all = all[n:]
	}
	return total, nil
}

// runChunk runs a part of a script as one batch. Each step runs only if the previous one succeeded.
func (c *conn) runChunk(ctx context.Context, part []sqltext.Statement, total *engine.Result) error {
	if err := c.ready(ctx); err != nil {
		return err
	}
	was := c.state
	q := &wire.Request{Batch: true, Autocommit: true, Steps: make([]wire.Step, 0, len(part)+1)}
	if was == pending {
		q.Steps = append(q.Steps, c.beginStep())
	}
	begun := len(q.Steps)
	var r risk
	var ended bool
	for i := range part {
		q.Steps = append(q.Steps, wire.Step{SQL: part[i].Text, When: chunkCondition(was, len(q.Steps) == 0)})
		one := riskOf(was, part[i].Kind)
		if ended && was == raw { // the statement runs outside of the transaction
			one.writes = riskOf(idle, part[i].Kind).writes
		}
		r.bound, r.writes = one.bound || r.bound, r.writes || one.writes
		ended = ended || endsTx(part[i].Kind)
	}
	rep, err := c.call(ctx, q, r)
	if err != nil {
		return err
	}
	first := &rep.Results[0]
	var mayEnd bool
	for i := range first.Steps[min(begun, len(first.Steps)):] {
		mayEnd = mayEnd || mayHaveEnded(part[i].Kind, first.Steps[begun+i].Statement != nil)
	}
	c.settle(rep, mayEnd)
	if first.Err != nil {
		return chunkError(was, first.Err, c.key)
	}
	if begun > 0 && first.Steps[0].Err != nil {
		return convert(first.Steps[0].Err, c.key)
	}
	return c.sum(part, first.Steps[begun:], total)
}

// chunkCondition returns the condition of a step. A script may end a transaction that a statement
// began, and go on after it.
func chunkCondition(was txState, first bool) wire.Condition {
	switch {
	case first && was.bound():
		return wire.InTransaction
	case first:
		return wire.Always
	case was == raw || was == idle:
		return wire.AfterOK
	default:
		return wire.AfterOK | wire.InTransaction
	}
}

// sum adds the results of a chunk to total, or returns the first error.
func (c *conn) sum(part []sqltext.Statement, steps []wire.StepResult, total *engine.Result) error {
	var sum engine.Result
	for i, out := range steps {
		switch {
		case out.Err != nil:
			return engine.InSearch(convert(out.Err, c.key), part[i].Text)
		case out.Skipped():
			return engine.TxLost()
		}
		sum.Add(c.result(&part[i], out.Statement))
	}
	total.Add(sum)
	return nil
}

// chunkError returns the error of a whole batch. Unless the rows were too large, nothing ran.
func chunkError(was txState, e *wire.Error, key *transport.Key) *engine.Error {
	out := convert(e, key)
	if e.Code == codeTooLarge {
		out.Err = errTooLarge
		out.OutcomeUnknown = was == idle
		out.Message = "the statements have run up to one with more rows than the server sends: " + out.Message
	}
	return out
}
