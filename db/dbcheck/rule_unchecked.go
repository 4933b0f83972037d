package dbcheck

import (
	"errors"
	"fmt"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// unexported reports a query whose method can't be called.
func unexported(q *source.Query) []Finding {
	first := q.Name[:1]
	if q.IsSkipped() || first == strings.ToUpper(first) && first != "_" {
		return nil
	}
	return findingOf(q, "-- name: "+strings.ToUpper(first)+q.Name[1:]+" "+q.Cmd,
		"its method isn't exported, so that it can't be called")
}

// unchecked reports a method whose arguments can't be followed.
func unchecked(s *subject) []Finding {
	if !s.method.NamesKnown {
		return findingOf(s.query, "query_parameter_limit: 1 in sqlc.yaml, which is the default",
			"the names of its parameters aren't known, as its Go source can't be read")
	}
	if s.err == nil || errors.Is(s.err, call.ErrTextChanges) {
		return nil
	}
	instead := ""
	if unknown, ok := errors.AsType[*call.UnknownTypeError](s.err); ok {
		instead = fmt.Sprintf("dbcheck.Values(a, b) with two values of %s as an option", value.TypeName(unknown.Type))
	}
	return findingOf(s.query, instead, "its arguments can't be followed: %v", s.err)
}
