package hrana

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/db/internal/hrana/wire"
)

// Batch implements [engine.Batcher].
func (c *conn) Batch(ctx context.Context, batch *engine.Batch) ([]engine.Reply, error) {
	b := &batchRequest{conn: c, batch: batch, large: batch.Large, replies: make([]engine.Reply, len(batch.Steps))}
	for i := range batch.Steps {
		if err := c.refuseWrite(ctx, batch.Steps[i].Statement); err != nil {
			b.replies[i].Err = err
			return b.replies, nil
		}
	}
	b.prepare()
	if batch.Around == engine.Independent {
		return b.replies, b.runIndependent(ctx)
	}
	return b.replies, b.runInTransaction(ctx)
}

// A batchRequest is a batch in progress. It takes one HTTP request, or several for a batch that
// exceeds the limits of one.
type batchRequest struct {
	conn    *conn
	batch   *engine.Batch
	steps   []wire.Step // without their conditions
	replies []engine.Reply
	rows    []rows // memory for the rows of the replies
	failed  bool   // a step has failed
	large   bool   // the answers come by a cursor
}

// prepare makes the steps.
func (b *batchRequest) prepare() {
	b.steps = make([]wire.Step, len(b.batch.Steps))
	var s *stmt
	for i := range b.batch.Steps {
		one := &b.batch.Steps[i]
		if s == nil || s.text != one.Statement {
			s = newStmt(b.conn, one.Statement)
		}
		b.steps[i] = s.step(one.Args, one.Rows)
	}
}

// runInTransaction runs the steps in the pending or open transaction.
func (b *batchRequest) runInTransaction(ctx context.Context) error {
	for _, p := range b.parts() {
		run := func() error { return b.runPart(ctx, p) }
		err := b.conn.awaitLock(ctx, run)
		if err != nil || b.failed {
			return err
		}
	}
	return nil
}

// runPart sends a part once. Errors of steps go to b.replies; the returned error is any other.
func (b *batchRequest) runPart(ctx context.Context, p part) error {
	c := b.conn
	if err := c.ready(ctx); err != nil {
		return err
	}
	q, index := b.request(p)
	r := b.riskOf(p)
	send := c.call
	if b.large {
		send = c.callCursor
	}
	rep, err := send(ctx, q, r)
	if err != nil {
		return tooLong(err, r)
	}
	first := &rep.Results[0]
	if b.ends(p) {
		c.state = open
		if rep.Results[1].Autocommit {
			c.state = idle
		}
	} else {
		c.settle(rep, false)
	}
	if first.Err != nil {
		return b.refused(ctx, p, r, first.Err)
	}
	if err := b.readReplies(p, index, first.Steps); err != nil || b.failed {
		return err
	}
	return b.checkCommit(p, first.Steps)
}

// tooLong marks an answer that is too long for memory with [engine.ErrLarge] if the batch writes
// nothing, and so may run again by a cursor.
func tooLong(err error, r risk) error {
	if e, ok := err.(*engine.Error); ok && errors.Is(err, transport.ErrTooLong) && !r.writes && !r.bound {
		e.Err = fmt.Errorf("%w: %w", engine.ErrLarge, e.Err)
	}
	return err
}

// runIndependent runs each step outside of a transaction. If a part gets no answer, each of its
// steps without a reply gets the error.
func (b *batchRequest) runIndependent(ctx context.Context) error {
	for _, p := range b.parts() {
		b.large = b.batch.Large
		if err := b.repeatPart(ctx, p); err != nil {
			for _, i := range p.places {
				if b.notRun(i) {
					b.replies[i].Err = err
				}
			}
			return err
		}
	}
	return nil
}

// repeatPart sends a part again with the steps that have not run, until all have run or failed.
func (b *batchRequest) repeatPart(ctx context.Context, p part) error {
	wait := transport.BusyWait{Meter: &b.conn.meter}
	for {
		err := b.runPart(ctx, p)
		if b.needsCursor(err) {
			b.large = true
			continue
		}
		if err != nil {
			return err
		}
		p.places = slices.DeleteFunc(slices.Clone(p.places), func(i int) bool { return !b.notRun(i) })
		if len(p.places) == 0 {
			return nil
		}
		refusal := b.replies[p.places[0]].Err
		if refusal == nil {
			continue // the server refused the part because of another step
		}
		if err := b.conn.db.client.Pause(ctx, &wait, refusal); err == refusal {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// needsCursor reports whether a part failed only because its rows are too large for one reply, and
// may run again.
func (b *batchRequest) needsCursor(err error) bool {
	e, ok := errors.AsType[*engine.Error](err)
	return !b.large && errors.Is(err, engine.ErrLarge) && ok && !e.OutcomeUnknown
}

// notRun reports whether step i has not run: it wasn't reached, or another connection had the lock.
func (b *batchRequest) notRun(i int) bool {
	one := &b.replies[i]
	return !one.Done && (one.Err == nil || isKind(one.Err, engine.ErrBusy))
}
