package hrana

import (
	"context"
	"fmt"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/db/internal/hrana/wire"
	"github.com/duolite/duolite/internal/sqltext"
)

// closeTime limits the wait for the server to close a stream.
const closeTime = time.Second

// A conn is a connection. It has at most one stream at a time.
type conn struct {
	db     *database
	stream stream
	state  txState
	mode   engine.Mode    // of the transaction, between Begin and its end
	key    *transport.Key // of the last answer
	cursor *cursorRows    // the cursor that occupies the stream, or nil
	// lastSize is the size of the last request, in bytes.
	lastSize int
	columns  *wire.ColumnCache
	closed   bool
	// keep is set while the stream has settings that the program made. No statement runs
	// without them.
	keep bool
	lost bool // the stream with the settings is gone
	// tryProtobuf is set while the probe finds out whether the server has protobuf.
	tryProtobuf bool
	meter       engine.Meter
}

// Meters implements [engine.Metered].
func (c *conn) Meters() []*engine.Meter { return []*engine.Meter{&c.meter} }

// minProtobufBatch is the size of a batch, in bytes, whose index costs less in protobuf than the batch saves: a
// statement more, instead of a field of the reply.
const minProtobufBatch = 16 << 10

// codec returns the encoding for a request.
func (c *conn) codec(q *wire.Request) wire.Codec {
	switch {
	case !c.tryProtobuf && !c.db.hasProtobuf.Load(), q.Batch && q.WantIndex && q.Size() < minProtobufBatch:
		return wire.JSON
	default:
		return wire.Protobuf
	}
}

// KeepSession implements [engine.Session].
func (c *conn) KeepSession(keep bool) { c.keep = keep }

// Prepare implements [engine.Conn]. It sends nothing.
func (c *conn) Prepare(_ context.Context, st *sqltext.Statement) (engine.Stmt, error) {
	return newStmt(c, st), nil
}

// pingStatement is the statement of Ping.
var pingStatement = &sqltext.Statement{Text: "SELECT 1", Kind: sqltext.Read}

// Ping implements [engine.Conn]. The first call for a database sends the probe.
func (c *conn) Ping(ctx context.Context) error {
	if c.state == idle && !c.db.hasTransactions.Load() {
		return c.probe(ctx)
	}
	_, err := c.run(ctx, pingStatement, wire.Step{SQL: pingStatement.Text})
	return err
}

// Valid implements [engine.Conn]. A connection that lost a transaction of Begin is valid again after
// Rollback. A connection that lost a transaction begun by a statement stays invalid.
func (c *conn) Valid() bool {
	return !c.closed && !c.lost && !c.state.gone()
}

// Close implements [engine.Conn]. It closes the stream on the server: a program that opens and
// closes many connections would otherwise use up the server's streams.
func (c *conn) Close() error {
	if c.closed {
		return nil
	}
	c.closed = true
	if c.cursor != nil {
		c.cursor.abandon()
	}
	if c.db.closed.Load() {
		// The pool was closed while the program used this connection.
		defer c.db.client.CloseIdleConnections()
	}
	if c.stream.baton == "" || time.Since(c.stream.used) > streamLifetime || time.Now().UnixNano() < c.db.noCloseBefore.Load() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	if _, err := c.pipeline(ctx, &wire.Request{Close: true}, true); err != nil && ctx.Err() != nil {
		// A pool closes its connections one after the other: only the first one waits.
		c.db.noCloseBefore.Store(time.Now().Add(streamLifetime).UnixNano())
	}
	c.stream = stream{}
	return nil
}

// Format implements [fmt.Formatter]. It shows the host, and no token.
func (c *conn) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "hrana.Conn(%s)", c.db.client.Host())
}

// freeStream makes the stream ready for a request while a cursor occupies it.
func (c *conn) freeStream(ctx context.Context) error {
	if c.closed {
		return &engine.Error{Message: "the connection is closed"}
	}
	if c.cursor == nil {
		return nil
	}
	if c.state.bound() || c.keep {
		return c.cursor.bufferRest(ctx)
	}
	// Without a transaction or settings the next request may use a new stream. The cursor keeps
	// the current one.
	c.cursor = nil
	c.stream = stream{}
	return nil
}

// ready prepares the stream for statements of a transaction or a script: it frees the stream, and sends the
// probe if they have to wait for it.
func (c *conn) ready(ctx context.Context) error {
	if err := c.freeStream(ctx); err != nil {
		return err
	}
	switch {
	case c.state.gone():
		return engine.TxLost()
	case c.needsProbe(sqltext.Other):
		return c.probe(ctx)
	default:
		return nil
	}
}

// MaxRow implements [engine.Limited]. sqld has this limit, and so has Turso.
func (c *conn) MaxRow() int64 { return 5_000_000 }
