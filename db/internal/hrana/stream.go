package hrana

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
)

const (
	// streamLife is for how long a stream is taken to be there. Servers close one
	// that is idle for 10 s.
	streamLife = 8 * time.Second
	// maxReply bounds the reply to a pipeline, which is held in memory. sqld's own
	// limit is 10 MB before escapes; what is larger comes row by row, by a cursor.
	maxReply = 64 << 20
	// maxAhead bounds the memory that is set aside for a reply before it is there.
	maxAhead = 4 << 20
)

// A stream is the server's connection to the database, with the state that SQLite has
// of one. Each answer has a baton for the next request.
// https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md#overview-2
type stream struct {
	baton string
	site  *site  // nil: the database's
	said  string // the URL that the server has named
	used  time.Time
	// lastID is SQLite's last_insert_rowid(): 0 on a new stream.
	lastID int64
}

// A risk is what may be done about a request that goes wrong.
type risk struct {
	// bound: it makes sense only on this stream, which has a transaction.
	bound bool
	// repeat: it may be sent again without an answer: it changes nothing.
	repeat bool
	// writes: without an answer it isn't known what has been written.
	writes bool
}

var errTooLong = fmt.Errorf("the answer is larger than %d MiB", maxReply>>20)

// call sends a request on the stream.
func (c *conn) call(ctx context.Context, q *request, r risk) (*reply, error) {
	var rep *reply
	err := c.attempt(ctx, r, func() (err error) {
		rep, err = c.pipeline(ctx, q)
		return err
	})
	return rep, err
}

// attempt calls send, and once more if that is safe: the server doesn't know the
// stream, so that nothing ran, or there is no answer to what may be repeated.
func (c *conn) attempt(ctx context.Context, r risk, send func() error) error {
	for first := true; ; first = false {
		if !c.readyStream(r.bound || c.keep) {
			return c.streamGone(r.bound)
		}
		reused := c.stream.baton != ""
		err := send()
		if err == nil {
			return nil
		}
		again := first && !r.bound && ctx.Err() == nil
		switch {
		case c.keep && !r.bound && isStreamGone(err):
			return c.streamGone(false)
		case c.keep && isLost(err):
			return c.fail(ctx, err, r)
		case again && reused && isStreamGone(err):
			c.stream = stream{}
		case again && r.repeat && isLost(err):
			// The connection may not be the only one that is no more.
			c.stream = stream{}
			c.db.transport.CloseIdleConnections()
		default:
			return c.fail(ctx, err, r)
		}
	}
}

// streamGone returns the error of a statement whose stream isn't there any more, with the
// transaction or the settings that it needs.
func (c *conn) streamGone(bound bool) error {
	c.drop()
	if bound {
		return engine.TxOver()
	}
	return errSettingsLost()
}

// readyStream forgets a stream that the server may have closed by now, except one
// with a transaction, of which the server is to say. It reports whether there is one
// if there must be.
func (c *conn) readyStream(bound bool) bool {
	if bound {
		return c.stream.baton != ""
	}
	if c.stream.baton != "" && time.Since(c.stream.used) > streamLife {
		c.stream = stream{}
	}
	return true
}

// pipeline sends a request once.
func (c *conn) pipeline(ctx context.Context, q *request) (*reply, error) {
	// The next request is often about as long as the last.
	size := min(c.size+64, 4<<10)
	if q.batch {
		size += q.size()
	}
	body, err := q.appendPipeline(make([]byte, 0, size), c.stream.baton)
	if err != nil {
		return nil, err
	}
	c.size = len(body)
	a, err := c.db.exchange(ctx, c.life, c.site().pipeline, body, q.ends)
	if err != nil {
		return nil, err
	}
	defer a.close()
	c.life = a.life
	data, err := readReply(a, c.spare.takeData())
	if err != nil {
		return nil, &sendError{true, err}
	}
	rep, err := (&scanner{data: data, known: c.known, spare: &c.spare}).reply(q.results())
	if err == nil {
		err = q.check(rep)
	}
	if err != nil {
		return nil, &sendError{true, err}
	}
	c.advance(rep.stream, a.key)
	return rep, nil
}

// readReply reads an answer to its end, into data if there is room. Most say how long they are.
func readReply(a *answer, data []byte) ([]byte, error) {
	if size := min(max(a.length, 511), maxAhead) + 1; int64(cap(data)) < size {
		data = make([]byte, 0, size)
	}
	for {
		if len(data) == cap(data) {
			data = slices.Grow(data, len(data))
		}
		n, err := a.body.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case len(data) > maxReply:
			return nil, errTooLong
		case err == io.EOF:
			return data, nil
		case err != nil:
			return nil, a.key.redactError(a.life.cause(err))
		}
	}
}

// check looks whether the answers are those of what was asked.
func (q *request) check(rep *reply) error {
	rest := rep.results
	next := func(kind string) bool {
		r := rest[0]
		rest = rest[1:]
		return r.err != nil || r.kind == kind
	}
	ok := true
	if q.batch {
		steps := &rest[0]
		ok = next("batch") && (steps.err != nil || len(steps.steps) == len(q.steps))
	} else if len(q.steps) > 0 {
		ok = next("execute")
	}
	if q.describe != "" {
		ok = ok && next("describe")
	}
	if q.autocommit && ok {
		ok = rest[0].err == nil && next("get_autocommit")
	}
	if !ok {
		return errSyntax
	}
	return nil
}

// site returns where the stream's requests go.
func (c *conn) site() *site {
	if c.stream.site != nil {
		return c.stream.site
	}
	return c.db.base
}

// advance keeps what an answer says of the stream.
func (c *conn) advance(said streamState, bearer *key) {
	c.key = bearer
	if said.baseURL != c.stream.said { // most say nothing, or the same each time
		present := c.site().url
		if next := streamBase(said.baseURL, present, bearer.token != ""); next != present {
			c.stream.site = newSite(next)
		}
		c.stream.said = said.baseURL
	}
	c.stream.baton = said.baton
	c.stream.used = time.Now()
}

// drop forgets the stream, and with it the transaction: its state isn't known.
func (c *conn) drop() {
	c.stream = stream{}
	c.lost = c.lost || c.keep
	switch c.state {
	case pending, open:
		c.state = over
	case raw:
		c.state = rawOver
	}
}
