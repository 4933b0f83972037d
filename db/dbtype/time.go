package dbtype

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// TimeLayout is the form in which a [Time] made in Go is stored: UTC, to the millisecond, 23
// characters. SQLite's strftime('%Y-%m-%d %H:%M:%f', 'now') writes the same form, so that
// times made by the database and by Go compare correctly as text.
const TimeLayout = "2006-01-02 15:04:05.000"

// RFC 3339, which most readers of JSON accept.
const jsonLayout = "2006-01-02T15:04:05.000Z"

// A Time is an instant in UTC, to the millisecond. It is stored as text in [TimeLayout].
// Create one with [NewTime] or [Now]; use *Time for a column that may be NULL.
//
// A Time that was read from a database is written in the form in which it was read, as by
// [FormatTime], so that it equals the stored text. In a column filled by CURRENT_TIMESTAMP, a
// Time made in Go has three digits more than the other values; use the strftime of TimeLayout
// for such a column instead.
type Time struct {
	time.Time
}

// NewTime returns t in UTC, truncated to the millisecond, in the form [TimeLayout].
func NewTime(t time.Time) Time {
	return Time{t.UTC().Truncate(time.Millisecond)}
}

// secondForm is the form of CURRENT_TIMESTAMP.
var secondForm = form{precision: toSecond, separator: ' '}.location()

// readTime returns a Time for a time that was read from a database.
func readTime(t time.Time) Time {
	cut := t.Truncate(time.Millisecond)
	f, remembered := formOf(cut)
	switch {
	case !cut.Equal(t):
		return NewTime(t)
	case remembered && f != fixed:
		return Time{cut}
	case t.Location() == time.UTC && t.Nanosecond() == 0:
		return Time{cut.In(secondForm)} // the form of ParseTime
	default:
		return NewTime(t)
	}
}

// Now returns the current time.
func Now() Time {
	return NewTime(time.Now())
}

// String returns the time in the stored form.
func (t Time) String() string {
	if f, ok := formOf(t.Time); ok {
		return f.format(t.Time)
	}
	return NewTime(t.Time).Format(TimeLayout)
}

// Value implements [driver.Valuer]. It fails for years outside 0 to 9999, the range of
// SQLite's date functions.
func (t Time) Value() (driver.Value, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	return t.String(), nil
}

// MarshalText implements [encoding.TextMarshaler]. The form is RFC 3339 in UTC, always with
// milliseconds, 2006-01-02T15:04:05.000Z, since other programs read this text. It differs from
// the stored form: SQL that stores times from such JSON must convert them by
// strftime('%Y-%m-%d %H:%M:%f', …). Bulk inserts of package db write the stored form.
func (t Time) MarshalText() ([]byte, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	return []byte(NewTime(t.Time).Format(jsonLayout)), nil
}

// AppendText implements [encoding.TextAppender]; see MarshalText. It hides the method of the
// embedded time.Time, which encoding/json calls for map keys since Go 1.27.
func (t Time) AppendText(text []byte) ([]byte, error) {
	own, err := t.MarshalText()
	return append(text, own...), err
}

// MarshalJSON implements [json.Marshaler]; see MarshalText. It hides the method of the
// embedded time.Time.
func (t Time) MarshalJSON() ([]byte, error) {
	text, err := t.MarshalText()
	if err != nil {
		return nil, err
	}
	return []byte(`"` + string(text) + `"`), nil
}

func (t Time) check() error {
	if year := t.UTC().Year(); year < 0 || year > 9999 {
		return fmt.Errorf("year %d is outside 0 to 9999", year)
	}
	return nil
}

// UnmarshalText implements [encoding.TextUnmarshaler]. It accepts every form of [ParseTime].
func (t *Time) UnmarshalText(text []byte) error {
	return t.set(parse(string(text), jsonLayout))
}

// parse parses a text. want is the form that the error names.
func parse(text, want string) (time.Time, error) {
	parsed, ok := ParseTime(text)
	if !ok {
		return time.Time{}, fmt.Errorf("%.40q isn't a time; want the form %s", text, want)
	}
	return parsed, nil
}

// UnmarshalJSON implements [json.Unmarshaler]; see UnmarshalText. By convention null has no
// effect.
func (t *Time) UnmarshalJSON(data []byte) error {
	text := string(data)
	if text == "null" {
		return nil
	}
	if len(text) < 2 || text[0] != '"' || text[len(text)-1] != '"' {
		return fmt.Errorf("a time in JSON is a string, not %.40s", text)
	}
	return t.UnmarshalText(data[1 : len(data)-1])
}

// Scan implements [sql.Scanner]. Besides [TimeLayout] it accepts every form of [ParseTime],
// such as RFC 3339, the texts of SQLite's datetime and CURRENT_TIMESTAMP, and the forms in
// which Go's SQLite drivers store a time.Time. It truncates to the millisecond.
//
// It accepts these numbers, for the years 0 to 9999:
//
//	INTEGER  -62167219200 to 253402300799  unix seconds: unixepoch()
//	INTEGER  beyond ±1000000000000         unix milliseconds: JavaScript, mattn/go-sqlite3
//	REAL     1721059.5 to 5373484.499999   Julian days: julianday()
//	REAL     else the same as INTEGER      seconds with a fraction: unixepoch('subsec')
//
// This is the meaning of SQLite's modifier 'auto', with two exceptions. Large numbers are
// milliseconds, as in Go's drivers; 'auto' has no milliseconds. An INTEGER is never a Julian
// day: small numbers are seconds, in the first weeks of 1970, as in Go's drivers. (A column
// declared datetime stores a Julian day at noon as an INTEGER, so keep Julian days in a column
// declared real.) A REAL is rounded to the millisecond, the precision of a Julian day.
//
// All other numbers are errors, including ambiguous ones. Between the ranges of seconds and
// milliseconds, a number could be milliseconds before September 2001. The numbers 1 to 9999
// are refused because CAST(created_at AS datetime) converts a text to its year. A text of
// digits, which strftime('%s') writes, could also be a year or a day: use unixepoch(), or cast
// it to integer.
func (t *Time) Scan(src any) error {
	switch src := src.(type) {
	case time.Time:
		*t = readTime(src)
		return nil
	case string:
		return t.setText(src)
	case []byte:
		return t.setText(string(src))
	case int64:
		return t.set(ofInteger(src))
	case float64:
		return t.set(ofReal(src))
	case nil:
		return fmt.Errorf("NULL isn't a Time; scan into *dbtype.Time")
	default:
		return fmt.Errorf("can't read a time from %T", src)
	}
}

func (t *Time) setText(text string) error {
	read, err := parse(text, TimeLayout)
	if err == nil {
		*t = readTime(read)
	}
	return err
}

// set sets the time if err is nil.
func (t *Time) set(read time.Time, err error) error {
	if err != nil {
		return err
	}
	*t = NewTime(read)
	return nil
}
