package hrana

import (
	"bufio"
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/db/internal/hrana/wire"
)

const (
	// A cursor that is closed before its last row is read on, within these limits, to keep the
	// stream and the TCP connection.
	maxDiscarded = 64 << 10
	discardTime  = 100 * time.Millisecond
	// A transaction needs its stream again, and so do settings: there the whole rest is read within this time.
	boundDiscardTime = 5 * time.Second
)

// cursorRows are rows that arrive one by one.
// https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md#execute-a-batch-using-a-cursor-json
type cursorRows struct {
	conn    *conn
	ctx     context.Context
	answer  *transport.Answer
	reader  *bufio.Reader
	codec   wire.Codec
	part    []byte     // the last part of the answer
	entry   wire.Entry // decoded from part
	columns []engine.Column
	row     []engine.Value // of NextRow; its bytes belong to part
	bound   bool           // the cursor began in a transaction
	end     error          // returned by Next from now on, unless nil

	buffer   [][]byte // parts that were read ahead
	buffered bool     // all remaining parts are in buffer
}

// openCursor runs a statement that only reads.
func (c *conn) openCursor(ctx context.Context, s wire.Step) (*cursorRows, error) {
	r := risk{bound: c.state.bound()}
	r.repeat = !r.bound
	switch {
	case c.state != idle && !r.bound:
		return nil, engine.TxLost()
	case r.bound:
		s.When = wire.InTransaction
	}
	rows := &cursorRows{conn: c, ctx: ctx, bound: r.bound}
	q := &wire.Request{Steps: []wire.Step{s}}
	if err := c.needIndex(ctx, q, r); err != nil {
		return nil, err
	}
	err := c.attempt(ctx, r, func() error { return rows.send(q) })
	if err != nil {
		return nil, err
	}
	c.cursor = rows
	if err := rows.begin(); err != nil {
		return nil, err
	}
	rows.answer.StopTimeout() // the program decides how long it reads
	return rows, nil
}

// send sends the request, and reads the first part of the answer, which has the stream's state.
func (r *cursorRows) send(q *wire.Request) error {
	c := r.conn
	r.codec = c.codec(q)
	body, err := r.codec.AppendCursor(nil, q, c.stream.baton)
	if err != nil {
		return err
	}
	a, err := c.db.client.Send(r.ctx, c.site().Cursor(r.codec), body, false, &c.meter)
	if err != nil {
		return err
	}
	r.answer, r.reader = a, bufio.NewReaderSize(a, 64<<10)
	part, err := r.readPart()
	var state wire.StreamState
	if err == nil {
		state, err = r.codec.DecodeStream(part)
	}
	if err != nil {
		a.Close()
		return badAnswer(err)
	}
	c.advance(state, a.Key)
	return nil
}

// begin reads up to the columns.
func (r *cursorRows) begin() error {
	for {
		err := r.next()
		switch {
		case err == io.EOF && r.bound: // the server skipped the step
			r.finish(nil)
			r.conn.drop()
			return engine.TxLost()
		case err == io.EOF:
			return r.finish(badAnswer(wire.ErrSyntax))
		case err != nil:
			return r.finish(err)
		case r.entry.Kind == "step_begin":
			r.columns = r.entry.Columns
			return nil
		}
	}
}

// Streams implements [engine.Streamer].
func (r *cursorRows) Streams() {}

// Columns implements [engine.Rows].
func (r *cursorRows) Columns() []engine.Column {
	return r.columns
}

var _ engine.RowReader = (*cursorRows)(nil)

// Next implements [engine.Rows].
func (r *cursorRows) Next(dest []driver.Value) error {
	if err := r.advance(); err != nil {
		return err
	}
	return valueError(wire.ReadRow(dest, r.entry.Values, r.part))
}

// NextRow implements [engine.RowReader].
func (r *cursorRows) NextRow() (err error) {
	if err := r.advance(); err != nil {
		return err
	}
	r.row, err = wire.AppendRow(r.row[:0], r.entry.Values, r.part)
	return valueError(err)
}

// Value implements [engine.RowReader].
func (r *cursorRows) Value(i int) (engine.Value, error) { return r.row[i], nil }

// advance goes to the next row.
func (r *cursorRows) advance() error {
	for r.end == nil {
		err := r.next()
		switch {
		case err == io.EOF:
			return r.finish(badAnswer(io.ErrUnexpectedEOF))
		case err != nil:
			return r.finish(err)
		case r.entry.Kind == "step_end":
			return r.finish(nil)
		case r.entry.Kind == "row":
			if len(r.entry.Values) != len(r.columns) {
				return r.finish(badAnswer(wire.ErrSyntax))
			}
			return nil
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

// finish ends the rows with err, or with io.EOF after the last row. It returns the error for Next.
func (r *cursorRows) finish(err error) error {
	attached := r.conn.cursor == r
	if attached {
		r.conn.cursor = nil
	}
	var e *engine.Error
	switch {
	case err == nil:
		r.end = io.EOF
	case errors.As(err, &e): // of the statement; the stream goes on
		r.end = e
	default:
		var lost bool
		r.end, lost = wrapSendError(r.ctx, err, risk{bound: r.bound})
		if attached && lost {
			r.conn.drop()
		}
		r.answer.Close()
		return r.end
	}
	if !r.buffered {
		// One or two parts are left.
		if _, err := io.CopyN(io.Discard, r.reader, maxDiscarded); err != io.EOF && attached {
			r.conn.drop()
		}
		r.answer.Close()
	}
	return r.end
}

// abandon ends the rows before the last one.
func (r *cursorRows) abandon() {
	r.end = io.EOF
	if r.buffered {
		r.buffer = nil
		return
	}
	attached := r.conn.cursor == r
	if attached {
		r.conn.cursor = nil
	}
	rest, limit := int64(maxDiscarded), discardTime
	if attached && (r.conn.state.bound() || r.conn.keep) && !r.conn.closed {
		rest, limit = 1<<62, boundDiscardTime
	}
	timer := time.AfterFunc(limit, func() { r.answer.Cancel(nil) })
	defer timer.Stop()
	if _, err := io.CopyN(io.Discard, r.reader, rest); err != io.EOF && attached {
		r.conn.drop()
	}
	r.answer.Close()
}
