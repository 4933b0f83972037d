package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/duolite/duolite/db/internal/contract"
	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana"
	"github.com/duolite/duolite/db/internal/replica"
	"github.com/duolite/duolite/db/internal/sqlite"
)

// Open opens the database that url names and pings it: a file that is not a database, a server
// that doesn't answer, and a token that the server refuses are errors of Open, not of the
// first query. See the package comment for the forms of url.
//
// Open is [NewConnector] with [sql.OpenDB], a limit on open connections ([WithMaxOpenConns])
// and a ping. The caller closes the pool.
//
// Without a deadline in ctx, Open waits as long as the network does.
func Open(ctx context.Context, url string, opts ...Option) (*sql.DB, error) {
	cfg, err := parse(url, opts)
	if err != nil {
		return nil, err
	}
	var writers room
	cfg.sqlite.Waiter = &writers
	connector := cfg.connector()
	pool := sql.OpenDB(connector)
	contract.LimitBy(connector, func() int { return pool.Stats().MaxOpenConnections })
	ready := false
	defer func() {
		if !ready { // also after a panic of the program's set-up
			pool.Close()
		}
	}()
	pool.SetMaxOpenConns(cfg.maxOpenConns)
	// Keep as many idle connections as open ones: opening a connection again would cost the
	// next caller its whole set-up.
	pool.SetMaxIdleConns(cfg.maxOpenConns)
	if cfg.engine == SQLite && !cfg.maxOpenSet {
		writers.opens(pool, cfg.maxOpenConns)
	}
	if err := pool.PingContext(ctx); err != nil {
		return nil, cfg.openError(err)
	}
	ready = true
	return pool, nil
}

// openError adds the database's name to err, unless err has it already.
func (c config) openError(err error) error {
	if _, ok := errors.AsType[*sqlite.FileError](err); ok {
		return err
	}
	return fmt.Errorf("open %s: %w", engine.Escape(c.redacted()), err)
}

// NewConnector returns the connector that [Open] uses, for a wrapper such as otelsql that
// needs a [driver.Connector]. It opens no connection.
//
// The connector implements [io.Closer]. Closing a pool made with [sql.OpenDB] closes its
// connector; a caller that makes no pool closes the connector itself.
func NewConnector(url string, opts ...Option) (driver.Connector, error) {
	cfg, err := parse(url, opts)
	if err != nil {
		return nil, err
	}
	return cfg.connector(), nil
}

// connector returns the driver's connector for the engine of the URL.
func (c config) connector() driver.Connector {
	connector := contract.NewConnector(c.database(), translate, driverOf)
	contract.TraceBy(connector, c.tracing())
	if len(c.afterConnect) > 0 {
		contract.SetUpBy(connector, c.setUp)
	}
	return connector
}

func (c config) database() engine.Database {
	switch {
	case c.engine == SQLite:
		return sqlite.New(c.sqlite)
	case c.replica != nil:
		r := *c.replica
		c.libsql.MaxConns = c.maxOpenConns
		r.Server, r.Local.BusyTimeout = c.libsql, c.libsql.BusyTimeout
		return replica.New(r)
	case c.clientGo:
		return engine.NewClientGo(c.libsql.URL, c.libsql.Token)
	default:
		c.libsql.MaxConns = c.maxOpenConns
		return hrana.New(c.libsql)
	}
}
