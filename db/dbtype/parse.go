package dbtype

import (
	"strings"
	"time"
)

// FormatTime returns a time as text in UTC, in SQLite's own form: 2006-01-02 15:04:05, as
// CURRENT_TIMESTAMP and datetime() write it, with three, six or nine digits of fraction if t
// has a fraction. Texts in this form sort by time, and SQLite's date functions accept them.
//
// A time returned by [ParseTime] is written in the form in which it was read, so that the text
// equals the stored one. This holds while the time keeps its Location and the form fits: after
// Add and Truncate, but not after UTC, In and Local.
//
// The year in UTC must be 0 to 9999. Neither SQLite nor ParseTime accepts the text of other
// years, so check the year first.
func FormatTime(t time.Time) string {
	if f, ok := formOf(t); ok {
		return f.format(t)
	}
	t = t.UTC()
	return t.Format("2006-01-02 15:04:05.000000000"[:fractionEnds[fractionDigits(t)]])
}

// fractionEnds is the length of a time by its number of fraction digits.
var fractionEnds = [10]int{0: 19, 3: 23, 6: 26, 9: 29}

// ParseTime parses a time that is stored as text, and returns it in UTC. It accepts the forms
// that are found in SQLite databases:
//
//	2006-01-02 15:04:05                 FormatTime, CURRENT_TIMESTAMP, datetime()
//	2006-01-02 15:04:05.000             strftime('%Y-%m-%d %H:%M:%f'), 'subsec'
//	2006-01-02T15:04:05.000Z            RFC 3339, JavaScript
//	2006-01-02 15:04:05.000-07:00       most SQLite drivers of Go
//	2006-01-02 15:04:05.000 -0700 MST   time.Time.String, the default of modernc.org/sqlite
//	2006-01-02                          date()
//
// Date and time are separated by a space or a T. The seconds, their fraction and the zone are
// optional. Without a zone the time is in UTC, as in SQLite. Of a longer fraction the first
// nine digits are used. A reading of the monotonic clock (m=+0.012) may follow the zone of
// time.Time.String.
//
// The Location of the time is [time.UTC] if FormatTime would write the same text anyway.
// Otherwise it is a Location with the name and offset of UTC that holds the form for
// FormatTime. So compare times with Equal, not with ==.
//
// ParseTime returns false for all other text, including a time with text before or after it, a
// day that doesn't exist in its month, 24:00, and leap seconds. With a zone, a time in the
// years 0 and 9999 can be in the years -1 and 10000 in UTC, which [FormatTime] can't write.
func ParseTime(text string) (time.Time, bool) {
	// Every row with a time is parsed here, so the text is parsed in one pass, without trying
	// a list of layouts.
	r := timeReader{rest: text}
	year := r.number(4, 0, 9999)
	r.want('-')
	month := time.Month(r.number(2, 1, 12))
	r.want('-')
	day := r.number(2, 1, daysIn(year, month))
	if r.rest == "" && !r.failed {
		return time.Date(year, month, day, 0, 0, 0, 0, form{precision: toDay}.location()), true
	}

	r.separator()
	hour := r.number(2, 0, 23)
	r.want(':')
	minute := r.number(2, 0, 59)
	second, nanosecond := r.seconds()
	r.form.offset = r.zone()
	if r.failed || r.rest != "" {
		return time.Time{}, false
	}
	t := time.Date(year, month, day, hour, minute, second, nanosecond, time.UTC).Add(-r.form.offset)
	if r.form == standard(t) || r.odd || !r.form.fits(t) {
		return t, true
	}
	return t.In(r.form.location()), true
}

func daysIn(year int, month time.Month) int {
	switch month {
	case time.April, time.June, time.September, time.November:
		return 30
	case time.February:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	default:
		return 31
	}
}

// A timeReader parses a text from left to right. After a failure its results are meaningless.
type timeReader struct {
	rest   string
	failed bool
	form   form
	odd    bool // form can't reproduce the text
}

// skip reads b if it is the next byte.
func (r *timeReader) skip(b byte) bool {
	if r.rest == "" || r.rest[0] != b {
		return false
	}
	r.rest = r.rest[1:]
	return true
}

// separator reads the byte between date and time.
func (r *timeReader) separator() {
	r.form.separator = ' '
	if r.skip('T') {
		r.form.separator = 'T'
	} else {
		r.want(' ')
	}
}

