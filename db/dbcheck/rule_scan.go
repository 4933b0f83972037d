package dbcheck

import (
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/trial"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// unscanned reports a value that the method can't read.
func unscanned(s *subject, o trial.Observation) []Finding {
	switch o.Kind {
	case trial.UnreadableValue:
		f, column := s.seen.Fields[o.Column], s.seen.Columns[o.Column]
		return s.finding(scanInstead(s, f, column, o.Value), "column %s can be %s, which %s can't hold (seen with %s)",
			column, value.Show(o.Value), value.Article(f.Type), o.State)
	case trial.UnreadableRows:
		return s.finding("", "its rows can't be read: %v (seen with %s)", o.Err, o.State)
	}
	return nil
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
