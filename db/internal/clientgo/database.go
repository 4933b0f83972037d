// Package clientgo is the engine for libSQL servers over
// github.com/tursodatabase/libsql-client-go, the client that libSQL's makers wrote and no
// longer keep. It is there for comparison, and for who must have it; package hrana
// is what db.Open uses.
//
// The client parses SQL itself, has no codes in its errors, and opens and closes a
// stream for each statement outside of a transaction. What of that shows above the
// contract is in docs/differences.md.
package clientgo

import (
	"context"
	"database/sql/driver"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/tursodatabase/libsql-client-go/libsql"
)

// Config names a server.
type Config struct {
	// URL is the server's address, http:// or https://, without parameters.
	URL string
	// Token is asked for the token at each connection; nil or "" is none.
	Token func(context.Context) (string, error)
}

// New returns the server's database. It sends nothing.
func New(cfg Config) engine.Database {
	return database{cfg}
}

type database struct {
	cfg Config
}

// Connect implements [engine.Database]. It sends nothing: the client opens a stream with
// its first statement.
func (d database) Connect(ctx context.Context) (engine.Conn, error) {
	var opts []libsql.Option
	if d.cfg.Token != nil {
		token, err := d.cfg.Token(ctx)
		if err != nil {
			return nil, err
		}
		if token != "" {
			opts = append(opts, libsql.WithAuthToken(token))
		}
	}
	connector, err := libsql.NewConnector(d.cfg.URL, opts...)
	if err != nil {
		return nil, err
	}
	inner, err := connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &conn{inner: inner.(clientConn)}, nil
}

// Interrupt implements [engine.Database]. The client has no way to end a request but its
// context.
func (d database) Interrupt() {}

// Close implements [engine.Database].
func (d database) Close() error { return nil }

// clientConn is what the client's connections can do.
type clientConn interface {
	driver.Conn
	driver.ExecerContext
	driver.QueryerContext
	driver.SessionResetter
}
