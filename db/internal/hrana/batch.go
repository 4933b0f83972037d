package hrana

import (
	"context"
	"errors"
	"fmt"

	"github.com/duolite/duolite/db/internal/engine"
)

// Batch implements [engine.Batcher].
func (c *conn) Batch(ctx context.Context, b *engine.Batch) ([]engine.Reply, error) {
	t := &together{conn: c, batch: b, replies: make([]engine.Reply, len(b.Steps))}
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
	q, at := t.request(p)
	r := t.riskOf(p)
	send := c.call
	if t.batch.Large {
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
		var wait busyWait
		for len(p.places) > 0 {
			if err := t.runPart(ctx, p); err != nil {
				for _, i := range p.places {
					if !t.replies[i].Done {
						t.replies[i].Err = err
					}
				}
				return err
			}
			// Those that were refused for another's lock have done nothing.
			p.places = t.busy(p.places)
			if len(p.places) == 0 {
				break
			}
			refusal := t.replies[p.places[0]].Err
			if err := wait.pause(ctx, t.conn.db.cfg.BusyTimeout, refusal); err == refusal {
				break
			} else if err != nil {
				for _, i := range p.places {
					t.replies[i].Err = err
				}
				return err
			}
		}
	}
	return nil
}

func (t *together) busy(places []int) []int {
	var some []int
	for _, i := range places {
		var e *engine.Error
		if errors.As(t.replies[i].Err, &e) && e.Kind == engine.ErrBusy {
			some = append(some, i)
		}
	}
	return some
}
