// Package hrana is the engine for libSQL servers: sqld and Turso. It implements version 3 of the
// Hrana protocol over HTTP, in protobuf if the server has it, and otherwise in JSON.
// https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md
//
// A connection keeps one stream of the server while it is in use. A statement takes one request. A
// request that the server may have run is sent again only if it doesn't write.
//
// Package wire has the bytes of requests and replies. Package transport sends them.
package hrana

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/db/internal/hrana/wire"
)

// A database is a database on a server. It is safe for concurrent use.
type database struct {
	client *transport.Client
	err    error // from New; client is nil then
	// noCloseBefore is a time in Unix nanoseconds. Until then connections don't close their
	// streams, because the server hasn't answered the last such request.
	noCloseBefore   atomic.Int64
	closed          atomic.Bool
	hasTransactions atomic.Bool // the result of the probe
	hasProtobuf     atomic.Bool // likewise
	described       describeCache
	index           *Index
}

// New returns the database. It sends nothing. Connect returns the error of a malformed URL.
func New(cfg transport.Config) engine.Database { return NewIndexed(cfg, &Index{}) }

// NewIndexed is New with an index that is shared with other databases of the same server.
func NewIndexed(cfg transport.Config, index *Index) engine.Database {
	client, err := transport.New(cfg)
	return &database{client: client, err: err, index: index}
}

// Connect implements [engine.Database]. It sends nothing: the first statement opens a stream.
func (d *database) Connect(ctx context.Context) (engine.Conn, error) {
	if d.err != nil {
		return nil, d.err
	}
	if err := d.client.FetchToken(ctx); err != nil {
		return nil, err
	}
	return &conn{db: d, columns: wire.NewColumnCache()}, nil
}

// Interrupt implements [engine.Database].
func (d *database) Interrupt() {
	if d.client != nil {
		d.client.Interrupt()
	}
}

// Close implements [engine.Database].
func (d *database) Close() error {
	d.closed.Store(true)
	if d.client != nil {
		d.client.CloseIdleConnections()
	}
	return nil
}

// Format implements [fmt.Formatter]. It shows the host, and no token.
func (d *database) Format(f fmt.State, _ rune) {
	host := ""
	if d.client != nil {
		host = d.client.Host()
	}
	fmt.Fprintf(f, "hrana.Database(%s)", host)
}
