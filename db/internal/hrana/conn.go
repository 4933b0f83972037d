package hrana

import (
	"context"
	"fmt"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqltext"
)

// closeTime bounds the wait for the server to close a stream.
const closeTime = time.Second

// A conn is a connection: a stream at a time.
type conn struct {
	db     *database
	stream stream
	state  txState
	mode   engine.Mode // of the transaction, between Begin and its end
	key    *key        // that of the last answer
	cursor *cursorRows // that the stream is busy with, or nil
	size   int         // of the last request, in bytes
	known  *knownColumns
	life   *life // that of the last request, or nil
	spare  spare
	closed bool
	// keep: the stream has settings that the program has made. Without them no statement
	// runs.
	keep bool
	lost bool // the stream is gone, and with it the settings
}

// KeepSession implements [engine.Session].
func (c *conn) KeepSession(keep bool) { c.keep = keep }

// errSettingsLost is the error of a statement after the server has closed a stream with
// settings.
func errSettingsLost() *engine.Error {
	return &engine.Error{Kind: engine.ErrUnavailable, Message: "the settings of this connection are lost: the server closed its stream, as it does after 10 s without a statement; " +
		"take another connection, and set them again"}
}

// Prepare implements [engine.Conn]. It sends nothing.
func (c *conn) Prepare(_ context.Context, st *sqltext.Statement) (engine.Stmt, error) {
	return newStmt(c, st), nil
}

// Ping implements [engine.Conn]. The first one finds out whether the database has
// transactions.
func (c *conn) Ping(ctx context.Context) error {
	if c.state == idle && !c.db.hasTx.Load() {
		return c.probe(ctx)
	}
	_, err := c.run(ctx, sqltext.Read, step{sql: "SELECT 1"})
	return err
}

// Valid implements [engine.Conn]. A connection whose transaction was lost may serve
// again once it is rolled back; if a program had begun it itself, never.
func (c *conn) Valid() bool {
	return !c.closed && !c.lost && c.state != over && c.state != rawOver
}

// Close implements [engine.Conn]. It closes the stream, lest a program that opens and
// closes many keeps more of them busy than the server has.
func (c *conn) Close() error {
	if c.closed {
		return nil
	}
	c.closed = true
	if c.cursor != nil {
		c.cursor.abandon()
	}
	if c.db.closed.Load() {
		// It was borrowed when the pool was closed: nothing is to be left of it.
		defer c.db.transport.CloseIdleConnections()
	}
	if c.stream.baton == "" || time.Since(c.stream.used) > streamLife || time.Now().UnixNano() < c.db.silent.Load() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	if _, err := c.pipeline(ctx, &request{close: true, ends: true}); err != nil && ctx.Err() != nil {
		// A pool closes its connections one after the other.
		c.db.silent.Store(time.Now().Add(streamLife).UnixNano())
	}
	c.stream = stream{}
	return nil
}

// Format implements [fmt.Formatter]: what is inside is nobody's business.
func (c *conn) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "hrana.Conn(%s)", c.db.base.url.Host)
}

// describe asks whether a statement compiles, and whether it only reads.
func (c *conn) describe(ctx context.Context, text string) (readOnly bool, err error) {
	if readOnly, known := c.db.wasDescribed(text); known {
		return readOnly, nil
	}
	if c.state == over || c.state == rawOver {
		return false, engine.TxOver()
	}
	if err := c.freeStream(ctx); err != nil {
		return false, err
	}
	bound := c.state.bound()
	rep, err := c.call(ctx, &request{describe: text}, risk{bound: bound, repeat: !bound})
	if err != nil {
		return false, err
	}
	first := rep.results[0]
	if first.err != nil {
		return false, first.err.translate(c.key)
	}
	if !bound { // what a transaction has changed may not last
		c.db.setDescribed(text, first.readOnly)
	}
	return first.readOnly, nil
}

// freeStream makes the stream ready for another request than those of a cursor.
func (c *conn) freeStream(ctx context.Context) error {
	if c.closed {
		return &engine.Error{Message: "the connection is closed"}
	}
	if c.cursor == nil {
		return nil
	}
	if c.state.bound() || c.keep {
		return c.cursor.hold(ctx)
	}
	// Without a transaction any stream will do, and the cursor keeps its own.
	c.cursor = nil
	c.stream = stream{}
	return nil
}
