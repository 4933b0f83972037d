package dbtype

import (
	"strings"
	"time"
)

// FormatTime writes an instant as text in SQLite's own form, in UTC: 2006-01-02 15:04:05, as
// CURRENT_TIMESTAMP and datetime() write it, with three, six or nine digits of fraction where t
// has them. Texts that it wrote sort as the instants do, and SQLite's date functions read
// them.
//
// A time that [ParseTime] returned is written in the form that it was read in, so that the
// text equals the stored one. That holds as long as its Location stays: after Add and
// Truncate, and if the form loses nothing of it; not after UTC, In and Local.
//
// The years are 0 to 9999 of UTC; neither SQLite nor ParseTime reads the text of others, so
// look at the year first.
func FormatTime(t time.Time) string {
	if f, ok := formOf(t); ok {
		return f.format(t)
	}
	t = t.UTC()
	return t.Format("2006-01-02 15:04:05.000000000"[:fractionEnds[fractionDigits(t)]])
}

// fractionEnds has the length of a time with so many digits of fraction.
var fractionEnds = [10]int{0: 19, 3: 23, 6: 26, 9: 29}

// ParseTime reads a time that is stored as text, and returns it in UTC. It knows the
// forms that are found in SQLite databases:
//
//	2006-01-02 15:04:05                 FormatTime, CURRENT_TIMESTAMP, datetime()
//	2006-01-02 15:04:05.000             strftime('%Y-%m-%d %H:%M:%f'), 'subsec'
//	2006-01-02T15:04:05.000Z            RFC 3339, JavaScript
//	2006-01-02 15:04:05.000-07:00       most SQLite drivers of Go
//	2006-01-02 15:04:05.000 -0700 MST   time.Time.String, the default of modernc.org/sqlite
//	2006-01-02                          date()
//
// Date and time may be separated by a space or a T; the seconds, their fraction, and
// the zone may be missing. A time without a zone is UTC, which is SQLite's convention. A
// fraction may have any number of digits, of which nine count. After
// time.Time.String's zone the reading of the monotonic clock may follow (m=+0.012).
//
// The time's Location is [time.UTC] if FormatTime would write the same text anyway. Else it is
// another one, whose name and offset are those of UTC, and by which FormatTime knows the
// form. (So compare times by Equal, and not by ==.)
//
// ParseTime reports false for everything else, also for a time with something before
// or after it, for a day that its month doesn't have, for 24:00 and for leap seconds.
// With a zone, a time of the years 0 and 9999 can lie in the years -1 and 10000 of
// UTC, which [FormatTime] has no form for.
func ParseTime(text string) (time.Time, bool) {
	// Every row of a result comes through here, so the text is read once, from left to
	// right, and not tried against a list of layouts.
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

// A timeReader reads a text from its front. When something isn't as wanted it has
// failed; what it reads then means nothing.
type timeReader struct {
	rest   string
	failed bool
	form   form
	odd    bool // form can't write the text
}

// skip reads a byte, if it is the next.
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

// want reads a byte that must be the next.
func (r *timeReader) want(b byte) {
	if !r.skip(b) {
		r.failed = true
	}
}

// number reads a number of so many digits.
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

// seconds reads ":05" and ":05.678", either of which may be missing.
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

// digits reads as many digits as there are.
func (r *timeReader) digits() string {
	n := 0
	for n < len(r.rest) && isDigit(r.rest[n]) {
		n++
	}
	digits := r.rest[:n]
	r.rest = r.rest[n:]
	return digits
}

// zone reads "Z", "-07:00" and " -0700 MST", or nothing, and returns the offset.
func (r *timeReader) zone() time.Duration {
	switch {
	case r.rest == "":
		return 0
	case r.skip('Z'):
		r.form.zone = zoneZ
		return 0
	case !r.skip(' '):
		r.form.zone = zoneColon
		r.odd = r.odd || strings.HasPrefix(r.rest, "-00:00") // which is written +00:00
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

// zoneName reads what a zone is called: CET, ChST, UTC+8, and +0530 for one that has
// only a number. It is the offset that counts, as for Go's own parser.
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

// isNumericZone reports whether a name after its sign is of hours, minutes or seconds.
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
