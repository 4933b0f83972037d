package dbcheck

import (
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
)

// taken are the names that the generated methods of a command use themselves, so that
// the one parameter of a method can't have them. Several are fields of a struct, where
// all names are right.
var taken = map[string][]string{
	":one":      {"ctx", "err", "row"},
	":many":     {"append", "ctx", "err", "items", "nil", "rows"},
	":exec":     {"ctx", "err"},
	":execrows": {"ctx", "err", "result"},
	"slice":     {"append", "len", "nil", "query", "queryparams"},
}

// takenColumns are those that the one column of a result can't have.
var takenColumns = map[string][]string{
	":one":  {"ctx", "err", "row"},
	":many": {"append", "items", "nil", "rows"},
}

// goNames reports names with which the generated code doesn't compile, or worse.
func goNames(q *source.Query) (findings []Finding) {
	if q.Name == "WithTx" {
		findings = append(findings, findingAt(q, q.Line, RuleSource, "another name for the query", "its method would be a second WithTx, so that the generated code doesn't compile"))
	}
	if p, ok := q.OnlyParameter(); ok {
		findings = append(findings, parameterName(q, p)...)
	}
	if column := q.OnlyColumn(); column != "" && slices.Contains(takenColumns[q.Cmd], strings.ToLower(column)) {
		findings = append(findings, findingAt(q, q.Line, RuleSource, "AS another_name", "the generated code doesn't compile, as a method of %s has a variable %s itself", q.Cmd, strings.ToLower(column)))
	}
	return findings
}

func parameterName(q *source.Query, p source.Part) []Finding {
	line, name := q.LineAt(p.Offset), source.Plain(p.Name)
	if name == "" {
		// sqlc takes the name of the column.
		column, _ := source.ComparedWith(q.Parts, q.IndexOf(p.Offset))
		if name = source.Plain(column); name == "" {
			return nil
		}
	}
	switch {
	case name == source.Plain(q.Name):
		return []Finding{findingAt(q, line, RuleBinding, "another name for the query, or for the parameter",
			"the query and its only parameter have one name, %s: the generated method would send the argument as the text of the statement", q.Name)}
	case slices.Contains(taken[q.Cmd], name), p.Kind == source.SlicePart && slices.Contains(taken["slice"], name):
		return []Finding{findingAt(q, line, RuleSource, "another name, such as sqlc.arg("+name+"_value)",
			"the generated code doesn't compile, as a method of %s has a variable %s itself", q.Cmd, name)}
	case slices.Contains([]string{"bool", "float64", "int64", "string"}, name) && q.OnlyColumn() != "":
		return []Finding{findingAt(q, line, RuleSource, "another name, such as sqlc.arg("+name+"_value)",
			"the generated code may not compile, as %s is the name of a type of Go", name)}
	}
	return nil
}
