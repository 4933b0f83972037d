package trial

import (
	"reflect"
	"slices"
	"time"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// usual are values that queries are often given: page sizes, lists, patterns, times
// before and after everything.
var usual = []any{
	int64(0), int64(1), int64(100), int64(-1), int64(1) << 40, 0.5, 1000.5,
	"", "a", "%", "*", "[]", "[1]", `["a"]`, "{}", `{"a":1}`, `[{"a":1}]`, "$.a", "$", "1", "en",
	"0001-01-01 00:00:00.000", "9999-12-31 23:59:59.999", "2026-01-02 03:04:05.678",
}

// candidates returns values of an argument's type: half of them usual ones, half of them from
// the database.
func (d *drawer) candidates(i int, l call.Argument) []reflect.Value {
	if c, ok := d.cache[i]; ok {
		return c
	}
	usualOnes := d.convert(l, usual)
	for n := range 2 {
		if v, ok := d.samples.Of(l.Type, n); ok && l.Type.Kind() != reflect.Interface {
			usualOnes = append(usualOnes, v)
		}
	}
	var stored []any
	for _, a := range d.state.rows {
		for k, name := range a.Columns {
			// An argument of any type may be written to a column: then only values of that column fit.
			if l.Type.Kind() == reflect.Interface && !d.read && source.Plain(name) != source.Plain(l.Name) {
				continue
			}
			for _, row := range a.Rows {
				stored = append(stored, row[k])
			}
		}
	}
	storedOnes := d.convert(l, stored)
	if l.Type.Kind() == reflect.Interface && !d.read {
		usualOnes = nil
	}
	out := usualOnes
	for len(storedOnes) > 0 && len(out) < 2*len(usualOnes)+20 {
		out = append(out, storedOnes[d.rand.IntN(len(storedOnes))])
	}
	d.cache[i] = out
	return out
}

// convert returns the values that an argument can have, each once.
func (d *drawer) convert(l call.Argument, from []any) []reflect.Value {
	var out []reflect.Value
	seen := map[any]bool{}
	for _, v := range from {
		if b, ok := v.([]byte); ok {
			v = string(b)
		}
		if seen[v] || v == nil || !accepts(l.Type, v) {
			continue
		}
		seen[v] = true
		if c, err := d.tap.ScanInto(l.Type, v); err == nil {
			out = append(out, c)
		}
	}
	return sorted(out)
}

// accepts keeps database/sql from converting a number to a text.
func accepts(t reflect.Type, v any) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch v := v.(type) {
	case string:
		if t == reflect.TypeFor[time.Time]() {
			return false
		}
		return t.Kind() != reflect.Int64 && t.Kind() != reflect.Float64 && t.Kind() != reflect.Bool
	case time.Time:
		return t.Kind() != reflect.String
	case int64, float64:
		return t.Kind() != reflect.String && t.Kind() != reflect.Slice && (t.Kind() != reflect.Bool || v == int64(0) || v == int64(1))
	}
	return true
}

// sorted makes the order the same in each run, as the order of a map isn't.
func sorted(values []reflect.Value) []reflect.Value {
	slices.SortStableFunc(values, func(a, b reflect.Value) int {
		x, y := value.TextOf(a), value.TextOf(b)
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	return values
}
