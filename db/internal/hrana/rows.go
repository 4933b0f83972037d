package hrana

import (
	"database/sql/driver"
	"errors"
	"io"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/wire"
)

// rows are the rows of a reply that is in memory.
type rows struct {
	result *wire.StatementResult
	next   int
	closed bool
	row    []engine.Value // of NextRow
}

var _ engine.RowReader = (*rows)(nil)

// Columns implements [engine.Rows].
func (r *rows) Columns() []engine.Column {
	return r.result.Columns
}

// Next implements [engine.Rows].
func (r *rows) Next(dest []driver.Value) error {
	if r.closed || r.next == r.result.Len() {
		return io.EOF
	}
	r.next++
	return valueError(r.result.Read(r.next-1, dest))
}

// NextRow implements [engine.RowReader].
func (r *rows) NextRow() (err error) {
	if r.closed || r.next == r.result.Len() {
		return io.EOF
	}
	r.next++
	r.row, err = r.result.AppendRow(r.row[:0], r.next-1)
	return valueError(err)
}

// Value implements [engine.RowReader].
func (r *rows) Value(i int) (engine.Value, error) { return r.row[i], nil }

// Close implements [engine.Rows].
func (r *rows) Close() error {
	r.closed = true
	return nil
}

// valueError converts the error of a value that can't be read. Nil stays nil.
func valueError(err error) error {
	if errors.Is(err, wire.ErrSyntax) {
		return notServer(err)
	}
	return err
}
