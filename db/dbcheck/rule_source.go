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
	return findingOf(q, `it in Go, such as pool.ExecContext(ctx, "PRAGMA optimize")`,
		"sqlc generates no method for such a statement, without a message")
}

// taken are the names that the generated methods of a command use themselves, so that
// the only parameter of a method can't have them. Several parameters are fields of a struct, where
// all names are right.
var taken = map[string][]string{
	":one":      {"ctx", "err", "row"},
	":many":     {"append", "ctx", "err", "items", "nil", "rows"},
	":exec":     {"ctx", "err"},
	":execrows": {"ctx", "err", "result"},
	"slice":     {"append", "len", "nil", "query", "queryparams"},
}

// takenColumns are the names that the only column of a result can't have.
var takenColumns = map[string][]string{
	":one":  {"ctx", "err", "row"},
	":many": {"append", "items", "nil", "rows"},
}

// takenNames reports names with which the generated code doesn't compile.
func takenNames(q *source.Query) (findings []Finding) {
	if q.Name == "WithTx" {
		findings = append(findings, findingAt(q, q.Line, "another name for the query", "its method would be a second WithTx, so that the generated code doesn't compile"))
	}
	if isTakenQuery(q) {
		findings = append(findings, findingAt(q, q.Line, "another name for the query", "the generated code doesn't compile, as its method has a variable %s itself", strings.ToLower(q.Name)))
	}
	if p, ok := q.OnlyParameter(); ok {
		findings = append(findings, takenParameter(q, p)...)
	}
	if column := q.OnlyColumn(); column != "" && slices.Contains(takenColumns[q.Cmd], strings.ToLower(column)) {
		findings = append(findings, findingAt(q, q.Line, "AS another_name", "the generated code doesn't compile, as a method of %s has a variable %s itself", q.Cmd, strings.ToLower(column)))
	}
	return findings
}

// isTakenQuery reports whether the constant with the query's text has the name of a parameter of its
// method: the receiver, the context, or the struct of several parameters.
func isTakenQuery(q *source.Query) bool {
	_, one := q.OnlyParameter()
	several := !one && slices.ContainsFunc(q.Parts, source.Part.IsPlace)
	return q.Name == "Q" || q.Name == "Ctx" || q.Name == "Arg" && several
}

func takenParameter(q *source.Query, p source.Part) []Finding {
	line, name := q.LineAt(p.Offset), parameterName(q, p)
	switch {
	case name == "", name == source.Plain(q.Name): // which is a mistake of another rule
	case slices.Contains(taken[q.Cmd], name), p.Kind == source.SlicePart && slices.Contains(taken["slice"], name):
		return []Finding{findingAt(q, line, "another name, such as sqlc.arg("+name+"_value)",
			"the generated code doesn't compile, as a method of %s has a variable %s itself", q.Cmd, name)}
	case slices.Contains([]string{"bool", "float64", "int64", "string"}, name) && q.OnlyColumn() != "":
		return []Finding{findingAt(q, line, "another name, such as sqlc.arg("+name+"_value)",
			"the generated code may not compile, as %s is the name of a type of Go", name)}
	}
	return nil
}

// parameterName returns the name that sqlc gives the only parameter of a query, in lower case,
// or "".
func parameterName(q *source.Query, p source.Part) string {
	if name := source.Plain(p.Name); name != "" {
		return name
	}
	// sqlc takes the name of the column.
	column, _ := source.ComparedWith(q.Parts, q.IndexOf(p.Offset))
	return source.Plain(column)
}
