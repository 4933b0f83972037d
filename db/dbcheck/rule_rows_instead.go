package dbcheck

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/trial"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// overrideJSON says how the JSON of a column gets a type that reads it. sqlc compares declared
// types with case.
func overrideJSON(tables []*trial.Table, column string) string {
	declared := ""
	for _, t := range tables {
		for _, other := range t.Columns {
			if other.Class == value.JSON && (declared == "" || source.Plain(other.Name) == source.Plain(column)) {
				declared = other.Declared
			}
		}
	}
	return "an override in sqlc.yaml for the type " + cmp.Or(declared, "json") + ": github.com/duolite/duolite/db/dbtype, JSON"
}

// nullInstead returns a form of a column that isn't NULL, by the values that it has.
func nullInstead(s *subject, i int) string {
	if value.IsRawMessage(s.seen.Fields[i].Type) {
		return overrideJSON(s.databases.Tables, s.seen.Columns[i]) + ", with pointer: true where it is nullable"
	}
	var zero, cast string
	v, seen := s.seen.Values[i]
	if !seen { // nothing but NULL: a value of the type that has no room for it
		v = reflect.Zero(s.seen.Fields[i].Type).Interface()
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
	if column := s.seen.Columns[i]; source.Plain(column) == strings.ToLower(strings.ReplaceAll(column, "_", "")) {
		form += " AS " + column
	}
	return form
}

func scanInstead(s *subject, f call.Field, column string, v any) string {
	if f.Type == value.RawMessage {
		return overrideJSON(s.databases.Tables, column)
	}
	if strings.HasSuffix(f.Type.String(), "time.Time") || strings.HasSuffix(f.Type.String(), "NullTime") {
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

func showField(v reflect.Value) string {
	out, _ := value.DriverValue(v)
	if f, ok := out.(float64); ok && f == float64(int64(f)) {
		return fmt.Sprintf("%.0f", f)
	}
	return value.Show(out)
}
