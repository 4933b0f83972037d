package dbcheck

import (
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
)

// misnamed reports the names of queries that sqlc doesn't see, or takes for comments.
func misnamed(f *source.Folder) (findings []Finding) {
	for _, q := range slices.Concat(f.Queries, f.Nameless, f.Schema) {
		for _, other := range q.More {
			findings = append(findings, findingAt(q, other.Line, "a semicolon at the end of each query",
				"a semicolon is missing between its statement and the statement of %s", other.Name))
		}
	}
	for _, q := range f.Nameless {
		findings = append(findings, nameless(q))
	}
	return findings
}

// nameless reports a statement for which sqlc makes no method.
func nameless(q *source.Query) Finding {
	for i, line := range strings.Split(q.Text, "\n") {
		if trimmed := strings.TrimLeft(line, " \t"); trimmed != line && strings.HasPrefix(trimmed, "-- name:") {
			return findingAt(q, q.First+i, trimmed, "sqlc ignores it without a message, because white space precedes its name")
		}
	}
	return findingAt(q, q.First, "-- name: Something :many", "sqlc ignores a statement without a name, without a message")
}

// unreadable reports queries at which sqlc panics, and queries for which it makes no method, or
// code that doesn't compile.
func unreadable(q *source.Query) []Finding {
	return slices.Concat(minusSigns(q), takenNames(q), withoutMethod(q))
}

// minusSigns reports the signs at which sqlc panics.
func minusSigns(q *source.Query) (findings []Finding) {
	found := source.Clauses(q.Parts)
	for i, p := range q.Parts {
		if p.IsPlace() && found[i] == source.UnaryMinus {
			findings = append(findings, findingAt(q, q.LineAt(p.Offset), "0 - "+p.Text+", or -1 - "+p.Text+" for ~"+p.Text,
				"sqlc panics at a minus sign, or a ~, before %s", p.Text))
		}
	}
	return findings
}

// withoutMethod reports a statement for which sqlc makes no method.
func withoutMethod(q *source.Query) []Finding {
	if !q.IsSkipped() {
		return nil
	}
	return []Finding{findingAt(q, q.Line, `it in Go, such as pool.ExecContext(ctx, "PRAGMA optimize")`,
		"sqlc generates no method for such a statement, without a message")}
}
