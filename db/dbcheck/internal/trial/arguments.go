package trial

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// A drawer makes arguments for a method: from the rows of the database, so that they match
// some, and from values that queries are often given.
type drawer struct {
	tap     *call.Tap
	samples value.Samples
	rand    *rand.Rand
	state   *state
	read    bool // the statement only reads
	// cache has the candidates for each argument.
	cache map[int][]reflect.Value
}

// usual are values that queries are often given: page sizes, lists, patterns, times
// before and after everything.
var usual = []any{
	int64(0), int64(1), int64(100), int64(-1), int64(1) << 40, 0.5, 1000.5,
	"", "a", "%", "*", "[]", "[1]", `["a"]`, "{}", `{"a":1}`, `[{"a":1}]`, "$.a", "$", "1", "en",
	"0001-01-01 00:00:00.000", "9999-12-31 23:59:59.999", "2026-01-02 03:04:05.678",
}

// paths are the paths in the JSON of a filled table.
var paths = []string{"$.a", "$.lang", "$[0]", "$"}

// values draws values for each argument of a method.
func (d *drawer) values(m *call.Method) []call.Given {
	table, row := d.anyRow()
	values := make([]call.Given, len(m.Args))
	for i, l := range m.Args {
		n := 1
		if l.Slice {
			n = d.rand.IntN(4)
		}
		for range n {
			values[i] = append(values[i], d.value(i, l, table, row))
		}
	}
	return values
}

// anyRow draws a row of the database, so that arguments can fit together.
func (d *drawer) anyRow() (*call.Answer, []any) {
	names := make([]string, 0, len(d.state.rows))
	for name := range d.state.rows {
		names = append(names, name)
	}
	if len(names) == 0 {
		return nil, nil
	}
	slices.Sort(names)
	table := d.state.rows[names[d.rand.IntN(len(names))]]
	return table, table.Rows[d.rand.IntN(len(table.Rows))]
}

func (d *drawer) value(i int, l call.Argument, table *call.Answer, row []any) reflect.Value {
	if l.Type.Kind() == reflect.Pointer && d.rand.IntN(3) == 0 {
		return reflect.Zero(l.Type)
	}
	if table != nil && d.rand.IntN(3) > 0 {
		for k, name := range table.Columns {
			if source.Plain(name) != source.Plain(l.Name) && !(l.Slice && source.Plain(name)+"s" == source.Plain(l.Name)) {
				continue
			}
			if v, err := d.tap.ScanInto(l.Type, row[k]); err == nil {
				return v
			}
		}
	}
	if strings.Contains(source.Plain(l.Name), "path") && l.Type.Kind() == reflect.String && d.rand.IntN(2) == 0 {
		return reflect.ValueOf(paths[d.rand.IntN(len(paths))]).Convert(l.Type)
	}
	candidates := d.candidates(i, l)
	if len(candidates) == 0 {
		v, _ := d.samples.Of(l.Type, 0)
		return v
	}
	return candidates[d.rand.IntN(len(candidates))]
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
		if seen[v] || v == nil || !fits(l.Type, v) {
			continue
		}
		seen[v] = true
		if c, err := d.tap.ScanInto(l.Type, v); err == nil {
			out = append(out, c)
		}
	}
	return sorted(out)
}

// fits keeps database/sql from converting a number to a text.
func fits(t reflect.Type, v any) bool {
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
