package hrana

import (
	"context"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/wire"
)

// AssumeTransactions makes a database skip the probe, so that a test counts its own requests
// only. The server must have protobuf.
func AssumeTransactions(d engine.Database) {
	d.(*database).hasTransactions.Store(true)
	d.(*database).hasProtobuf.Store(true)
}

// AssumeJSON makes a database send JSON only, to a server of the test that has no protobuf.
func AssumeJSON(d engine.Database) { d.(*database).hasProtobuf.Store(false) }

// Behind runs a statement on a connection's stream, which the connection doesn't know of.
func Behind(ctx context.Context, c engine.Conn, sql string) error {
	_, err := c.(*conn).pipeline(ctx, &wire.Request{Steps: []wire.Step{{SQL: sql}}}, false)
	return err
}
