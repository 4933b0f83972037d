package trial

import (
	"cmp"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
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
	isAny := l.Type.Kind() == reflect.Interface
	usualOnes := d.convert(l, usual)
	for n := range 2 {
		if v, ok := d.samples.Of(l.Type, n); ok && !isAny {
			usualOnes = append(usualOnes, v)
		}
	}
	var stored []any
	for _, a := range d.state.rows {
		for k, name := range a.Columns {
			// An argument of any type may be written to a column: then only values of that column fit.
			if isAny && !d.read && source.Plain(name) != source.Plain(l.Name) {
				continue
			}
			for _, row := range a.Rows {
				stored = append(stored, row[k])
			}
		}
	}
	storedOnes := d.convert(l, stored)
	if isAny && !d.read {
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
	// The order of a map isn't the same in each run.
	slices.SortStableFunc(out, func(a, b reflect.Value) int {
		return cmp.Compare(value.TextOf(a.Interface()), value.TextOf(b.Interface()))
	})
	return out
}

// accepts keeps database/sql from converting a number to a text.
func accepts(t reflect.Type, v any) bool {
	t = value.Pointed(t)
	switch v := v.(type) {
	case string:
		return t != reflect.TypeFor[time.Time]() && t.Kind() != reflect.Int64 && t.Kind() != reflect.Float64 && t.Kind() != reflect.Bool
	case time.Time:
		return t.Kind() != reflect.String
	case int64, float64:
		return t.Kind() != reflect.String && t.Kind() != reflect.Slice && (t.Kind() != reflect.Bool || v == int64(0) || v == int64(1))
	}
	return true
}

// payloadKeys returns the names that a query takes out of the JSON of the argument at i, such as url in
// json_each(?) AS e with e.value ->> 'url'. It reports whether the argument is such JSON: without names it
// is a list of values.
func payloadKeys(parts []source.Part, i int) (keys []string, ok bool) {
	open := i - 1
	if source.At(parts, open).Text == "(" && source.At(parts, open-1).Is("cast") {
		open -= 2
	}
	if source.At(parts, open).Text != "(" || !source.At(parts, open-1).Is("json_each") {
		return nil, false
	}
	for k, p := range parts {
		if !strings.HasPrefix(p.Text, "'") {
			continue
		}
		name, isPath := strings.CutPrefix(strings.Trim(p.Text, "'"), "$.")
		if source.ArrowBefore(parts, k) || isPath && source.At(parts, k-1).Text == "," {
			keys = append(keys, name)
		}
	}
	return keys, true
}

// payload returns a list in JSON with one object of values that rows have, or with one such value. One of the
// texts gets another end, as a column may be UNIQUE.
func (d *drawer) payload(l call.Argument, keys []string, rows []tableRow) string {
	var list []any
	other := d.rand.IntN(len(keys) + 1)
	object := map[string]any{}
	for i, key := range keys {
		v := stored(rows, key)
		if text, ok := v.(string); ok && i == other {
			v = text + "x"
		}
		object[key] = v
	}
	switch name := strings.TrimSuffix(l.Name, "s"); {
	case len(keys) > 0:
		list = append(list, object)
	case stored(rows, name) != nil:
		list = append(list, stored(rows, name))
	case len(rows) > 0:
		list = append(list, rows[0].row[d.rand.IntN(len(rows[0].row))])
	}
	text, err := json.Marshal(list)
	if err != nil {
		return "[]"
	}
	return string(text)
}

// stored returns the value of the first row that has the column, or nil. A time is the text that SQLite stores.
func stored(rows []tableRow, column string) any {
	for _, r := range rows {
		if v, ok := r.get(column); ok && v != nil {
			switch v.(type) {
			case int64, float64:
				return v
			}
			return value.TextOf(v)
		}
	}
	return nil
}
