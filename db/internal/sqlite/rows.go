package sqlite

import (
	"database/sql/driver"
	"io"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	sqlite3 "modernc.org/sqlite/lib"
)

// rows are the answer of a query. They are one step ahead of the caller at their
// beginning only: what fails before the first row fails in Query.
type rows struct {
	s       *stmt
	call    call // that of Query, whose context is that of the rows as well
	columns []engine.Column
	ready   bool // the next row is there
	done    bool // the statement is free for the next run
}

// Columns implements [engine.Rows].
func (r *rows) Columns() []engine.Column { return r.columns }

// Next implements [engine.Rows].
func (r *rows) Next(dest []driver.Value) error {
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
	for i := range dest {
		value, err := r.s.value(int32(i))
		if err != nil {
			return err
		}
		dest[i] = value
	}
	return nil
}

// advance goes to the next row. The handlers see it when the context ends while
// SQLite is at work; a caller that takes its time between rows is seen here.
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

// step goes to the next row or to the end, at which the statement is freed at once: it
// would keep a read transaction open.
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
		r.finish() // has the same error
		return err
	}
}

// finish ends the run, and lets go of its context.
func (r *rows) finish() error {
	r.ready, r.done = false, true
	r.call = call{}
	r.s.open = nil
	c := r.s.c
	if r.s.writes {
		c.writing--
	}
	err := r.s.reset()
	c.settle()
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

// value returns the i-th value of the row. SQLite calls what it is read from
// unprotected, which is about threads that share a connection.
// https://sqlite.org/c3ref/value.html
func (s *stmt) value(i int32) (driver.Value, error) {
	tls := s.c.tls
	p := sqlite3.Xsqlite3_column_value(tls, s.handle, i)
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
	case sqlite3.SQLITE_BLOB:
		blob := sqlite3.Xsqlite3_value_blob(tls, p)
		own := make([]byte, sqlite3.Xsqlite3_value_bytes(tls, p))
		if len(own) > 0 {
			if blob == 0 {
				return nil, errNoMemory()
			}
			copy(own, cmem.View(blob, len(own)))
		}
		return own, nil
	default:
		return nil, nil
	}
}
