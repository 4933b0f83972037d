package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"flag"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/duolite/duolite/db"
)

// settings replace duolite's defaults. They are written as a URL's query: "conns", "idle"
// and "cache" for the pool, and PRAGMAs for each connection.
var settings = flag.String("settings", "", "what to set in place of the defaults, such as conns=4&cache_size=-8000")

// open opens a database, with the defaults unless settings are given.
func open(ctx context.Context, target string) (*sql.DB, error) {
	values, err := url.ParseQuery(*settings)
	if err != nil || len(values) == 0 {
		return db.Open(ctx, target)
	}
	conns, idle, cache := 16, 16, 64<<20
	for name, n := range map[string]*int{"conns": &conns, "idle": &idle, "cache": &cache} {
		if values.Has(name) {
			if *n, err = strconv.Atoi(values.Get(name)); err != nil {
				return nil, err
			}
			values.Del(name)
		}
	}
	opts := []db.Option{db.WithMaxOpenConns(conns)}
	if !strings.Contains(target, "://") {
		opts = append(opts, db.WithCacheSize(int64(cache)))
	}
	connector, err := db.NewConnector(target, opts...)
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(&settingConnector{connector, values})
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(min(conns, idle))
	return pool, pool.PingContext(ctx)
}

// A settingConnector runs PRAGMAs on each new connection.
type settingConnector struct {
	driver.Connector
	pragmas url.Values
}

// Connect implements [driver.Connector].
func (c *settingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	for name := range c.pragmas {
		pragma := fmt.Sprintf("PRAGMA %s = %s", name, c.pragmas.Get(name))
		if _, err := conn.(driver.ExecerContext).ExecContext(ctx, pragma, nil); err != nil {
			conn.Close()
			return nil, err
		}
	}
	return conn, nil
}
