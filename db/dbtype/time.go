package dbtype

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// TimeLayout is the form in which a [Time] made in Go is stored: UTC, to the millisecond,
// always 23 characters. SQLite's strftime('%Y-%m-%d %H:%M:%f', 'now') writes the same, so
// that times made by the database and by Go compare as text.
const TimeLayout = "2006-01-02 15:04:05.000"

// Other programs read JSON, and what they have in common is RFC 3339.
const jsonLayout = "2006-01-02T15:04:05.000Z"

// A Time is an instant in UTC, to the millisecond. It is stored as text in [TimeLayout]. Make
// one with [NewTime] or [Now]; use *Time for a column that may be NULL.
//
// A Time that was read from a database is stored in the form that it was read in, as
// [FormatTime] does it, so that it equals the stored value. (In a column that CURRENT_TIMESTAMP
// fills, a Time made in Go has three digits more than the others. Fill it by the strftime of
// TimeLayout instead.)
type Time struct {
	time.Time
}

// NewTime returns t in UTC, cut to the millisecond, in the form [TimeLayout].
func NewTime(t time.Time) Time {
	return Time{t.UTC().Truncate(time.Millisecond)}
}

// secondForm is the form of CURRENT_TIMESTAMP.
var secondForm = form{precision: toSecond, separator: ' '}.location()

// readTime returns a time that was read from a database.
func readTime(t time.Time) Time {
	cut := t.Truncate(time.Millisecond)
	f, remembered := formOf(cut)
	switch {
	case !cut.Equal(t):
		return NewTime(t)
	case remembered && f != fixed:
		return Time{cut}
	case t.Location() == time.UTC && t.Nanosecond() == 0:
		return Time{cut.In(secondForm)} // ParseTime's own form
	default:
		return NewTime(t)
	}
}

// Now returns the current time.
func Now() Time {
	return NewTime(time.Now())
}

// String returns the time as it is stored.
func (t Time) String() string {
	if f, ok := formOf(t.Time); ok {
		return f.format(t.Time)
	}
	return NewTime(t.Time).Format(TimeLayout)
}

// Value implements [driver.Valuer]. It fails for years outside 0 to 9999, which
// SQLite's date functions don't know.
func (t Time) Value() (driver.Value, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	return t.String(), nil
}

// MarshalText implements [encoding.TextMarshaler]. The form is RFC 3339, always with
// milliseconds and in UTC, 2006-01-02T15:04:05.000Z, since this is how times leave for
// other programs. It isn't the stored one: SQL that takes times out of such JSON converts
// them with strftime('%Y-%m-%d %H:%M:%f', …). (Bulk inserts of package db write the stored
// one.)
func (t Time) MarshalText() ([]byte, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	return []byte(NewTime(t.Time).Format(jsonLayout)), nil
}

// MarshalJSON implements [json.Marshaler]; see MarshalText. (The embedded
// time.Time's would be taken otherwise.)
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

// UnmarshalText implements [encoding.TextUnmarshaler] for every form that [ParseTime]
// reads.
func (t *Time) UnmarshalText(text []byte) error {
	parsed, err := parse(string(text), jsonLayout)
	if err == nil {
		*t = NewTime(parsed)
	}
	return err
}

// parse reads a text; an error names the form that belongs there.
func parse(text, want string) (time.Time, error) {
	parsed, ok := ParseTime(text)
	if !ok {
		return time.Time{}, fmt.Errorf("%.40q is no time; want the form %s", text, want)
	}
	return parsed, nil
}

// UnmarshalJSON implements [json.Unmarshaler]; see UnmarshalText. As is the custom,
// null changes nothing.
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

// Scan implements [sql.Scanner]. Besides [TimeLayout] it reads every form of
// [ParseTime]: RFC 3339, what SQLite's datetime and CURRENT_TIMESTAMP write, and what
// the SQLite drivers of Go have written for a time.Time. What is finer than a
// millisecond is cut.
//
// Of numbers it reads these, for the years 0 to 9999:
//
//	INTEGER  -62167219200 to 253402300799  unix seconds: unixepoch()
//	INTEGER  beyond ±1000000000000         unix milliseconds: JavaScript, mattn/go-sqlite3
//	REAL     1721059.5 to 5373484.499999   Julian days: julianday()
//	REAL     else the same as INTEGER      seconds with a fraction: unixepoch('subsec')
//
// That is the meaning of SQLite's own modifier 'auto', with two exceptions. Milliseconds,
// which 'auto' doesn't know, are told by their size, as Go's drivers do it. And an
// INTEGER is never a Julian day, but one of the first weeks of 1970, which is what Go's
// drivers take it for. (A column declared datetime stores a Julian day that is whole, a
// noon, as an INTEGER: keep Julian days in a column declared real.) A REAL is rounded to
// the millisecond, since a Julian day isn't more exact.
//
// All other numbers are errors, also what could mean two things: between seconds and
// milliseconds, where milliseconds would be those before September 2001; and 1 to 9999,
// since that is what CAST(created_at AS datetime) makes of a text: its year. So is a text
// of digits alone, which strftime('%s') writes and which can be a year or a day too: take
// unixepoch(), or cast it to integer.
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
		return fmt.Errorf("NULL is no Time; scan into *dbtype.Time")
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

// set takes a time that was read, if it was.
func (t *Time) set(read time.Time, err error) error {
	if err != nil {
		return err
	}
	*t = NewTime(read)
	return nil
}
