package hrana

import (
	"bufio"
	"bytes"
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
	// maxHeld bounds the rows that are held in memory while the stream does
	// something else.
	maxHeld = 256 << 20
	// A cursor that isn't read to its end is read on for as long as this, and as
	// far: it saves the stream and the connection.
	maxRest  = 64 << 10
	restTime = 100 * time.Millisecond
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
		return nil, txOver()
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
	rows.answer.stop() // from here on it takes as long as the program takes
	return rows, nil
}

// open sends the request, and reads the first line, which is about the stream.
func (r *cursorRows) open(q *request) error {
	c := r.conn
	body := &payload{}
	var err error
	if body.data, err = q.appendCursor(nil, c.stream.baton); err != nil {
		return err
	}
	a, err := c.db.exchange(r.ctx, c.base(), "cursor", body)
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
			return txOver()
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
	rest := int64(maxRest)
	if attached && r.conn.state.bound() && !r.conn.closed {
		rest = 1 << 62
	} else {
		timer := time.AfterFunc(restTime, func() { r.answer.cancel(nil) })
		defer timer.Stop()
	}
	if _, err := io.CopyN(io.Discard, r.reader, rest); err != io.EOF && attached {
		r.conn.drop()
	}
	r.answer.close()
}

// hold reads the rest into memory, so that the stream can be used otherwise.
func (r *cursorRows) hold() {
	size := 0
	for {
		line, err := r.readLine()
		if err == nil {
			size += len(line)
			if size > maxHeld {
				err = errHeld
			}
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			r.finishHolding(err)
			return
		}
		r.held = append(r.held, bytes.Clone(line))
	}
	r.finishHolding(nil)
}

var errHeld = &engine.Error{
	Kind:    engine.ErrTooBig,
	Code:    engine.CodeTooBig,
	Message: "the rows are too many to be held in memory while another statement runs in the transaction",
}

// finishHolding lets go of the answer. If it couldn't be read to its end, the rows are
// over, and so is the transaction.
func (r *cursorRows) finishHolding(err error) {
	r.conn.cursor = nil
	r.holding = true
	if err != nil {
		r.held = nil
		if r.end = err; err != error(errHeld) {
			r.end, _ = explain(r.ctx, &sendError{true, err}, risk{bound: r.bound})
		}
		r.conn.drop()
	}
	r.answer.close()
}

// An entry is a line of a cursor.
type entry struct {
	kind    string // "end" after the last line
	columns []engine.Column
}

// entry reads a line. An error of the statement is an [*engine.Error].
func (r *cursorRows) entry() (entry, error) {
	var err error
	if r.holding {
		if len(r.held) == 0 {
			return entry{kind: "end"}, nil
		}
		r.line, r.held = r.held[0], r.held[1:]
	} else if r.line, err = r.readLine(); err == io.EOF {
		return entry{kind: "end"}, nil
	} else if err != nil {
		return entry{}, &sendError{true, err}
	}
	var e entry
	var failed *replyError
	e, r.values, failed, err = decodeEntry(r.line, r.values[:0])
	switch {
	case err != nil:
		return e, &sendError{true, err}
	case failed != nil:
		if failed.code == codeTxTimeout && r.conn.cursor == r {
			r.conn.drop()
		}
		return e, failed.translate(r.answer.key)
	default:
		return e, nil
	}
}

// decodeEntry reads an entry. Those of an unknown kind have no error.
// https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md#cursor-entries
func decodeEntry(line []byte, values []value) (e entry, _ []value, failed *replyError, err error) {
	s := &scanner{data: line}
	err = s.object(func(key []byte) (err error) {
		switch string(key) {
		case "type":
			e.kind, err = s.optional()
		case "cols":
			e.columns, err = s.columns()
		case "row":
			err = s.array(func() error {
				if len(values) == maxColumns {
					return errSyntax
				}
				v, err := s.value()
				values = append(values, v)
				return err
			})
		case "error":
			failed, err = s.replyError()
		default:
			err = s.skip()
		}
		return err
	})
	if err == nil {
		err = s.end()
	}
	isError := e.kind == "step_error" || e.kind == "error"
	if err == nil && (e.kind == "" || e.kind == "end" || isError != (failed != nil)) {
		err = errSyntax
	}
	return e, values, failed, err
}

// readLine reads a line, whose memory serves again for the next. io.EOF comes only
// between lines.
func (r *cursorRows) readLine() ([]byte, error) {
	line, err := r.reader.ReadSlice('\n')
	if err == nil {
		return line, nil
	}
	long := bytes.Clone(line)
	for err == bufio.ErrBufferFull {
		if len(long) > maxLine {
			return nil, errTooLong
		}
		line, err = r.reader.ReadSlice('\n')
		long = append(long, line...)
	}
	switch {
	case err == io.EOF && len(bytes.TrimSpace(long)) == 0:
		return nil, io.EOF
	case err == io.EOF:
		return nil, io.ErrUnexpectedEOF
	case err != nil:
		return nil, r.answer.cause(err)
	default:
		return long, nil
	}
}
