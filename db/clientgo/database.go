// Package clientgo lets [db.WithLibSQLClientGo] reach libSQL servers by
// github.com/tursodatabase/libsql-client-go, the client that libSQL's makers wrote and no longer
// keep. A program that uses the option imports this package for its effect:
//
//	import _ "github.com/duolite/duolite/db/clientgo"
//
// Other programs don't carry the client: it and its parser are some 1.3 MB of a program, and it
// registers the name "libsql" with database/sql, which go-libsql does as well.
//
// The client parses SQL itself, has no codes in its errors, and opens and closes a stream for
// each statement outside of a transaction. docs/differences.md lists the effects.
package clientgo

import (
	"context"
	"database/sql/driver"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/tursodatabase/libsql-client-go/libsql"
)

func init() { engine.NewClientGo = newDatabase }

// newDatabase returns the server's database. It sends nothing.
func newDatabase(url string, token func(context.Context) (string, error)) engine.Database {
	return database{url, token}
}

type database struct {
	url   string // http:// or https://, without parameters
	token func(context.Context) (string, error)
}

// Connect implements [engine.Database]. It sends nothing: the client opens a stream with
// its first statement.
func (d database) Connect(ctx context.Context) (engine.Conn, error) {
	var opts []libsql.Option
	if d.token != nil {
		token, err := d.token(ctx)
		if err != nil {
			return nil, err
		}
		if token != "" {
			opts = append(opts, libsql.WithAuthToken(token))
		}
	}
	connector, err := libsql.NewConnector(d.url, opts...)
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
