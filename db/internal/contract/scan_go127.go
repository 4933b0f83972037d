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
	if r.boxed == nil {
		r.boxed = make([]driver.Value, len(r.shape.columns))
	}
	return r.Next(r.boxed)
}

// ScanColumn implements [driver.RowsColumnScanner]. database/sql holds the connection's lock, so
// it isn't closed meanwhile.
func (r *rows) ScanColumn(scanCtx driver.ScanContext, i int, dest any) error {
	if r.conn == nil || r.conn.closed { // a connection retained from sql.Conn.Raw
		return driver.ErrBadConn
	}
	if r.boxed != nil {
		return sql.ConvertAssign(scanCtx, dest, r.boxed[i])
	}
	v, err := r.inner.(engine.RowReader).Value(i)
	if err != nil {
		return r.conn.translate(err)
	}
	return scan(scanCtx, dest, v, r.shape.isTime[i])
}

// NextRow implements [driver.RowsColumnScanner].
func (r *replayRows) NextRow() error {
	if reader, ok := r.inner.(engine.RowReader); ok {
		return reader.NextRow()
	}
	if r.boxed == nil {
		r.boxed = make([]driver.Value, len(r.shape.columns))
	}
	return r.Next(r.boxed)
}

// ScanColumn implements [driver.RowsColumnScanner].
func (r *replayRows) ScanColumn(scanCtx driver.ScanContext, i int, dest any) error {
	if r.boxed != nil {
		return sql.ConvertAssign(scanCtx, dest, r.boxed[i])
	}
	v, err := r.inner.(engine.RowReader).Value(i)
	if err != nil {
		return err
	}
	return scan(scanCtx, dest, v, r.shape.isTime[i])
}

// scan stores a value in dest, as database/sql converts the value that Next returns. A text in a
// column of times is a time if it can be read as one.
func scan(scanCtx driver.ScanContext, dest any, v engine.Value, isTime bool) error {
	if isTime && v.Class == engine.Text {
		if t, ok := dbtype.ParseTime(string(v.Bytes)); ok {
			if scanTime(dest, t) {
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
		return scanInteger(dest, v.Int64())
	case engine.Real:
		return scanReal(dest, v.Float64())
	case engine.Text:
		return scanText(dest, v)
	default:
		return scanBlob(dest, v)
	}
}

func scanNull(dest any) bool {
	switch dest := dest.(type) {
	case **int64:
		return setNil(dest)
	case **string:
		return setNil(dest)
	case **float64:
		return setNil(dest)
	case **bool:
		return setNil(dest)
	case **time.Time:
		return setNil(dest)
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

func scanInteger(dest any, n int64) bool {
	switch dest := dest.(type) {
	case *int64:
		return set(dest, n)
	case **int64:
		return setNew(dest, n)
	case *sql.NullInt64:
		return set(dest, sql.NullInt64{Int64: n, Valid: true})
	}
	if n != 0 && n != 1 { // not a bool
		return false
	}
	switch dest := dest.(type) {
	case *bool:
		return set(dest, n == 1)
	case **bool:
		return setNew(dest, n == 1)
	case *sql.NullBool:
		return set(dest, sql.NullBool{Bool: n == 1, Valid: true})
	default:
		return false
	}
}

func scanReal(dest any, f float64) bool {
	switch dest := dest.(type) {
	case *float64:
		return set(dest, f)
	case **float64:
		return setNew(dest, f)
	case *sql.NullFloat64:
		return set(dest, sql.NullFloat64{Float64: f, Valid: true})
	default:
		return false
	}
}

func scanText(dest any, v engine.Value) bool {
	switch dest := dest.(type) {
	case *string:
		return set(dest, string(v.Bytes))
	case **string:
		return setNew(dest, string(v.Bytes))
	case *sql.NullString:
		return set(dest, sql.NullString{String: string(v.Bytes), Valid: true})
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

func scanTime(dest any, t time.Time) bool {
	switch dest := dest.(type) {
	case *time.Time:
		return set(dest, t)
	case **time.Time:
		return setNew(dest, t)
	case *sql.NullTime:
		return set(dest, sql.NullTime{Time: t, Valid: true})
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

func setNew[T any](dest **T, v T) bool {
	if dest == nil {
		return false
	}
	*dest = &v
	return true
}

func setNil[T any](dest **T) bool { return set(dest, nil) }
