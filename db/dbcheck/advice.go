package dbcheck

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbtype"
)

// overrideJSON says how the JSON of a column gets a type that reads it. sqlc compares declared
// types with case.
func (c *checker) overrideJSON(column string) string {
	declared := ""
	for _, t := range c.tables {
		for _, other := range t.columns {
			if other.class == jsonClass && (declared == "" || source.Plain(other.name) == source.Plain(column)) {
				declared = other.declared
			}
		}
	}
	return "an override in sqlc.yaml for the type " + cmp.Or(declared, "json") + ": github.com/duolite/duolite/db/dbtype, JSON"
}

// nullInstead returns a form of a column that isn't NULL, by the values that it has.
func (w *witness) nullInstead(i int) string {
	if isRawMessage(w.fields[i].typ) {
		return w.overrideJSON(w.columns[i]) + ", with pointer: true where it is nullable"
	}
	var zero, cast string
	v, seen := w.values[i]
	if !seen { // nothing but NULL: a value of the type that has no room for it
		v = reflect.Zero(w.fields[i].typ).Interface()
	}
	switch v.(type) {
	case int64:
		zero, cast = "0", "INTEGER"
	case float64:
		zero, cast = "0.0", "REAL"
	case string:
		zero, cast = "''", "TEXT"
	default:
		return "coalesce(..., a value that isn't NULL)"
	}
	form := fmt.Sprintf("CAST(coalesce(..., %s) AS %s)", zero, cast)
	if column := w.columns[i]; source.Plain(column) == strings.ToLower(strings.ReplaceAll(column, "_", "")) {
		form += " AS " + column
	}
	return form
}

func (w *witness) scanInstead(f field, column string, v any) string {
	if f.typ == rawMessage {
		return w.overrideJSON(column)
	}
	if strings.HasSuffix(f.typ.String(), "time.Time") || strings.HasSuffix(f.typ.String(), "NullTime") {
		return "CAST(... AS TEXT), or CAST(... AS timetext) with an override in sqlc.yaml for the type timetext: github.com/duolite/duolite/db/dbtype, Time"
	}
	switch v.(type) {
	case float64:
		return "CAST(... AS REAL), or CAST(... AS INTEGER) for whole numbers"
	case string:
		return "CAST(... AS TEXT)"
	case []byte:
		return "CAST(... AS BLOB)"
	}
	return "CAST(... AS INTEGER)"
}

func changedInstead(v any) string {
	if _, ok := v.(int64); ok {
		return "CAST(... AS INTEGER), with coalesce(..., 0) inside where it can be NULL"
	}
	return "CAST(... AS the type that it has)"
}

// show returns a driver's value as SQL has it.
func show(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		return "'" + clip(strings.Join(strings.Fields(v), " ")) + "'"
	case []byte:
		return fmt.Sprintf("x'%x'", clip(string(v)))
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1e15 {
			return fmt.Sprintf("%.1f", v)
		}
	case time.Time:
		return "'" + dbtype.FormatTime(v) + "'"
	}
	return fmt.Sprint(v)
}

func showValue(v reflect.Value) string {
	out, _ := driverValue(v)
	if f, ok := out.(float64); ok && f == float64(int64(f)) {
		return fmt.Sprintf("%.0f", f)
	}
	return show(out)
}

func clip(s string) string {
	if len(s) > 40 {
		return s[:40] + "..."
	}
	return s
}
