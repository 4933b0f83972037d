package dbtype

import (
	"fmt"
	"math"
	"time"
)

// Unix times of the years 0 to 9999, the range of SQLite's date functions.
const (
	firstSecond = -62167219200 // 0000-01-01 00:00:00
	lastSecond  = 253402300799 // 9999-12-31 23:59:59
)

const (
	// Go's SQLite drivers (mattn/go-sqlite3 and modernc.org/sqlite) read a number with a
	// larger absolute value as milliseconds.
	milliseconds = 1e12

	// SQLite's modifier "auto" reads a number from 0 up to this limit as a Julian day.
	// https://sqlite.org/lang_datefunc.html#dtmods
	endOfJulianDays = 5373484.5

	// The start of Unix time in milliseconds of Julian days. Julian days begin at noon, 4714
	// years before the year 0.
	unixInJulian = 210866760000000
)

// ofInteger returns the time for an INTEGER.
func ofInteger(n int64) (time.Time, error) {
	switch {
	case 1 <= n && n <= 9999:
		return time.Time{}, yearOnly(n)
	case firstSecond <= n && n <= lastSecond:
		return time.Unix(n, 0), nil
	case n < -milliseconds || n > milliseconds:
		return ofMilliseconds(n, n)
	default:
		return time.Time{}, notTime(n)
	}
}

// ofReal returns the time for a REAL, rounded to the millisecond as SQLite rounds it. The
// explicit conversions keep the compiler from fusing two operations into one rounding.
func ofReal(x float64) (time.Time, error) {
	switch {
	case x == math.Trunc(x) && 1 <= x && x <= 9999:
		return time.Time{}, yearOnly(x)
	case 0 <= x && x < endOfJulianDays:
		return ofMilliseconds(int64(float64(x*86400e3)+0.5)-unixInJulian, x)
	case firstSecond <= x && x <= lastSecond:
		return ofMilliseconds(int64(float64(x*1000)+unixInJulian+0.5)-unixInJulian, x)
	case milliseconds < math.Abs(x) && math.Abs(x) < 1e15:
		return ofMilliseconds(int64(math.Round(x)), x)
	default:
		return time.Time{}, notTime(x)
	}
}

// ofMilliseconds returns the time for a Unix time, or an error outside the years 0 to 9999.
// from is the original number, for the error.
func ofMilliseconds(n int64, from any) (time.Time, error) {
	if n < firstSecond*1000 || n > lastSecond*1000+999 {
		return time.Time{}, notTime(from)
	}
	return time.UnixMilli(n), nil
}

func notTime(number any) error {
	return fmt.Errorf("the number %v isn't a time in the years 0 to 9999; want unix seconds, "+
		"milliseconds if beyond 1e12, or a Julian day as a REAL", number)
}

// yearOnly returns the error for a number that CAST('2026-01-02 …' AS datetime) returns: the
// digits at the beginning of the text.
func yearOnly(number any) error {
	return fmt.Errorf("the number %v is the year of a time, which CAST(… AS datetime) returns; "+
		"cast to a type with text in its name", number)
}
