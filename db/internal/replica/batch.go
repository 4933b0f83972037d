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
	return engine.RunEach(ctx, c, b.Around, len(b.Steps), func(i int) engine.Reply { return c.step(ctx, &b.Steps[i]) })
}

// step runs one statement.
func (c *conn) step(ctx context.Context, step *engine.Step) engine.Reply {
	s, err := c.Prepare(ctx, step.Statement)
	if err != nil {
		return engine.Reply{Err: err}
	}
	defer s.Close()
	return step.Run(ctx, s)
}
