package engine

import (
	"context"
	"database/sql/driver"
	"io"
)

// bufferedRows are rows in memory.
type bufferedRows struct {
	columns []Column
	values  []driver.Value // row after row
	next    int
}

// ReadAll runs a query, reads all of its rows, and returns them from memory.
func ReadAll(ctx context.Context, stmt Stmt, args []driver.Value) (Rows, error) {
	rows, err := stmt.Query(ctx, args)
	if err != nil {
		return nil, err
	}
	held := &bufferedRows{columns: rows.Columns()}
	row := make([]driver.Value, len(held.columns))
	for {
		if err = rows.Next(row); err != nil {
			break
		}
		held.values = append(held.values, row...)
	}
	closed := rows.Close()
	if err == io.EOF {
		err = closed
	}
	return held, err
}

// Columns implements [Rows].
func (r *bufferedRows) Columns() []Column { return r.columns }

// Next implements [Rows].
func (r *bufferedRows) Next(dest []driver.Value) error {
	if r.next >= len(r.values) {
		return io.EOF
	}
	r.next += copy(dest, r.values[r.next:])
	return nil
}

// Close implements [Rows].
func (r *bufferedRows) Close() error { return nil }
