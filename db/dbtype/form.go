package dbtype

import (
	"sync"
	"time"
)

// A form says how a text writes a time. SQLite compares texts, so a time that was read equals
// the stored text only if it is sent back in the same form.
type form struct {
	precision precision
	separator byte // between date and time: a space or T
	digits    int  // of the fraction of a second
	zone      zoneStyle
	offset    time.Duration // of the zone
	name      string        // of the zone, for zoneNamed
}

// A precision is the smallest unit that a form writes.
type precision int

const (
	toDay precision = iota
	toMinute
	toSecond
)

// A zoneStyle says how a form writes the zone.
type zoneStyle int

const (
	zoneNone  zoneStyle = iota // UTC
	zoneZ                      // Z
	zoneColon                  // -07:00
	zoneNamed                  // -0700 MST
)

// standard returns the form in which [FormatTime] writes a time that has no form of its own.
func standard(t time.Time) form {
	return form{precision: toSecond, separator: ' ', digits: fractionDigits(t)}
}

// fractionDigits returns the number of digits for the fraction of a second: 0, 3, 6 or 9.
func fractionDigits(t time.Time) int {
	switch nanosecond := t.Nanosecond(); {
	case nanosecond == 0:
		return 0
	case nanosecond%1e6 == 0:
		return 3
	case nanosecond%1e3 == 0:
		return 6
	default:
		return 9
	}
}

// fixed is the form of [TimeLayout].
var fixed = form{precision: toSecond, separator: ' ', digits: 3}

// fits reports whether the form can write t exactly.
func (f form) fits(t time.Time) bool {
	local := t.UTC().Add(f.offset)
	if local.Year() < 0 || local.Year() > 9999 {
		return false
	}
	switch f.precision {
	case toDay:
		return local.Equal(time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC))
	case toMinute:
		return local.Second() == 0 && local.Nanosecond() == 0
	}
	unit := 1
	for range 9 - f.digits {
		unit *= 10
	}
	return local.Nanosecond()%unit == 0
}

// format writes t. The form must fit t.
func (f form) format(t time.Time) string {
	local := t.In(time.FixedZone(f.name, int(f.offset/time.Second)))
	layout := time.DateOnly
	if f.precision >= toMinute {
		layout += string(f.separator) + "15:04"
	}
	if f.precision == toSecond {
		layout += ":05"
	}
	if f.digits > 0 {
		layout += "." + "000000000"[:f.digits]
	}
	switch f.zone {
	case zoneZ:
		layout += "Z" // literally Z; in a layout it would be Z07
	case zoneColon:
		layout += "-07:00"
	case zoneNamed:
		layout += " -0700"
	}
	text := local.Format(layout)
	if f.zone == zoneNamed {
		text += " " + f.name
	}
	return text
}

// A time that was read in a nonstandard form keeps the form in its [time.Location]. Each of
// these locations has the name and offset of UTC. There are some hundred forms in UTC.
// maxForms limits the forms of other zones; above the limit a time gets plain UTC.
var (
	formsMu   sync.RWMutex
	locations = map[form]*time.Location{}
	forms     = map[*time.Location]form{}
)

const maxForms = 4096

// location returns the location that holds the form, or [time.UTC].
func (f form) location() *time.Location {
	formsMu.RLock()
	found := locations[f]
	formsMu.RUnlock()
	if found != nil {
		return found
	}
	formsMu.Lock()
	defer formsMu.Unlock()
	if found := locations[f]; found != nil {
		return found
	}
	if len(locations) >= maxForms && (f.offset != 0 || f.name != "" && f.name != "UTC") {
		return time.UTC
	}
	made := time.FixedZone("UTC", 0)
	locations[f], forms[made] = made, f
	return made
}

// formOf returns the form that t holds, if the form fits t.
func formOf(t time.Time) (form, bool) {
	at := t.Location()
	if at == time.UTC || at == time.Local {
		return form{}, false
	}
	formsMu.RLock()
	f, found := forms[at]
	formsMu.RUnlock()
	return f, found && f.fits(t)
}