// want reads b, which must be the next byte.
func (r *timeReader) want(b byte) {
	if !r.skip(b) {
		r.failed = true
	}
}

// number reads a number with the given count of digits.
func (r *timeReader) number(digits, least, most int) int {
	if len(r.rest) < digits {
		r.failed = true
		return 0
	}
	n := 0
	for i := range digits {
		if !isDigit(r.rest[i]) {
			r.failed = true
			return 0
		}
		n = 10*n + int(r.rest[i]-'0')
	}
	r.rest = r.rest[digits:]
	if n < least || n > most {
		r.failed = true
	}
	return n
}

// seconds reads ":05" or ":05.678". Both parts are optional.
func (r *timeReader) seconds() (second, nanosecond int) {
	r.form.precision = toMinute
	if !r.skip(':') {
		return 0, 0
	}
	r.form.precision = toSecond
	second = r.number(2, 0, 59)
	if !r.skip('.') {
		return second, 0
	}
	fraction := r.digits()
	if fraction == "" {
		r.failed = true
	}
	r.form.digits = min(len(fraction), 9)
	r.odd = len(fraction) > 9
	for i := range 9 {
		nanosecond *= 10
		if i < len(fraction) {
			nanosecond += int(fraction[i] - '0')
		}
	}
	return second, nanosecond
}

// digits reads all following digits.
func (r *timeReader) digits() string {
	n := 0
	for n < len(r.rest) && isDigit(r.rest[n]) {
		n++
	}
	digits := r.rest[:n]
	r.rest = r.rest[n:]
	return digits
}

// zone reads "Z", "-07:00", " -0700 MST" or nothing, and returns the offset.
func (r *timeReader) zone() time.Duration {
	switch {
	case r.rest == "":
		return 0
	case r.skip('Z'):
		r.form.zone = zoneZ
		return 0
	case !r.skip(' '):
		r.form.zone = zoneColon
		r.odd = r.odd || strings.HasPrefix(r.rest, "-00:00") // FormatTime would write +00:00
		return r.offset(true)
	}
	r.form.zone = zoneNamed
	r.odd = r.odd || strings.HasPrefix(r.rest, "-0000")
	offset := r.offset(false)
	r.want(' ')
	r.form.name = r.zoneName()
	r.odd = r.odd || r.rest != "" // a monotonic clock
	r.monotonic()
	return offset
}

// offset reads "-07:00", or "-0700" without a colon.
func (r *timeReader) offset(colon bool) time.Duration {
	negative := r.sign()
	hours := r.number(2, 0, 23)
	if colon {
		r.want(':')
	}
	offset := time.Duration(60*hours+r.number(2, 0, 59)) * time.Minute
	if negative {
		return -offset
	}
	return offset
}

func (r *timeReader) sign() (negative bool) {
	if r.skip('-') {
		return true
	}
	r.want('+')
	return false
}

// zoneName reads the name of a zone: CET, ChST, UTC+8, or +0530 for a zone without a name. As
// in package time, the offset decides about the time.
func (r *timeReader) zoneName() string {
	name, _, _ := strings.Cut(r.rest, " ")
	r.rest = r.rest[len(name):]
	switch {
	case name == "":
		r.failed = true
	case name[0] == '+' || name[0] == '-':
		r.failed = r.failed || !isNumericZone(name[1:])
	default:
		r.failed = r.failed || name[0] < 'A' || name[0] > 'Z' || strings.ContainsFunc(name, outsideZoneName)
	}
	return strings.Clone(name)
}

// isNumericZone reports whether digits are hours, with optional minutes and seconds.
func isNumericZone(digits string) bool {
	r := timeReader{rest: digits}
	return len(r.digits()) == len(digits) && (len(digits) == 2 || len(digits) == 4 || len(digits) == 6)
}

func outsideZoneName(c rune) bool {
	letter := 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
	return !letter && (c < '0' || c > '9') && !strings.ContainsRune("+-/_:", c)
}

// monotonic reads " m=+0.012345678", or nothing.
func (r *timeReader) monotonic() {
	if r.rest == "" {
		return
	}
	r.want(' ')
	r.want('m')
	r.want('=')
	r.sign()
	whole := r.digits()
	r.want('.')
	if fraction := r.digits(); whole == "" || fraction == "" {
		r.failed = true
	}
}

func isDigit(b byte) bool {
	return '0' <= b && b <= '9'
}
