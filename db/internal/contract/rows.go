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

// rows is the result of a query. After Close it only retains its shape.
type rows struct {
	cells
	ctx       context.Context // of the query
	done      <-chan struct{} // ctx.Done() if database/sql doesn't watch it
	conn      *conn           // nil after Close
	compiled  *compiled
	trace     *trace // or nil
	read      int64  // rows that next has found
	atEnd     bool
	namesUsed bool // names was returned to database/sql
	names     [inlineNames]string
}

// cells are the rows of an engine, with the columns of their statement.
type cells struct {
	*shape
	inner engine.Rows
	//lint:ignore U1000 Go 1.27 uses it, see scan_go127.go
	boxed []driver.Value // the row of an engine without RowReader
}

// inlineNames is the number of column names that fit in rows, so that most queries don't
// allocate memory for names.
const inlineNames = 8

var (
	_ driver.Rows                           = (*rows)(nil)
	_ driver.Rows                           = (*replayRows)(nil)
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
	return &rows{cells: cells{shape: s.shape, inner: inner}, ctx: ctx, conn: c, compiled: s}
}

// Columns returns a copy each time. database/sql passes it to the program, and also calls
// Columns itself.
func (r *rows) Columns() []string {
	if r.namesUsed || len(r.shape.names) > inlineNames {
		return slices.Clone(r.shape.names)
	}
	r.namesUsed = true
	return append(r.names[:0], r.shape.names...)
}

func (r *rows) Next(values []driver.Value) error {
	err := r.next(func() error { return r.inner.Next(values) })
	if err == nil {
		r.shape.convert(values)
	}
	return err
}

// next goes to the next row by advance.
func (r *rows) next(advance func() error) error {
	if r.conn == nil {
		return io.EOF // inner may belong to another query by now
	}
	r.conn.busy.Lock()
	defer r.conn.busy.Unlock()
	if r.conn.closed {
		return driver.ErrBadConn
	}
	select {
	case <-r.done:
		return r.ctx.Err()
	default:
	}
	err := advance()
	switch {
	case err == nil:
		r.read++
	case err != io.EOF:
		err = r.conn.ended(r.ctx, explain(r.compiled.variant, err))
		if r.trace != nil {
			r.trace.call.Err = err
		}
	}
	r.atEnd = r.atEnd || err != nil
	return err
}

func (r *rows) Close() error {
	t := r.trace
	if t == nil {
		return r.close()
	}
	r.trace = nil
	if t.call.Err == nil && !r.atEnd { // database/sql may close the rows because of their context
		t.call.Err = r.ctx.Err()
	}
	err := r.close()
	t.end(r.read, err)
	return err
}

// close ends the query. If the context of a query in a transaction has ended before all rows
// were read, the transaction is lost, wherever the engine was with the query.
func (r *rows) close() error {
	c := r.conn
	if c == nil {
		return nil
	}
	c.busy.Lock()
	defer c.busy.Unlock()
	if c.closed { // the connection's Close has closed the query
		r.inner, r.ctx, r.conn, r.compiled = nil, nil, nil, nil
		return nil
	}
	err := r.inner.Close()
	if err == nil && !r.atEnd && (c.tx == txOpen || c.raw) {
		err = r.ctx.Err()
	}
	err = c.ended(r.ctx, err)
	r.compiled.release()
	// The program may retain the names, which are in rows.
	r.inner, r.ctx, r.conn, r.compiled = nil, nil, nil, nil
	return err
}

// noRows are the rows of a text without a statement.
type noRows struct{}

func (noRows) Columns() []string { return nil }

func (noRows) Next([]driver.Value) error { return io.EOF }

func (noRows) Close() error { return nil }

// A shape describes the columns of a statement, and is immutable. It is cached with the
// compiled statement. Its methods are the optional ones of [driver.Rows].
type shape struct {
	columns []engine.Column
	names   []string
	times   []int  // indexes of columns declared as times
	isTime  []bool // whether a column is declared as a time
}

func newShape(columns []engine.Column) *shape {
	s := &shape{columns: columns, names: make([]string, len(columns)), isTime: make([]bool, len(columns))}
	for i, column := range columns {
		s.names[i] = column.Name
		if isTime(column.Declared) {
			s.times = append(s.times, i)
			s.isTime[i] = true
		}
	}
	return s
}

// fits reports whether the shape was made from these columns. A nil shape fits none.
func (s *shape) fits(columns []engine.Column) bool {
	return s != nil && len(columns) == len(s.columns) && (len(columns) == 0 || &columns[0] == &s.columns[0])
}

// databaseType returns the declared type of a column without its length.
func (s *shape) databaseType(i int) string {
	return strings.ToUpper(baseType(s.columns[i].Declared))
}

// convert converts text in the time columns to times.
func (s *shape) convert(values []driver.Value) {
	for _, i := range s.times {
		if text, ok := values[i].(string); ok {
			if t, ok := dbtype.ParseTime(text); ok {
				values[i] = t
			}
		}
	}
}

func (s *shape) ColumnTypeDatabaseTypeName(i int) string { return s.databaseType(i) }

func (s *shape) ColumnTypeScanType(i int) reflect.Type { return scanType(s.databaseType(i)) }

func (s *shape) ColumnTypeNullable(int) (nullable, ok bool) { return true, true }

func (s *shape) ColumnTypeLength(i int) (int64, bool) { return lengthOf(s.columns[i].Declared) }

func (s *shape) ColumnTypePrecisionScale(i int) (precision, scale int64, ok bool) {
	return decimalSizeOf(s.columns[i].Declared)
}
