//go:build go1.27

package contract

import (
	"database/sql"
	"database/sql/driver"
	"time"

	"github.com/duolite/duolite/db/dbtype"
	"github.com/duolite/duolite/db/internal/engine"
)

var (
	_ driver.RowsColumnScanner = (*rows)(nil)
	_ driver.RowsColumnScanner = (*replayRows)(nil)
)

// NextRow implements [driver.RowsColumnScanner]. Before Go 1.27 database/sql calls Next instead.
func (r *rows) NextRow() error {
	if reader, ok := r.inner.(engine.RowReader); ok {
		return r.next(reader.NextRow)
	}
	return r.Next(r.box())
}

// ScanColumn implements [driver.RowsColumnScanner]. database/sql holds the connection's lock, so
// it isn't closed meanwhile.
func (r *rows) ScanColumn(scanCtx driver.ScanContext, i int, dest any) error {
	if r.conn == nil || r.conn.closed { // a connection retained from sql.Conn.Raw
		return driver.ErrBadConn
	}
	if err := r.scan(scanCtx, i, dest); err != nil {
		return r.conn.translate(err)
	}
	return nil
}

// NextRow implements [driver.RowsColumnScanner].
func (r *replayRows) NextRow() error {
	if reader, ok := r.inner.(engine.RowReader); ok {
		return reader.NextRow()
	}
	return r.Next(r.box())
}

// ScanColumn implements [driver.RowsColumnScanner].
func (r *replayRows) ScanColumn(scanCtx driver.ScanContext, i int, dest any) error {
	return r.scan(scanCtx, i, dest)
}

// box returns the memory for a row of an engine without RowReader.
func (c *cells) box() []driver.Value {
	if c.boxed == nil {
		c.boxed = make([]driver.Value, len(c.columns))
	}
	return c.boxed
}

// scan stores the i-th value of the row in dest.
func (c *cells) scan(scanCtx driver.ScanContext, i int, dest any) error {
	if c.boxed != nil {
		return sql.ConvertAssign(scanCtx, dest, c.boxed[i])
	}
	v, err := c.inner.(engine.RowReader).Value(i)
	if err != nil {
		return err
	}
	return scan(scanCtx, dest, v, c.isTime[i])
}

// scan stores a value in dest, as database/sql converts the value that Next returns. A text in a
// column of times is a time if it can be read as one.
func scan(scanCtx driver.ScanContext, dest any, v engine.Value, isTime bool) error {
	if isTime && v.Class == engine.Text {
		if t, ok := dbtype.ParseTime(string(v.Bytes)); ok {
			if assign(dest, t, sql.NullTime{Time: t, Valid: true}) {
				return nil
			}
			return sql.ConvertAssign(scanCtx, dest, t)
		}
	}
	if scanPlain(dest, v) {
		return nil
	}
	return sql.ConvertAssign(scanCtx, dest, v.Copy())
}

// scanPlain stores a value of the same class in dest, and reports whether it did. The other
// conversions, and all errors, are database/sql's.
func scanPlain(dest any, v engine.Value) bool {
	switch v.Class {
	case engine.Null:
		return scanNull(dest)
	case engine.Integer:
		n := v.Int64()
		if assign(dest, n, sql.NullInt64{Int64: n, Valid: true}) {
			return true
		}
		return (n == 0 || n == 1) && assign(dest, n == 1, sql.NullBool{Bool: n == 1, Valid: true})
	case engine.Real:
		f := v.Float64()
		return assign(dest, f, sql.NullFloat64{Float64: f, Valid: true})
	case engine.Text:
		return scanText(dest, v)
	default:
		return scanBlob(dest, v)
	}
}

func scanNull(dest any) bool {
	switch dest := dest.(type) {
	case **int64:
		return set(dest, nil)
	case **string:
		return set(dest, nil)
	case **float64:
		return set(dest, nil)
	case **bool:
		return set(dest, nil)
	case **time.Time:
		return set(dest, nil)
	case *[]byte:
		return set(dest, nil)
	case *sql.NullInt64:
		return set(dest, sql.NullInt64{})
	case *sql.NullString:
		return set(dest, sql.NullString{})
	case *sql.NullFloat64:
		return set(dest, sql.NullFloat64{})
	case *sql.NullBool:
		return set(dest, sql.NullBool{})
	case *sql.NullTime:
		return set(dest, sql.NullTime{})
	default:
		return false
	}
}

func scanText(dest any, v engine.Value) bool {
	switch dest := dest.(type) {
	case *string, **string, *sql.NullString:
		text := string(v.Bytes)
		return assign(dest, text, sql.NullString{String: text, Valid: true})
	case *[]byte:
		return set(dest, v.CopyBytes())
	default:
		return false
	}
}

func scanBlob(dest any, v engine.Value) bool {
	switch dest := dest.(type) {
	case *[]byte:
		return set(dest, v.CopyBytes())
	case *any:
		return set(dest, any(v.CopyBytes()))
	default:
		return false
	}
}

// assign stores v in a *T or a **T, or null, which is the same value, in a *N.
func assign[T, N any](dest any, v T, null N) bool {
	switch dest := dest.(type) {
	case *T:
		return set(dest, v)
	case **T:
		return set(dest, new(v))
	case *N:
		return set(dest, null)
	default:
		return false
	}
}

// set stores v at dest, unless dest is nil.
func set[T any](dest *T, v T) bool {
	if dest == nil {
		return false
	}
	*dest = v
	return true
}
