package netscape

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The dates of the format are counts of seconds since 1970. Some exporters
// write milliseconds or microseconds instead. No count of seconds within range
// has more than 12 digits, and the 13 digits of a count of milliseconds and the
// 16 digits of a count of microseconds both mean the years 2001 to 2286, so
// the number of digits tells the unit.
const (
	maxSeconds = 253402300799 // 9999-12-31T23:59:59Z

	minMillis = 1e12
	maxMillis = 1e13 - 1
	minMicros = 1e15
	maxMicros = 1e16 - 1
)

var (
	errNotNumber = errors.New("is not a count of seconds")
	errRange     = errors.New("is out of range")
)

// parseDate returns the time which the value s of a date attribute stands for.
// It is zero if s is empty or 0, which exporters write for "unknown".
func parseDate(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if errors.Is(err, strconv.ErrRange) {
		return time.Time{}, fmt.Errorf("%.40q %w", s, errRange)
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("%.40q %w", s, errNotNumber)
	}
	t, ok := unixTime(n)
	if !ok {
		return time.Time{}, fmt.Errorf("%.40q %w", s, errRange)
	}
	return t, nil
}

// unixTime returns the time n seconds, milliseconds or microseconds after the
// start of 1970, and whether n is in range.
func unixTime(n int64) (t time.Time, ok bool) {
	switch {
	case n == 0:
		return time.Time{}, true
	case n > 0 && n <= maxSeconds:
		return time.Unix(n, 0).UTC(), true
	case n >= minMillis && n <= maxMillis:
		return time.Unix(n/1e3, 0).UTC(), true
	case n >= minMicros && n <= maxMicros:
		return time.Unix(n/1e6, 0).UTC(), true
	}
	return time.Time{}, false
}

// formatDate returns the value of the date attribute for t, which is empty if
// t is zero or the start of 1970: the format can't tell the two apart.
func formatDate(t time.Time) (string, error) {
	if t.IsZero() || t.Unix() == 0 {
		return "", nil
	}
	n := t.Unix()
	if n < 0 || n > maxSeconds {
		return "", fmt.Errorf("%s %w", t.UTC().Format(time.RFC3339), errRange)
	}
	return strconv.FormatInt(n, 10), nil
}
