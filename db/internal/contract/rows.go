package contract

import (
	"context"
	"database/sql/driver"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbtype"
	"github.com/duolite/duolite/db/internal/engine"
)

// rows are the answer of a query. After Close, they hold on to their shape alone.
type rows struct {
	inner    engine.Rows
	ctx      context.Context // the query's
	done     <-chan struct{} // ctx's, where nobody else watches it
	conn     *conn           // nil after Close
	compiled *compiled
	shape    *shape
	atEnd    bool
	given    bool // names are in use
	names    [inlineNames]string
}

// inlineNames is how many names of columns rows have room for, so that those of most
// queries need no memory of their own.
const inlineNames = 8

var (
	_ driver.Rows                           = (*rows)(nil)
	_ driver.RowsColumnTypeDatabaseTypeName = (*rows)(nil)
	_ driver.RowsColumnTypeScanType         = (*rows)(nil)
	_ driver.RowsColumnTypeNullable         = (*rows)(nil)
	_ driver.RowsColumnTypeLength           = (*rows)(nil)
	_ driver.RowsColumnTypePrecisionScale   = (*rows)(nil)
)

func newRows(ctx context.Context, c *conn, s *compiled, inner engine.Rows) *rows {
	if columns := inner.Columns(); !s.shape.fits(columns) {
		s.shape = newShape(columns)
	}
	return &rows{inner: inner, ctx: ctx, conn: c, compiled: s, shape: s.shape}
}

// Columns returns a copy each time: database/sql hands it on to the program, and counts
// the names of another one itself.
func (r *rows) Columns() []string {
	if r.given || len(r.shape.names) > inlineNames {
		return slices.Clone(r.shape.names)
	}
	r.given = true
	return append(r.names[:0], r.shape.names...)
}

func (r *rows) Next(values []driver.Value) error {
	if r.conn == nil {
		return io.EOF // inner may be those of another query by now
	}
	r.conn.busy.Lock()
	defer r.conn.busy.Unlock()
	if r.conn.gone {
		return driver.ErrBadConn
	}
	select {
	case <-r.done:
		return r.ctx.Err()
	default:
	}
	err := r.inner.Next(values)
	if err != nil {
		r.atEnd = true
		if err == io.EOF {
			return err
		}
		return r.conn.ended(r.ctx, err)
	}
	r.shape.convert(values)
	return nil
}

// Close ends the query. In a transaction, one that its context ended before all rows
// were read is as good as interrupted, wherever the engine was with it.
func (r *rows) Close() error {
	c := r.conn
	if c == nil {
		return nil
	}
	c.busy.Lock()
	defer c.busy.Unlock()
	if c.gone { // and the query with it
		r.inner, r.ctx, r.conn, r.compiled = nil, nil, nil, nil
		return nil
	}
	err := r.inner.Close()
	if err == nil && !r.atEnd && (c.tx == txOpen || c.raw) {
		err = r.ctx.Err()
	}
	err = c.ended(r.ctx, err)
	c.cache.giveBack(r.compiled)
	// A program that keeps the names keeps the rows.
	r.inner, r.ctx, r.conn, r.compiled = nil, nil, nil, nil
	return err
}

// noRows are the rows of a text without a statement.
type noRows struct{}

func (noRows) Columns() []string { return nil }

func (noRows) Next([]driver.Value) error { return io.EOF }

func (noRows) Close() error { return nil }

func (r *rows) ColumnTypeDatabaseTypeName(i int) string { return r.shape.databaseType(i) }

func (r *rows) ColumnTypeScanType(i int) reflect.Type { return scanType(r.shape.databaseType(i)) }

func (r *rows) ColumnTypeNullable(int) (nullable, ok bool) { return true, true }

func (r *rows) ColumnTypeLength(i int) (int64, bool) { return lengthOf(r.shape.columns[i].Declared) }

func (r *rows) ColumnTypePrecisionScale(i int) (precision, scale int64, ok bool) {
	return decimalSizeOf(r.shape.columns[i].Declared)
}

// shape is what the contract knows of a statement's columns, and doesn't change. It stays
// with the compiled statement, since the engine says the same of them each time.
type shape struct {
	columns []engine.Column
	names   []string
	times   []int // the columns declared as times
}

func newShape(columns []engine.Column) *shape {
	s := &shape{columns: columns, names: make([]string, len(columns))}
	for i, column := range columns {
		s.names[i] = column.Name
		if isTime(column.Declared) {
			s.times = append(s.times, i)
		}
	}
	return s
}

// fits reports whether it is these columns that the shape was made of. That of nil was
// made of none.
func (s *shape) fits(columns []engine.Column) bool {
	return s != nil && len(columns) == len(s.columns) && (len(columns) == 0 || &columns[0] == &s.columns[0])
}

// databaseType returns the declared type of a column, without its length.
func (s *shape) databaseType(i int) string {
	return strings.ToUpper(baseType(s.columns[i].Declared))
}

// convert makes times of the texts in the columns that are declared as such.
func (s *shape) convert(values []driver.Value) {
	for _, i := range s.times {
		if text, ok := values[i].(string); ok {
			if t, ok := dbtype.ParseTime(text); ok {
				values[i] = t
			}
		}
	}
}
