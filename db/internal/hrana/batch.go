package hrana

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqltext"
)

// Batch implements [engine.Batcher].
func (c *conn) Batch(ctx context.Context, b *engine.Batch) ([]engine.Reply, error) {
	t := &together{conn: c, batch: b, large: b.Large, replies: make([]engine.Reply, len(b.Steps))}
	for i := range b.Steps {
		if err := c.refuseWrite(ctx, b.Steps[i].Statement); err != nil {
			t.replies[i].Err = err
			return t.replies, nil
		}
	}
	t.prepare()
	if b.Around == engine.Independent {
		return t.replies, t.independent(ctx)
	}
	return t.replies, t.transaction(ctx)
}

// together is a batch on its way.
type together struct {
	conn    *conn
	batch   *engine.Batch
	steps   []step // as they are sent, but for their conditions
	replies []engine.Reply
	failed  bool // a step has
	large   bool // the answers come by a cursor
}

// prepare makes the steps as the server binds them.
func (t *together) prepare() {
	t.steps = make([]step, len(t.batch.Steps))
	var s *stmt
	for i := range t.batch.Steps {
		one := &t.batch.Steps[i]
		if s == nil || s.text != one.Statement {
			s = newStmt(t.conn, one.Statement)
		}
		t.steps[i] = s.step(one.Args, one.Rows)
	}
}

// transaction runs the steps in the transaction that is pending or open.
func (t *together) transaction(ctx context.Context) error {
	for _, p := range t.parts() {
		run := func() error { return t.runPart(ctx, p) }
		err := t.conn.awaitLock(ctx, run)
		if err != nil || t.failed {
			return err
		}
	}
	return nil
}

// runPart sends a part, once. The error is not one of a step.
func (t *together) runPart(ctx context.Context, p part) error {
	c := t.conn
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
	q, at := t.request(p)
	r := t.riskOf(p)
	send := c.call
	if t.large {
		send = c.callCursor
	}
	rep, err := send(ctx, q, r)
	if err != nil {
		return tooLong(err, r)
	}
	first := &rep.results[0]
	if t.ends(p) {
		c.state = open
		if rep.results[1].autocommit {
			c.state = idle
		}
	} else {
		c.settle(rep, false)
	}
	if first.err != nil {
		return t.refused(ctx, p, r, first.err)
	}
	if err := t.take(p, at, first.steps); err != nil || t.failed {
		return err
	}
	return t.around(p, first.steps)
}

// tooLong says of an answer that is longer than we hold that it can be had otherwise, where
// nothing is written.
func tooLong(err error, r risk) error {
	if e, ok := err.(*engine.Error); ok && errors.Is(err, errTooLong) && !r.writes && !r.bound {
		e.Err = fmt.Errorf("%w: %w", engine.ErrLarge, e.Err)
	}
	return err
}

// independent runs each step by itself. What a step has an error of that it got no answer,
// all of its request have.
func (t *together) independent(ctx context.Context) error {
	for _, p := range t.parts() {
		t.large = t.batch.Large
		if err := t.eachOf(ctx, p); err != nil {
			for _, i := range p.places {
				if t.open(i) {
					t.replies[i].Err = err
				}
			}
			return err
		}
	}
	return nil
}

// eachOf runs the steps of a part, until none is left that has done nothing. What other
// parts have done is done: here a part alone is sent again.
func (t *together) eachOf(ctx context.Context, p part) error {
	var wait busyWait
	for {
		err := t.runPart(ctx, p)
		if t.mayBeLarge(err) {
			t.large = true
			continue
		}
		if err != nil {
			return err
		}
		p.places = slices.DeleteFunc(slices.Clone(p.places), func(i int) bool { return !t.open(i) })
		if len(p.places) == 0 {
			return nil
		}
		refusal := t.replies[p.places[0]].Err
		if refusal == nil {
			continue // the server couldn't read a text of another
		}
		if err := t.conn.db.pause(ctx, &wait, refusal); err == refusal {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// mayBeLarge reports whether what failed has done nothing, and goes well by a cursor.
func (t *together) mayBeLarge(err error) bool {
	var e *engine.Error
	return !t.large && errors.Is(err, engine.ErrLarge) && errors.As(err, &e) && !e.OutcomeUnknown
}

// open reports whether a step has done nothing: it wasn't run, or was refused for another's
// lock.
func (t *together) open(i int) bool {
	var e *engine.Error
	one := &t.replies[i]
	return !one.Done && (one.Err == nil || errors.As(one.Err, &e) && e.Kind == engine.ErrBusy)
}
