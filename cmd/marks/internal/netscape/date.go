package netscape

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// The dates of the format are counts of seconds since 1970. Some exporters use other units.
// The number of digits distinguishes them. A count of seconds in range has at most 12
// digits. 13 digits are milliseconds and 16 digits are microseconds, of the years 2001 to
// 2286. 19 digits are nanoseconds, from 2001 on. 17 digits are microseconds since 1601, which
// Chrome uses internally, from 1970 on.
const (
	maxSeconds = 253402300799 // 9999-12-31T23:59:59Z
	since1601  = 11644473600  // seconds from 1601 to 1970

	minMillis, maxMillis = 1e12, 1e13 - 1
	minMicros, maxMicros = 1e15, 1e16 - 1
	minChrome, maxChrome = since1601 * 1e6, 1e17 - 1
	minNanos             = 1e18
)

// layouts are the unambiguous layouts of written dates. A date without a zone is in UTC.
var layouts = []string{
	time.RFC3339,
	"2006-01-02T15:04Z07:00",
	"2006-01-02T15:04:05",
	"2006-01-02T15:04",
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05 -0700",
	"2006-01-02 15:04:05",
	"2006-01-02 15:04",
	"2006-01-02",
	"20060102T150405Z0700",
	"20060102150405",
	time.RFC1123Z,
	"Mon, 02 Jan 2006 15:04:05 GMT",
}

// parseDate parses the value s of a date attribute, and reports whether s is valid. The time
// is zero if s is empty or 0, which exporters write for "unknown".
func parseDate(s string) (t time.Time, ok bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}, true
	}
	if n, ok := parseCount(s); ok {
		if t, ok := unixTime(n); ok {
			return t, true
		}
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			t = t.UTC().Truncate(time.Second)
			return t, t.Unix() > 0 && t.Unix() <= maxSeconds
		}
	}
	return time.Time{}, false
}

// parseCount parses a number and drops its fraction.
func parseCount(s string) (int64, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, true
	}
	if strings.Trim(s, "0123456789.eE+-") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return int64(f), err == nil && math.Abs(f) < 1<<62
}

// unixTime returns the time of a count, and reports whether the time is in range. The size of
// the count determines its unit.
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
	case n > minChrome && n <= maxChrome:
		return time.Unix(n/1e6-since1601, 0).UTC(), true
	case n >= minNanos:
		return time.Unix(n/1e9, 0).UTC(), true
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
		return "", fmt.Errorf("%s is out of range", t.UTC().Format(time.RFC3339))
	}
	return strconv.FormatInt(n, 10), nil
}
