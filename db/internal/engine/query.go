package engine

import (
	"context"
	"database/sql/driver"
	"fmt"
	"io"

	"github.com/duolite/duolite/internal/sqltext"
)

// Query runs one statement, and calls each for each of its rows. The row is valid until each returns; its
// texts and blobs may be kept. An error of each ends the query, and is returned.
func Query(ctx context.Context, c Conn, text string, args []driver.Value, each func(row []driver.Value) error) (err error) {
	rows, err := Open(ctx, c, text, args)
	if err != nil {
		return err
	}
	defer func() {
		if closed := rows.Close(); err == nil {
			err = closed
		}
	}()
	row := make([]driver.Value, len(rows.Columns()))
	for {
		switch err := rows.Next(row); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		if err := each(row); err != nil {
			return err
		}
	}
}

// Open runs one statement, and returns its rows, which the caller closes.
func Open(ctx context.Context, c Conn, text string, args []driver.Value) (Rows, error) {
	stmt, err := prepareText(ctx, c, text)
	if err != nil {
		return nil, err
	}
	rows, err := stmt.Query(ctx, args)
	if err != nil {
		stmt.Close()
		return nil, err
	}
	return &ownRows{rows, stmt}, nil
}

// Streaming reports whether rows arrive while they are read. Their connection can do nothing else meanwhile, unless it receives the
// rest and keeps it in memory.
func Streaming(rows Rows) bool {
	if own, ok := rows.(*ownRows); ok {
		rows = own.Rows
	}
	_, ok := rows.(Streamer)
	return ok
}

// A Streamer is [Rows] that arrive while they are read.
type Streamer interface{ Streams() }

// ownRows are rows with a statement of their own.
type ownRows struct {
	Rows
	stmt Stmt
}

// Close implements [Rows].
func (r *ownRows) Close() error {
	err := r.Rows.Close()
	if closed := r.stmt.Close(); err == nil {
		err = closed
	}
	return err
}

// Exec runs one statement to its end.
func Exec(ctx context.Context, c Conn, text string, args ...driver.Value) error {
	stmt, err := prepareText(ctx, c, text)
	if err != nil {
		return err
	}
	defer stmt.Close()
	_, err = stmt.Exec(ctx, args)
	return err
}

func prepareText(ctx context.Context, c Conn, text string) (Stmt, error) {
	statements := sqltext.Split(text)
	if len(statements) != 1 {
		return nil, fmt.Errorf("%d statements, where there must be one", len(statements))
	}
	return c.Prepare(ctx, &statements[0])
}

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
