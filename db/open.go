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
	"github.com/duolite/duolite/db/internal/sqlite"
)

// Open opens the database that url names, and makes sure that it answers: a file
// that is no database, a server that is down, a token that is refused are errors
// here, not at the first query. It is [NewConnector] with [sql.OpenDB], a limit on
// open connections ([WithMaxOpenConns]) and a ping; see the package comment for the
// forms of url. The caller closes the pool.
//
// A ctx without a deadline waits as long as the network does.
func Open(ctx context.Context, url string, opts ...Option) (*sql.DB, error) {
	cfg, err := parse(url, opts)
	if err != nil {
		return nil, err
	}
	connector := cfg.connector()
	pool := sql.OpenDB(connector)
	contract.LimitBy(connector, func() int { return pool.Stats().MaxOpenConnections })
	pool.SetMaxOpenConns(cfg.maxOpenConns)
	// As many idle as open: a connection that is closed early costs the next
	// caller all of its set-up.
	pool.SetMaxIdleConns(cfg.maxOpenConns)
	if err := pool.PingContext(ctx); err != nil {
		pool.Close()
		return nil, cfg.openError(err)
	}
	return pool, nil
}

// openError names the database, where err doesn't.
func (c config) openError(err error) error {
	var fileErr *sqlite.FileError
	if errors.As(err, &fileErr) {
		return err
	}
	return fmt.Errorf("open %s: %w", engine.Escape(c.redacted()), err)
}

// NewConnector returns what [Open] opens connections with, for a wrapper such as
// otelsql that wants a [driver.Connector]. It connects to nothing yet. A caller that
// drops the connector without closing a pool made of it closes it, as it implements
// [io.Closer].
func NewConnector(url string, opts ...Option) (driver.Connector, error) {
	cfg, err := parse(url, opts)
	if err != nil {
		return nil, err
	}
	return cfg.connector(), nil
}

// connector returns the driver's connector over the engine that the URL asks for.
func (c config) connector() driver.Connector {
	return contract.NewConnector(c.database(), translate, sqlDriver{})
}

func (c config) database() engine.Database {
	switch {
	case c.engine == SQLite:
		return sqlite.New(c.sqlite)
	case c.clientGo:
		return engine.NewClientGo(c.libsql.URL, c.libsql.Token)
	default:
		c.libsql.MaxConns = c.maxOpenConns
		return hrana.New(c.libsql)
	}
}
