package replica

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/internal/sqltext"
)

// A Conn is a connection of this engine, for package db.
type Conn interface {
	// State returns the state of the copy.
	State() State
	// Sync waits until the copy has all that the server had when Sync was called.
	Sync(context.Context) (State, error)
	// Detach writes an ordinary database with the copy's content to a new file.
	Detach(ctx context.Context, path string) error
}

var _ Conn = (*conn)(nil)

// State implements [Conn].
func (c *conn) State() State { return c.follow.State() }

// Sync implements [Conn].
func (c *conn) Sync(ctx context.Context) (State, error) {
	err := c.db.await(ctx, func(ctx context.Context) error { return c.db.awaitServer(ctx, c.follow, 24*time.Hour) })
	s := c.follow.State()
	if e, is := err.(*engine.Error); is && s.Err == nil { // the follower hasn't noticed yet
		s.Err = e
	}
	return s, c.ofServer(err)
}

// Detach implements [Conn].
func (c *conn) Detach(ctx context.Context, path string) error {
	if c.InTx() {
		return fmt.Errorf("a transaction is open on this connection; detach outside of it")
	}
	if err := c.db.awaitWrites(ctx, c.follow); err != nil {
		return err
	}
	run := func(text string) error {
		_, err := c.local.ExecAll(ctx, []sqltext.Statement{{Text: text, Kind: sqltext.Outside}})
		return err
	}
	// The connection may write another file.
	err := run("PRAGMA query_only = OFF")
	if err == nil {
		err = run("VACUUM INTO '" + strings.ReplaceAll(path, "'", "''") + "'")
	}
	return cmp.Or(err, run("PRAGMA query_only = ON"))
}
