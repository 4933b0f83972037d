package hrana

import (
	"context"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqltext"
)

const (
	// maxChunk and maxChunkText bound what is sent of a script at once: the server
	// parses a batch as a whole before it runs it.
	maxChunk     = 500
	maxChunkText = 1 << 20
	// maxSteps bounds the steps of a batch in a reply: there may be a look at the schema
	// before each, and a transaction around them.
	maxSteps = 2*engine.MaxSteps + 4
)

// ExecAll implements [engine.Conn]. The result has the rows of all statements, and the
// last id.
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
		if c.state == pending { // a script without a transaction may have run in part
			run = func() error { return c.awaitLock(ctx, func() error { return c.runChunk(ctx, all[:n], &total) }) }
		}
		if err := run(); err != nil {
			return total, err
		}
		all = all[n:]
	}
	return total, nil
}

// runChunk runs a part of a script, as one batch. Each step runs only if the one before
// it succeeded.
func (c *conn) runChunk(ctx context.Context, part []sqltext.Statement, total *engine.Result) error {
	if err := c.freeStream(ctx); err != nil {
		return err
	}
	if c.state == over || c.state == rawOver {
		return engine.TxOver()
	}
	if c.needsProbe(sqltext.Other) {
		if err := c.probe(ctx); err != nil {
			return err
		}
	}
	was := c.state
	q := &request{batch: true, autocommit: true, steps: make([]step, 0, len(part)+1)}
	if was == pending {
		q.steps = append(q.steps, c.beginStep())
	}
	begun := len(q.steps)
	var r risk
	var ended bool
	for i := range part {
		q.steps = append(q.steps, step{sql: part[i].Text, when: chunkCondition(was, len(q.steps) == 0)})
		one := riskOf(was, part[i].Kind)
		if ended && was == raw { // what follows is in no transaction any more
			one.writes = riskOf(idle, part[i].Kind).writes
		}
		r.bound, r.writes = one.bound || r.bound, r.writes || one.writes
		ended = ended || endsTx(part[i].Kind)
	}
	rep, err := c.call(ctx, q, r)
	if err != nil {
		return err
	}
	first := &rep.results[0]
	var ends bool
	for i := range first.steps[min(begun, len(first.steps)):] {
		ends = ends || rightlyEnds(part[i].Kind, first.steps[begun+i].statement != nil)
	}
	c.settle(rep, ends)
	if first.err != nil {
		return chunkError(was, first.err, c.key)
	}
	if begun > 0 && first.steps[0].err != nil {
		return first.steps[0].err.translate(c.key)
	}
	return c.sum(part, first.steps[begun:], total)
}

// chunkCondition returns the condition of a step. What was begun by a statement may be
// ended by the script.
func chunkCondition(was txState, first bool) condition {
	switch {
	case first && was.bound():
		return inTransaction
	case first:
		return always
	case was == raw || was == idle:
		return afterOK
	default:
		return afterOK | inTransaction
	}
}

// sum adds up the results of a chunk, or returns the first error.
func (c *conn) sum(part []sqltext.Statement, steps []stepResult, total *engine.Result) error {
	var sum engine.Result
	for i, out := range steps {
		switch {
		case out.err != nil:
			return engine.InSearch(out.err.translate(c.key), part[i].Text)
		case out.statement == nil: // skipped
			return engine.TxOver()
		}
		one := c.result(&part[i], out.statement)
		sum.RowsAffected += one.RowsAffected
		if part[i].Kind == sqltext.Insert && one.RowsAffected > 0 {
			sum.LastInsertID, sum.NoID = one.LastInsertID, one.NoID
		}
	}
	total.RowsAffected += sum.RowsAffected
	if sum.LastInsertID != 0 || sum.NoID {
		total.LastInsertID, total.NoID = sum.LastInsertID, sum.NoID
	}
	return nil
}

// chunkError is the error of a batch as a whole: if it wasn't too much to answer,
// nothing ran.
func chunkError(was txState, e *replyError, bearer *key) *engine.Error {
	out := e.translate(bearer)
	if e.code == codeTooLarge {
		out.Err = errTooLarge
		out.OutcomeUnknown = was == idle
		out.Message = "the statements have run up to one with more rows than the server sends: " + out.Message
	}
	return out
}
