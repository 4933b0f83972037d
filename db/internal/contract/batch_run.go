package contract

import (
	"context"
	"errors"
	"slices"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqltext"
)

// runSteps runs the statements in what the batch is to be.
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

// refuseWrite is for a read batch inside of a transaction that may write. One that reads
// refuses writes itself.
func (b *Batch) refuseWrite(steps []engine.Step) error {
	i := firstWrite(steps)
	if i < 0 {
		return nil
	}
	err := engine.WriteRefused()
	b.fail(i, err)
	return err
}

// firstWrite returns the place of the first step that may write, or -1.
func firstWrite(steps []engine.Step) int {
	return slices.IndexFunc(steps, func(s engine.Step) bool { return s.Statement.Kind != sqltext.Read })
}

// whole runs a batch as a transaction of its own. One that only reads needs no lock.
func (c *conn) whole(ctx context.Context, b *Batch, steps []engine.Step) error {
	mode := engine.Write
	if b.Mode == BatchRead || firstWrite(steps) < 0 {
		mode = engine.Read
	}
	return b.evenLarge(func(large bool) error {
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

// evenLarge runs a batch, and once more if that has found out that the answers are large,
// and has left nothing behind.
func (b *Batch) evenLarge(run func(large bool) error) error {
	err := run(false)
	if errors.Is(err, engine.ErrLarge) && !unknown(err) {
		err = run(true)
	}
	return err
}

// inside runs a batch as a part of the transaction that is open: all or nothing as well,
// by a savepoint.
func (c *conn) inside(ctx context.Context, b *Batch, steps []engine.Step) error {
	if err := c.beginNow(ctx); err != nil {
		return err
	}
	if firstWrite(steps) < 0 {
		return b.evenLarge(func(large bool) error { return b.take(c.send(ctx, b, steps, engine.Nested, large)) })
	}
	all := make([]engine.Step, 0, len(steps)+2)
	all = append(all, engine.Step{Statement: &mark[0]})
	all = append(append(all, steps...), engine.Step{Statement: &release[0]})
	return b.evenLarge(func(large bool) error { return c.marked(ctx, b, all, large) })
}

// marked runs steps of which the first sets a savepoint and the last releases it.
func (c *conn) marked(ctx context.Context, b *Batch, all []engine.Step, large bool) error {
	n := len(b.Calls)
	replies, err := c.send(ctx, b, all, engine.Nested, large)
	for _, around := range []int{0, n + 1} {
		if err == nil {
			err = replies[around].Err
		}
	}
	// Without an answer to the first it is not set, unless there were too many answers.
	set := replies[0].Done || errors.Is(err, engine.ErrLarge)
	if err = b.take(replies[1:n+1], err); err != nil && set && ctx.Err() == nil && c.engine.InTx() {
		if _, undone := c.engine.ExecAll(ctx, undo); undone != nil && c.engine.InTx() {
			c.abandonTx() // a part of the batch is in it
			err = errors.Join(err, undone)
		}
	}
	return err
}

// take takes the replies of steps that are applied together or not at all.
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
	b.fit()
	return nil
}

// fit finds out the shapes of rows. Calls of one query have the same.
func (b *Batch) fit() {
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

// independent runs each call by itself. The error is the first of them.
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
			continue // which batch translates
		}
		b.Answers[i].Err = c.own(ctx, replies[i].Err)
	}
	b.fit()
	return err
}
