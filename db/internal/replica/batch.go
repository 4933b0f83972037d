package replica

import (
	"context"
	"slices"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/internal/sqltext"
)

// Batch implements [engine.Batcher]. A batch that only reads runs on the copy.
func (c *conn) Batch(ctx context.Context, b *engine.Batch) ([]engine.Reply, error) {
	writes := func(s engine.Step) bool { return s.Statement.Kind != sqltext.Read }
	if !c.reading && (c.server.InTx() || slices.ContainsFunc(b.Steps, writes)) {
		replies, err := c.server.(engine.Batcher).Batch(ctx, b)
		return replies, c.ofServer(err)
	}
	replies := make([]engine.Reply, len(b.Steps))
	for i := range b.Steps {
		replies[i] = c.step(ctx, &b.Steps[i])
		if replies[i].Err != nil && (b.Around != engine.Independent || ctx.Err() != nil) {
			return replies, nil
		}
	}
	if b.Around == engine.Whole {
		return replies, c.Commit(ctx)
	}
	return replies, nil
}

// step runs one statement.
func (c *conn) step(ctx context.Context, step *engine.Step) (reply engine.Reply) {
	s, err := c.Prepare(ctx, step.Statement)
	if err != nil {
		return engine.Reply{Err: err}
	}
	defer s.Close()
	if step.Rows {
		reply.Rows, reply.Err = engine.ReadAll(ctx, s, step.Args)
	} else {
		reply.Result, reply.Err = s.Exec(ctx, step.Args)
	}
	reply.Done = reply.Err == nil
	return reply
}
