package contract

import (
	"context"

	"github.com/duolite/duolite/db/internal/engine"
)

// send runs steps: in one batch if the engine supports it, otherwise one after the other.
func (c *conn) send(ctx context.Context, b *Batch, steps []engine.Step, around engine.Around, large bool) ([]engine.Reply, error) {
	if batcher, ok := c.engine.(engine.Batcher); ok {
		steps, variants := c.decideAll(steps)
		replies, err := batcher.Batch(ctx, &engine.Batch{Steps: steps, Around: around, Large: large, MaxBytes: b.MaxBytes, MaxSteps: b.MaxStatements})
		for i, v := range variants {
			replies[i].Err = explain(v, replies[i].Err)
		}
		return replies, err
	}
	replies := make([]engine.Reply, len(steps))
	for i := range steps {
		c.runStep(ctx, b.textOf(steps, i), &steps[i], &replies[i])
		failed := replies[i].Err != nil
		if failed && (around != engine.Independent || ctx.Err() != nil) {
			return replies, nil
		}
	}
	if around == engine.Whole {
		return replies, c.engine.Commit(ctx)
	}
	return replies, nil
}

// textOf returns the program's text of a step, which is the key of the statement cache.
func (b *Batch) textOf(steps []engine.Step, i int) string {
	before := (len(steps) - len(b.Calls)) / 2 // 1 if a savepoint surrounds the calls, else 0
	if i -= before; i < 0 || i >= len(b.Calls) {
		return steps[i+before].Statement.Text
	}
	return b.Calls[i].Text
}

func (c *conn) runStep(ctx context.Context, text string, step *engine.Step, reply *engine.Reply) {
	compiled := c.cache.take(text)
	if compiled == nil {
		var err error
		if compiled, err = c.compile(ctx, text, step.Statement); err != nil {
			reply.Err = err
			return
		}
	}
	compiled, args := c.decided(ctx, compiled, step.Args, nil)
	defer compiled.release()
	if step.Rows {
		reply.Rows, reply.Err = engine.ReadAll(ctx, compiled.stmt, args)
	} else {
		reply.Result, reply.Err = compiled.stmt.Exec(ctx, args)
	}
	reply.Err = explain(compiled.variant, reply.Err)
	reply.Done = reply.Err == nil
}
