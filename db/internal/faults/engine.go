package faults

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/duolite/duolite/db"
)

// An Engine is a client for a server.
type Engine struct {
	// Name is the name in the results.
	Name string
	// Open opens a pool on a URL that begins with http://.
	Open func(ctx context.Context, url string) (*sql.DB, error)
	// Foreign is set for a client without package db's promises. Workloads with package db's
	// own functions don't run with it.
	Foreign bool
}

// Ours returns package db's client with the given options.
func Ours(opts ...db.Option) Engine {
	return Engine{
		Name: "duolite",
		Open: func(ctx context.Context, url string) (*sql.DB, error) {
			return db.Open(ctx, url, opts...)
		},
	}
}

// maxConns is the number of connections of a client. It is small, so that connections that met
// a fault are used again.
const maxConns = 4

// A client is a pool with additional state for workloads.
type client struct {
	engine  Engine
	pool    *sql.DB
	release func() // closes streams that faults have lost, so that others needn't wait for their locks
	direct  bool   // there is no proxy
	// ctx is the parent context of statements. It ends when the program gives up.
	ctx      context.Context
	violated func(text string) // reports a violation of the promises about transactions
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
	return context.WithTimeout(c.ctx, bound)
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

// again returns the option that releases lost streams before InTx tries again.
func (c *client) again() db.TxOption {
	return db.WithRetryHook(func(context.Context, db.Retry) { c.release() })
}
