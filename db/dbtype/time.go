package dbtype

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"time"
)

// TimeLayout is the form in which [Time] is stored: UTC, to the millisecond, always
// 24 characters. SQLite's strftime('%Y-%m-%dT%H:%M:%fZ', 'now') writes the same, so
// times made by the database and by Go compare as text.
const TimeLayout = "2006-01-02T15:04:05.000Z"

// A Time is an instant in UTC, to the millisecond. It is stored as text in
// [TimeLayout]. Make one with [NewTime] or [Now]; use *Time for a column that may
// be NULL.
type Time struct {
	time.Time
}

// NewTime returns t in UTC, cut to the millisecond: what comes back when it is
// stored and read again.
func NewTime(t time.Time) Time {
	return Time{t.UTC().Truncate(time.Millisecond)}
}

// Now returns the current time.
func Now() Time {
	return NewTime(time.Now())
}

// String returns the time as it is stored, in [TimeLayout].
func (t Time) String() string {
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

// MarshalText implements [encoding.TextMarshaler], and by it JSON: the form is the
// stored one, so that times also travel inside the JSON of a bulk insert.
func (t Time) MarshalText() ([]byte, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	return []byte(t.String()), nil
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
		return fmt.Errorf("dbtype: year %d is outside 0 to 9999", year)
	}
	return nil
}

// UnmarshalText implements [encoding.TextUnmarshaler] for every form that Scan reads.
func (t *Time) UnmarshalText(text []byte) error {
	parsed, err := parseTime(string(text))
	if err != nil {
		return err
	}
	*t = parsed
	return nil
}

// UnmarshalJSON implements [json.Unmarshaler]; see UnmarshalText. As is the custom,
// null changes nothing.
func (t *Time) UnmarshalJSON(data []byte) error {
	text := string(data)
	if text == "null" {
		return nil
	}
	if len(text) < 2 || text[0] != '"' || text[len(text)-1] != '"' {
		return fmt.Errorf("dbtype: a time in JSON is a string, not %.40s", text)
	}
	return t.UnmarshalText(data[1 : len(data)-1])
}

// Scan implements [sql.Scanner]. Besides [TimeLayout] it reads RFC 3339, what
// SQLite's datetime and CURRENT_TIMESTAMP write, and what the SQLite drivers of Go
// have written for a time.Time.
func (t *Time) Scan(src any) error {
	switch src := src.(type) {
	case time.Time:
		*t = NewTime(src)
		return nil
	case string:
		return t.UnmarshalText([]byte(src))
	case []byte:
		return t.UnmarshalText(src)
	case nil:
		return fmt.Errorf("dbtype: NULL is no Time; scan into *dbtype.Time")
	default:
		return fmt.Errorf("dbtype: can't read a time from %T", src)
	}
}

// The forms of text that parseTime knows. Go's parser takes a fraction of a second
// after the seconds even where the layout has none.
var timeLayouts = []string{
	time.RFC3339,
	"2006-01-02T15:04:05",
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05",
	"2006-01-02 15:04:05 -0700 MST", // time.Time.String, the default of modernc.org/sqlite
	"2006-01-02 15:04",
	"2006-01-02T15:04",
	"2006-01-02",
}

func parseTime(text string) (Time, error) {
	// time.Time.String of a time with a monotonic clock reading.
	plain, _, _ := strings.Cut(text, " m=")
	for _, layout := range timeLayouts {
		if parsed, err := time.Parse(layout, plain); err == nil {
			return NewTime(parsed), nil
		}
	}
	return Time{}, fmt.Errorf("dbtype: %.40q is no time; want the form %s", text, TimeLayout)
}
