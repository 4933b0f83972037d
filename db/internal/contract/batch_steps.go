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
	return engine.RunEach(ctx, c.engine, around, len(steps), func(i int) engine.Reply { return c.runStep(ctx, b.textOf(steps, i), &steps[i]) })
}

// textOf returns the program's text of a step, which is the key of the statement cache.
func (b *Batch) textOf(steps []engine.Step, i int) string {
	before := (len(steps) - len(b.Calls)) / 2 // 1 if a savepoint surrounds the calls, else 0
	if i -= before; i < 0 || i >= len(b.Calls) {
		return steps[i+before].Statement.Text
	}
	return b.Calls[i].Text
}

func (c *conn) runStep(ctx context.Context, text string, step *engine.Step) engine.Reply {
	compiled := c.cache.take(text)
	if compiled == nil {
		var err error
		if compiled, err = c.compile(ctx, text, step.Statement); err != nil {
			return engine.Reply{Err: err}
		}
	}
	compiled, args := c.decided(ctx, compiled, step.Args, nil)
	defer compiled.release()
	run := engine.Step{Args: args, Rows: step.Rows}
	reply := run.Run(ctx, compiled.stmt)
	reply.Err = explain(compiled.variant, reply.Err)
	return reply
}
