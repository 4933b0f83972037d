package replica

import (
	"cmp"
	"context"
	"slices"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/internal/sqltext"
)

// A conn is a connection: one to the copy and one to the server. A read transaction is one of the copy,
// any other transaction is one of the server.
type conn struct {
	db     *database
	follow *follower
	local  engine.Conn
	server engine.Conn
	// reading is set between Begin and the end of a read transaction.
	reading bool
}

var (
	_ engine.Conn    = (*conn)(nil)
	_ engine.Batcher = (*conn)(nil)
	_ engine.Session = (*conn)(nil)
)

// Begin implements [engine.Conn].
func (c *conn) Begin(ctx context.Context, mode engine.Mode) error {
	if mode != engine.Read {
		return c.server.Begin(ctx, mode)
	}
	if err := c.db.awaitWrites(ctx, c.follow); err != nil {
		return err
	}
	err := c.local.Begin(ctx, mode)
	c.reading = err == nil
	return err
}

// Commit implements [engine.Conn].
func (c *conn) Commit(ctx context.Context) error {
	if !c.reading {
		return c.ofServer(c.server.Commit(ctx))
	}
	err := c.local.Commit(ctx)
	c.reading = err != nil && c.local.InTx()
	return err
}

// Rollback implements [engine.Conn].
func (c *conn) Rollback(ctx context.Context) error {
	if !c.reading {
		return c.server.Rollback(ctx)
	}
	err := c.local.Rollback(ctx)
	c.reading = c.local.InTx()
	return err
}

// InTx implements [engine.Conn].
func (c *conn) InTx() bool {
	if c.reading {
		return c.local.InTx()
	}
	return c.server.InTx()
}

// ExecAll implements [engine.Conn]. In a read transaction it sets savepoints and reads.
func (c *conn) ExecAll(ctx context.Context, all []sqltext.Statement) (engine.Result, error) {
	if c.reading {
		return c.local.ExecAll(ctx, all)
	}
	result, err := c.server.ExecAll(ctx, all)
	return result, c.ofServer(err)
}

// Ping implements [engine.Conn]. The copy answers, so that a program works without the server.
func (c *conn) Ping(ctx context.Context) error {
	if c.server.InTx() {
		return c.ofServer(c.server.Ping(ctx))
	}
	return c.local.Ping(ctx)
}

// Valid implements [engine.Conn].
func (c *conn) Valid() bool { return c.local.Valid() && c.server.Valid() }

// Close implements [engine.Conn].
func (c *conn) Close() error { return cmp.Or(c.local.Close(), c.server.Close()) }

// KeepSession implements [engine.Session]. Settings are the server's.
func (c *conn) KeepSession(keep bool) { c.server.(engine.Session).KeepSession(keep) }

// MaxRow implements [engine.Limited].
func (c *conn) MaxRow() int64 { return c.server.(engine.Limited).MaxRow() }

// Meters implements [engine.Metered]. They don't count the requests that keep the copy up to date.
func (c *conn) Meters() []*engine.Meter {
	return append(c.local.(engine.Metered).Meters(), c.server.(engine.Metered).Meters()...)
}

// FileCounts implements [engine.FileCounter].
func (c *conn) FileCounts() engine.FileCounts { return c.local.(engine.FileCounter).FileCounts() }

// ofServer returns an error of the server for the program.
func (c *conn) ofServer(err error) error { return c.db.offline(c.follow, err) }

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
