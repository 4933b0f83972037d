package hrana

import (
	"bufio"
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
)

const (
	// maxLine bounds a line of a cursor, which is a row: as many values as a
	// reply may have in one.
	maxLine = maxReply
	// A cursor that isn't read to its end is read on for as long as this, and as
	// far: it saves the stream and the connection.
	maxRest  = 64 << 10
	restTime = 100 * time.Millisecond
	// In a transaction all of it is read, as the stream is needed again.
	boundRestTime = 5 * time.Second
)

// cursorRows are rows that come one by one.
// https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md#execute-a-batch-using-a-cursor-json
type cursorRows struct {
	conn    *conn
	ctx     context.Context
	answer  *answer
	reader  *bufio.Reader
	line    []byte // the last one
	held    [][]byte
	holding bool // nothing is left to read but held
	columns []engine.Column
	values  []value // the last row's
	bound   bool    // it began in a transaction
	end     error   // what Next returns from now on
}

// openCursor runs a statement that only reads.
func (c *conn) openCursor(ctx context.Context, s step) (*cursorRows, error) {
	r := risk{bound: c.state.bound()}
	r.repeat = !r.bound
	switch {
	case c.state != idle && !r.bound:
		return nil, engine.TxOver()
	case r.bound:
		s.when = inTransaction
	}
	rows := &cursorRows{conn: c, ctx: ctx, bound: r.bound}
	err := c.attempt(ctx, r, func() error { return rows.open(&request{steps: []step{s}}) })
	if err != nil {
		return nil, err
	}
	c.cursor = rows
	if err := rows.begin(); err != nil {
		return nil, err
	}
	rows.answer.life.unlimit() // from here on it takes as long as the program takes
	return rows, nil
}

// open sends the request, and reads the first line, which is about the stream.
func (r *cursorRows) open(q *request) error {
	c := r.conn
	body, err := q.appendCursor(nil, c.stream.baton)
	if err != nil {
		return err
	}
	a, err := c.db.exchange(r.ctx, nil, c.site().cursor, body, false)
	if err != nil {
		return err
	}
	r.answer, r.reader = a, bufio.NewReaderSize(a.body, 64<<10)
	line, err := r.readLine()
	var state streamState
	if err == nil {
		s := &scanner{data: line}
		err = s.object(func(key []byte) error { return state.field(s, key) })
	}
	if err != nil {
		a.close()
		return &sendError{true, err}
	}
	c.advance(state, a.key)
	return nil
}

// begin reads up to the columns.
func (r *cursorRows) begin() error {
	for {
		e, err := r.entry()
		switch {
		case err != nil:
			return r.finish(err)
		case e.kind == "step_begin":
			r.columns = e.columns
			return nil
		case e.kind == "end" && r.bound:
			// The step was skipped.
			r.finish(nil)
			r.conn.drop()
			return engine.TxOver()
		case e.kind == "end":
			return r.finish(&sendError{true, errSyntax})
		}
	}
}

// Columns implements [engine.Rows].
func (r *cursorRows) Columns() []engine.Column {
	return r.columns
}

// Next implements [engine.Rows].
func (r *cursorRows) Next(dest []driver.Value) error {
	for r.end == nil {
		e, err := r.entry()
		switch {
		case err != nil:
			return r.finish(err)
		case e.kind == "step_end":
			return r.finish(nil)
		case e.kind == "end":
			return r.finish(&sendError{true, io.ErrUnexpectedEOF})
		case e.kind == "row":
			if len(r.values) != len(r.columns) {
				return r.finish(&sendError{true, errSyntax})
			}
			return readValues(dest, r.values, r.line)
		}
	}
	return r.end
}

// Close implements [engine.Rows].
func (r *cursorRows) Close() error {
	if r.end == nil {
		r.abandon()
	}
	return nil
}

// drain reads all rows, for nothing but their error.
func (r *cursorRows) drain() error {
	for {
		if err := r.Next(nil); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// finish ends the rows, because of err or because that was the last. It returns what
// Next does.
func (r *cursorRows) finish(err error) error {
	attached := r.conn.cursor == r
	if attached {
		r.conn.cursor = nil
	}
	var e *engine.Error
	switch {
	case err == nil:
		r.end = io.EOF
	case errors.As(err, &e): // the statement's: the rest is fine
		r.end = e
	default:
		var lost bool
		r.end, lost = explain(r.ctx, err, risk{bound: r.bound})
		if attached && lost {
			r.conn.drop()
		}
		r.answer.close()
		return r.end
	}
	if !r.holding {
		// What is left is a line or two.
		if _, err := io.CopyN(io.Discard, r.reader, maxRest); err != io.EOF && attached {
			r.conn.drop()
		}
		r.answer.close()
	}
	return r.end
}

// abandon ends the rows before the last. In a transaction the stream is needed again.
func (r *cursorRows) abandon() {
	r.end = io.EOF
	if r.holding {
		r.held = nil
		return
	}
	attached := r.conn.cursor == r
	if attached {
		r.conn.cursor = nil
	}
	rest, limit := int64(maxRest), restTime
	if attached && r.conn.state.bound() && !r.conn.closed {
		rest, limit = 1<<62, boundRestTime
	}
	timer := time.AfterFunc(limit, func() { r.answer.life.cancel(nil) })
	defer timer.Stop()
	if _, err := io.CopyN(io.Discard, r.reader, rest); err != io.EOF && attached {
		r.conn.drop()
	}
	r.answer.close()
}
