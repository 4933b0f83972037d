package hrana

import (
	"database/sql/driver"
	"io"

	"github.com/duolite/duolite/db/internal/engine"
)

// rows are those of a reply that is there as a whole.
type rows struct {
	result *statementResult
	next   int
	closed bool
	spare  *spare // takes the memory of the reply, unless it is nil
}

// Columns implements [engine.Rows].
func (r *rows) Columns() []engine.Column {
	return r.result.columns
}

// Next implements [engine.Rows].
func (r *rows) Next(dest []driver.Value) error {
	if r.closed || r.next == r.result.rows {
		return io.EOF
	}
	width := len(r.result.columns)
	values := r.result.values[r.next*width : (r.next+1)*width]
	r.next++
	return readValues(dest, values, r.result.data)
}

// Close implements [engine.Rows].
func (r *rows) Close() error {
	if !r.closed && r.spare != nil {
		r.spare.keep(r.result)
	}
	r.closed = true
	return nil
}

// readValues reads the values of a row.
func readValues(dest []driver.Value, values []value, data []byte) (err error) {
	for i := range min(len(dest), len(values)) {
		if dest[i], err = values[i].read(data); err != nil {
			return err
		}
	}
	return nil
}
