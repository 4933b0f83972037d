package dbtype

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// A Date is a calendar day, without a time of day or a zone. It is stored as text, 2006-01-02,
// as SQLite's date() and CURRENT_DATE write it. Create one with [NewDate] or [DateOf]; use
// *Date for a column that may be NULL. The zero Date is January 1 of the year 1.
type Date struct {
	t time.Time // midnight of the day, in UTC
}

// NewDate returns a day. A month or day outside its usual range is normalized, as by
// [time.Date].
func NewDate(year int, month time.Month, day int) Date {
	return Date{time.Date(year, month, day, 0, 0, 0, 0, time.UTC)}
}

// DateOf returns the day of t in t's zone.
func DateOf(t time.Time) Date { return NewDate(t.Date()) }

// Time returns midnight of the day in UTC.
func (d Date) Time() time.Time { return d.t }

// In returns midnight of the day in a zone.
func (d Date) In(zone *time.Location) time.Time {
	year, month, day := d.t.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, zone)
}

// AddDays returns the day n days later.
func (d Date) AddDays(n int) Date { return Date{d.t.AddDate(0, 0, n)} }

// Compare returns -1 if d is before other, 1 if d is after other, and 0 if they are equal.
func (d Date) Compare(other Date) int { return d.t.Compare(other.t) }

// String returns the day in the stored form.
func (d Date) String() string { return d.t.Format(time.DateOnly) }

// Value implements [driver.Valuer]. It fails for years outside 0 to 9999.
func (d Date) Value() (driver.Value, error) {
	if err := (Time{d.t}).check(); err != nil {
		return nil, err
	}
	return d.String(), nil
}

// MarshalText implements [encoding.TextMarshaler]. JSON uses it too. The form is 2006-01-02.
func (d Date) MarshalText() ([]byte, error) {
	if err := (Time{d.t}).check(); err != nil {
		return nil, err
	}
	return []byte(d.String()), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler]. JSON uses it too. It accepts the forms
// of Scan.
func (d *Date) UnmarshalText(text []byte) error { return d.setText(string(text)) }

// Scan implements [sql.Scanner]. It accepts 2006-01-02, and each form of [ParseTime] whose
// time is midnight in UTC. Another time of day is an error, since a Date can't hold it.
func (d *Date) Scan(src any) error {
	switch src := src.(type) {
	case time.Time:
		return d.set(src)
	case string:
		return d.setText(src)
	case []byte:
		return d.setText(string(src))
	case nil:
		return fmt.Errorf("NULL isn't a Date; scan into *dbtype.Date")
	default:
		return fmt.Errorf("can't read a date from %T", src)
	}
}

func (d *Date) setText(text string) error {
	read, ok := ParseTime(text)
	if !ok {
		return fmt.Errorf("%.40q isn't a date; want the form %s", text, time.DateOnly)
	}
	return d.set(read)
}

func (d *Date) set(read time.Time) error {
	read = read.UTC()
	if day := DateOf(read); !day.t.Equal(read) {
		return fmt.Errorf("%s has a time of day, which a Date can't hold; scan into dbtype.Time", FormatTime(read))
	}
	*d = DateOf(read)
	return nil
}
