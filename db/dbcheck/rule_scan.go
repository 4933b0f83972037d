package dbcheck

import (
	"cmp"
	"reflect"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/trial"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// unscanned reports a value that the method can't read.
func unscanned(s *subject, o trial.Observation) []Finding {
	switch o.Kind {
	case trial.UnreadableValue:
		t, column := s.seen.Fields[o.Column].Type, s.seen.Columns[o.Column]
		return s.finding(scanInstead(s, t, column, o.Value), "column %s can be %s, which %s can't hold (seen with %s)",
			column, value.Show(o.Value), value.Article(t), o.State)
	case trial.UnreadableRows:
		return s.finding("", "its rows can't be read: %v (seen with %s)", o.Err, o.State)
	}
	return nil
}

func scanInstead(s *subject, t reflect.Type, column string, v any) string {
	if t == value.RawMessage {
		return overrideJSON(s.databases.Tables, column)
	}
	if strings.HasSuffix(t.String(), "time.Time") || strings.HasSuffix(t.String(), "NullTime") {
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

// overrideJSON returns an override in sqlc.yaml with which the JSON of a column gets a type that reads
// it. sqlc compares declared types with case.
func overrideJSON(tables []*trial.Table, column string) string {
	declared := ""
	for _, other := range trial.Columns(tables) {
		if other.Class == value.JSON && (declared == "" || source.Plain(other.Name) == source.Plain(column)) {
			declared = other.Declared
		}
	}
	return "an override in sqlc.yaml for the type " + cmp.Or(declared, "json") + ": github.com/duolite/duolite/db/dbtype, JSON"
}
