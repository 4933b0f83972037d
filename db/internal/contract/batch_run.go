package contract

import (
	"context"
	"errors"
	"slices"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/internal/sqltext"
)

// runSteps runs the statements in a transaction that fits the batch's mode.
func (c *conn) runSteps(ctx context.Context, b *Batch, steps []engine.Step) error {
	inTx := c.tx != txNone || c.engine.InTx()
	switch {
	case b.Mode == BatchIndependent && inTx:
		return errors.New("independent calls commit by themselves, which isn't possible in a transaction; run the batch on the pool, or without that option")
	case b.Mode == BatchIndependent:
		return c.independent(ctx, b, steps)
	case b.Mode == BatchRead && inTx && (c.tx == txNone || c.mode != engine.Read):
		if err := b.refuseWrite(steps); err != nil {
			return err
		}
		return c.inside(ctx, b, steps)
	case inTx:
		return c.inside(ctx, b, steps)
	default:
		return c.whole(ctx, b, steps)
	}
}

// refuseWrite fails a read batch that would write in an open write transaction. A read
// transaction refuses writes itself.
func (b *Batch) refuseWrite(steps []engine.Step) error {
	i := firstWrite(steps)
	if i < 0 {
		return nil
	}
	err := engine.WriteRefused()
	b.fail(i, err)
	return err
}

// firstWrite returns the index of the first step that may write, or -1.
func firstWrite(steps []engine.Step) int {
	return slices.IndexFunc(steps, func(s engine.Step) bool { return s.Statement.Kind != sqltext.Read })
}

// whole runs a batch as a transaction of its own. A batch that only reads takes no lock.
func (c *conn) whole(ctx context.Context, b *Batch, steps []engine.Step) error {
	mode := engine.Write
	if b.Mode == BatchRead || firstWrite(steps) < 0 {
		mode = engine.Read
	}
	return b.retryLarge(func(large bool) error {
		if err := c.engine.Begin(ctx, mode); err != nil {
			return err
		}
		err := b.take(c.send(ctx, b, steps, engine.Whole, large))
		if err != nil {
			c.rollBack()
		}
		return err
	})
}

// retryLarge runs a batch. If the replies are too large and the batch left no effect, it runs
// the batch again with large set.
func (b *Batch) retryLarge(run func(large bool) error) error {
	err := run(false)
	if errors.Is(err, engine.ErrLarge) && !unknown(err) {
		err = run(true)
	}
	return err
}

// inside runs a batch in the open transaction. A savepoint makes it all or nothing.
func (c *conn) inside(ctx context.Context, b *Batch, steps []engine.Step) error {
	if err := c.beginNow(ctx); err != nil {
		return err
	}
	if firstWrite(steps) < 0 {
		return b.retryLarge(func(large bool) error { return b.take(c.send(ctx, b, steps, engine.Nested, large)) })
	}
	all := make([]engine.Step, 0, len(steps)+2)
	all = append(all, engine.Step{Statement: &savepoint[0]})
	all = append(append(all, steps...), engine.Step{Statement: &releaseSavepoint[0]})
	return b.retryLarge(func(large bool) error { return c.inSavepoint(ctx, b, all, large) })
}

// inSavepoint runs steps. The first sets a savepoint, and the last releases it.
func (c *conn) inSavepoint(ctx context.Context, b *Batch, all []engine.Step, large bool) error {
	n := len(b.Calls)
	replies, err := c.send(ctx, b, all, engine.Nested, large)
	for _, around := range []int{0, n + 1} {
		if err == nil {
			err = replies[around].Err
		}
	}
	// The savepoint is set if the first step has a reply. It is also set if the replies were
	// too large.
	set := replies[0].Done || errors.Is(err, engine.ErrLarge)
	if err = b.take(replies[1:n+1], err); err != nil && set && ctx.Err() == nil && c.engine.InTx() {
		if _, undone := c.engine.ExecAll(ctx, undoSavepoint); undone != nil && c.engine.InTx() {
			c.abandonTx() // a part of the batch remains in the transaction
			err = errors.Join(err, undone)
		}
	}
	return err
}

// take stores the replies to a batch that is applied as a whole or not at all.
func (b *Batch) take(replies []engine.Reply, err error) error {
	for i := range replies {
		if replies[i].Err != nil && b.Failed < 0 {
			b.fail(i, replies[i].Err)
			err = replies[i].Err
		}
	}
	if err != nil {
		return err
	}
	for i := range replies {
		b.Answers[i] = Answer{Done: true, reply: replies[i]}
	}
	b.setShapes()
	return nil
}

// setShapes sets the shapes of rows. Calls of the same query share one.
func (b *Batch) setShapes() {
	var last *shape
	for i := range b.Answers {
		answer := &b.Answers[i]
		if !answer.Done || b.Calls[i].Kind == Exec {
			continue
		}
		columns := answer.reply.Rows.Columns()
		if !last.fits(columns) {
			last = newShape(columns)
		}
		answer.shape = last
	}
}

// independent runs each call by itself. It returns the first error.
func (c *conn) independent(ctx context.Context, b *Batch, steps []engine.Step) error {
	replies, err := c.send(ctx, b, steps, engine.Independent, false)
	for i := range replies {
		b.Answers[i] = Answer{Done: replies[i].Done, reply: replies[i], Err: replies[i].Err}
		if replies[i].Err == nil {
			continue
		}
		if b.Failed < 0 {
			b.Failed = i
			err = replies[i].Err
			continue // batch translates this one
		}
		b.Answers[i].Err = c.own(ctx, replies[i].Err)
	}
	b.setShapes()
	return err
}
