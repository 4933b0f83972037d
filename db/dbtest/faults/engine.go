package faults

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/duolite/duolite/db"
)

// An Engine is a client for a server.
type Engine struct {
	// Name is how results call it.
	Name string
	// Open opens a pool on a URL that begins with http://.
	Open func(ctx context.Context, url string) (*sql.DB, error)
	// Foreign is a client that doesn't promise what package db does. Workloads of
	// package db's own functions aren't run with it.
	Foreign bool
}

// Ours returns package db's client, opened with the given options.
func Ours(opts ...db.Option) Engine {
	return Engine{
		Name: "duolite",
		Open: func(ctx context.Context, url string) (*sql.DB, error) {
			return db.Open(ctx, url, opts...)
		},
	}
}

// maxConns is how many connections a client has. Few, so that those that a fault has hurt
// are used again.
const maxConns = 4

// A client is a pool with what workloads need.
type client struct {
	engine  Engine
	pool    *sql.DB
	release func() // what faults have cost it, lest others wait for the locks
	direct  bool   // there is no proxy
	// patience is the context of the statements: it ends when the program gives up.
	patience context.Context
	breach   func(text string) // reports a breach of promises about transactions
}

func (c *client) open(ctx context.Context, url string) (err error) {
	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	if c.pool, err = c.engine.Open(ctx, url); err != nil {
		return fmt.Errorf("open: %w", err)
	}
	c.pool.SetMaxOpenConns(maxConns)
	c.pool.SetMaxIdleConns(maxConns)
	return nil
}

// statement returns the context of one statement.
func (c *client) statement() (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.patience, bound)
}

func (c *client) exec(q execer, text string, args ...any) error {
	ctx, cancel := c.statement()
	defer cancel()
	_, err := q.ExecContext(ctx, text, args...)
	return err
}

type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// again is what InTx does before it tries once more.
func (c *client) again() db.TxOption {
	return db.WithRetryHook(func(context.Context, db.Retry) { c.release() })
}
