package hrana

import (
	"context"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/db/internal/hrana/wire"
)

// streamLifetime is the idle time after which a stream isn't used again. Servers close a stream
// after 10 s.
const streamLifetime = 8 * time.Second

// A stream is the server's connection to the database, with a transaction, settings and a last
// rowid. Each answer has a baton that the next request must carry.
// https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md#overview-2
type stream struct {
	baton   string // "" before the first answer
	site    *transport.Site
	baseURL string // in the last answer
	used    time.Time
	// lastID is SQLite's last_insert_rowid(), which is 0 on a new stream.
	lastID int64
}

// A risk decides how to handle a request that fails.
type risk struct {
	// bound: the request depends on this stream, which has a transaction.
	bound bool
	// repeat: the request changes nothing, so it may be sent again after a lost answer.
	repeat bool
	// writes: without an answer the outcome of the request is unknown.
	writes bool
	// cleanup: the request ends a transaction, so it is sent after Interrupt as well.
	cleanup bool
}

// call sends a request on the stream, and keeps the replication index.
func (c *conn) call(ctx context.Context, q *wire.Request, r risk) (*wire.Reply, error) {
	return c.withIndex(ctx, q, r, c.send)
}

// send sends a request on the stream.
func (c *conn) send(ctx context.Context, q *wire.Request, r risk) (*wire.Reply, error) {
	var rep *wire.Reply
	err := c.attempt(ctx, r, func() (err error) {
		rep, err = c.pipeline(ctx, q, r.cleanup)
		return err
	})
	return rep, err
}

// attempt calls send, and once more on a new stream if that is safe: if the server didn't know the
// stream or protobuf and ran nothing, or if the answer was lost and the request may be repeated.
func (c *conn) attempt(ctx context.Context, r risk, send func() error) error {
	for first := true; ; first = false {
		if !first {
			c.meter.Repeats++
		}
		if !c.readyStream(r.bound || c.keep) {
			return c.streamGone(r.bound)
		}
		reused, protobuf := c.stream.baton != "", c.db.hasProtobuf.Load()
		err := send()
		if err == nil {
			return nil
		}
		again := first && !r.bound && ctx.Err() == nil
		replaced := protobuf && (isWithout(err) || isNotUnderstood(err))
		if replaced { // another server has taken the place of the one that was probed
			c.db.hasProtobuf.Store(false)
		}
		switch {
		case c.keep && !r.bound && isStreamGone(err):
			return c.streamGone(false)
		case c.keep && isLost(err):
			return c.fail(ctx, err, r)
		case again && reused && isStreamGone(err):
			c.stream = stream{}
		case again && replaced && (isWithout(err) || r.repeat):
			if !c.keep { // the other server doesn't know the stream
				c.stream = stream{}
			}
		case again && r.repeat && isLost(err):
			// Other idle TCP connections may be broken as well.
			c.stream = stream{}
			c.db.client.CloseIdleConnections()
		default:
			return c.fail(ctx, err, r)
		}
	}
}

// streamGone returns the error of a request whose stream is gone, with the transaction or the
// settings that the request depends on.
func (c *conn) streamGone(bound bool) error {
	c.drop()
	if bound {
		return engine.TxLost()
	}
	return &engine.Error{Kind: engine.ErrUnavailable, Message: "the settings of this connection are lost: the server closed its stream, as it does after 10 s without a statement; " +
		"take another connection, and set them again"}
}

// readyStream reports whether the stream can take a request. A bound request needs the current
// stream, and only the server can tell whether that still exists. For other requests readyStream
// forgets a stream that the server may have closed.
func (c *conn) readyStream(bound bool) bool {
	if bound {
		return c.stream.baton != ""
	}
	if c.stream.baton != "" && time.Since(c.stream.used) > streamLifetime {
		c.stream = stream{}
	}
	return true
}

// pipeline sends a request once.
func (c *conn) pipeline(ctx context.Context, q *wire.Request, cleanup bool) (*wire.Reply, error) {
	// A request is often about as long as the last one.
	size := min(c.lastSize+64, 4<<10)
	if q.Batch {
		size += q.Size()
	}
	codec := c.codec(q)
	body, err := codec.AppendPipeline(make([]byte, 0, size), q, c.stream.baton)
	if err != nil {
		return nil, err
	}
	c.lastSize = len(body)
	a, err := c.db.client.Send(ctx, c.site().Pipeline(codec), body, cleanup, &c.meter)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	data, err := a.ReadAll()
	if err != nil {
		return nil, badAnswer(err)
	}
	rep, err := codec.DecodeReply(data, q, c.columns)
	if err != nil {
		return nil, badAnswer(err)
	}
	c.advance(rep.Stream, a.Key)
	return rep, nil
}

// site returns the URLs for the stream's requests.
func (c *conn) site() *transport.Site {
	if c.stream.site != nil {
		return c.stream.site
	}
	return c.db.client.Site()
}

// advance updates the stream from an answer.
func (c *conn) advance(state wire.StreamState, key *transport.Key) {
	c.key = key
	if state.BaseURL != c.stream.baseURL { // most servers send none, or the same each time
		c.stream.site = c.site().Follow(state.BaseURL, key)
		c.stream.baseURL = state.BaseURL
	}
	c.stream.baton = state.Baton
	c.stream.used = time.Now()
}

// drop forgets the stream with its transaction, after an error that leaves their state unknown.
func (c *conn) drop() {
	c.stream = stream{}
	c.lost = c.lost || c.keep
	switch c.state {
	case pending, open:
		c.state = over
	case raw:
		c.state = rawLost
	}
}
