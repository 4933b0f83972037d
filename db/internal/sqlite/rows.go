package sqlite

import (
	"database/sql/driver"
	"io"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// rows are the result of a query. Query makes the first step, so that an error before the first row is
// an error of Query.
type rows struct {
	s       *stmt
	call    call // of Query, with the context that also ends the rows
	columns []engine.Column
	ready   bool // whether the next row has been read
	done    bool // whether the statement is free for the next run
}

// Columns implements [engine.Rows].
func (r *rows) Columns() []engine.Column { return r.columns }

// Next implements [engine.Rows].
func (r *rows) Next(dest []driver.Value) error {
	if err := r.NextRow(); err != nil {
		return err
	}
	tls := r.s.c.tls
	for i := range dest {
		value, err := copyAt(tls, sqlite3.Xsqlite3_column_value(tls, r.s.handle, int32(i)))
		if err != nil {
			return err
		}
		dest[i] = value
	}
	return nil
}

// NextRow implements [engine.RowReader].
func (r *rows) NextRow() error {
	if !r.ready {
		if r.done {
			return io.EOF
		}
		r.s.c.call = r.call
		err := r.advance()
		r.s.c.end()
		if err != nil {
			return err
		}
	}
	r.ready = false
	return nil
}

// advance goes to the next row. The handlers notice the end of the context while SQLite runs; advance
// notices it between two rows.
func (r *rows) advance() error {
	if r.call.over() {
		err := r.call.cause()
		r.finish()
		return err
	}
	if err := r.step(); err != nil {
		return err
	}
	if r.done {
		return io.EOF
	}
	return nil
}

// step goes to the next row or to the end. At the end it resets the statement at once, which would
// otherwise keep a read transaction open.
func (r *rows) step() error {
	if r.s.handle == 0 {
		return r.finish()
	}
	switch rc := r.s.c.step(r.s.handle); rc {
	case sqlite3.SQLITE_ROW:
		r.ready = true
		return nil
	case sqlite3.SQLITE_DONE:
		return r.finish()
	default:
		err := r.s.errorOf(rc)
		r.finish() // returns the same error
		return err
	}
}

// finish ends the run.
func (r *rows) finish() error {
	r.ready, r.done = false, true
	r.call = call{}
	r.s.open = nil
	c := r.s.c
	if r.s.writes {
		c.writing--
	}
	err := r.s.reset()
	if c.hasTurn {
		c.endTurn()
	} else {
		c.queue.yield()
	}
	return err
}

// Close implements [engine.Rows].
func (r *rows) Close() error {
	if r.done {
		return nil
	}
	r.s.c.call = r.call
	defer r.s.c.end()
	return r.finish()
}

// Value implements [engine.RowReader]. SQLite calls such a value unprotected, which matters only for
// threads that share a connection. Other statements of the connection don't change it.
// https://sqlite.org/c3ref/value.html
func (r *rows) Value(i int) (engine.Value, error) {
	tls := r.s.c.tls
	return valueAt(tls, sqlite3.Xsqlite3_column_value(tls, r.s.handle, int32(i)))
}

// valueAt returns the value of the sqlite3_value at p. Its bytes are valid until SQLite's next call.
func valueAt(tls *libc.TLS, p uintptr) (engine.Value, error) {
	switch sqlite3.Xsqlite3_value_type(tls, p) {
	case sqlite3.SQLITE_INTEGER:
		return engine.IntegerValue(sqlite3.Xsqlite3_value_int64(tls, p)), nil
	case sqlite3.SQLITE_FLOAT:
		return engine.RealValue(sqlite3.Xsqlite3_value_double(tls, p)), nil
	case sqlite3.SQLITE_TEXT:
		text := sqlite3.Xsqlite3_value_text(tls, p)
		if text == 0 {
			return engine.Value{}, errNoMemory()
		}
		return engine.TextValue(cmem.View(text, int(sqlite3.Xsqlite3_value_bytes(tls, p)))), nil
	case sqlite3.SQLITE_BLOB:
		blob := sqlite3.Xsqlite3_value_blob(tls, p)
		n := int(sqlite3.Xsqlite3_value_bytes(tls, p))
		if n > 0 && blob == 0 {
			return engine.Value{}, errNoMemory()
		}
		return engine.BlobValue(cmem.View(blob, n)), nil
	default:
		return engine.Value{}, nil
	}
}

// copyAt returns the value at p as [engine.Value.Copy] does. By way of an engine.Value a scan
// would take a tenth longer.
func copyAt(tls *libc.TLS, p uintptr) (driver.Value, error) {
	switch sqlite3.Xsqlite3_value_type(tls, p) {
	case sqlite3.SQLITE_INTEGER:
		return sqlite3.Xsqlite3_value_int64(tls, p), nil
	case sqlite3.SQLITE_FLOAT:
		return sqlite3.Xsqlite3_value_double(tls, p), nil
	case sqlite3.SQLITE_TEXT:
		text := sqlite3.Xsqlite3_value_text(tls, p)
		if text == 0 {
			return nil, errNoMemory()
		}
		return string(cmem.View(text, int(sqlite3.Xsqlite3_value_bytes(tls, p)))), nil
	case sqlite3.SQLITE_NULL:
		return nil, nil
	default:
		value, err := valueAt(tls, p)
		return value.Copy(), err
	}
}
