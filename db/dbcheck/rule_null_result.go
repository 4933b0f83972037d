package dbcheck

import (
	"reflect"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/trial"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// nullResult reports a NULL that the method can't read.
func nullResult(s *subject, o trial.Observation) []Finding {
	switch o.Kind {
	case trial.NullTable:
		return s.finding("its columns by their names instead of sqlc.embed",
			"an outer join can return NULL for all columns of %s, which the struct can't hold (seen with %s)", o.Table, o.State)
	case trial.NullColumn:
		return s.finding(nullInstead(s, o.Column), "column %s can be NULL, which %s can't hold (seen with %s)",
			s.seen.Columns[o.Column], value.Article(s.seen.Fields[o.Column].Type), o.State)
	}
	return nil
}

// nullInstead returns a form of a column that isn't NULL, for the type of its values.
func nullInstead(s *subject, i int) string {
	if value.IsRawMessage(s.seen.Fields[i].Type) {
		return overrideJSON(s.databases.Tables, s.seen.Columns[i]) + ", with pointer: true where it is nullable"
	}
	v, seen := s.seen.Values[i]
	if !seen { // nothing but NULL: a value of the type that has no room for it
		v = reflect.Zero(s.seen.Fields[i].Type).Interface()
	}
	var form string
	switch v.(type) {
	case int64:
		form = "CAST(coalesce(..., 0) AS INTEGER)"
	case float64:
		form = "CAST(coalesce(..., 0.0) AS REAL)"
	case string:
		form = "CAST(coalesce(..., '') AS TEXT)"
	default:
		return "coalesce(..., a value that isn't NULL)"
	}
	if column := s.seen.Columns[i]; source.Plain(column) == strings.ToLower(strings.ReplaceAll(column, "_", "")) {
		form += " AS " + column
	}
	return form
}
