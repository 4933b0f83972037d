package trial

import (
	"encoding/json"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

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
