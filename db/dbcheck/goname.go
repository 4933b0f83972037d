package dbcheck

import (
	"slices"
	"strings"
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
func (q *query) goNames() (findings []Finding) {
	if q.name == "WithTx" {
		findings = append(findings, q.finding(q.line, RuleSource, "another name for the query", "its method would be a second WithTx, so that the generated code doesn't compile"))
	}
	if p, ok := q.onlyParameter(); ok {
		findings = append(findings, q.parameterName(p)...)
	}
	if column := q.onlyColumn(); column != "" && slices.Contains(takenColumns[q.cmd], strings.ToLower(column)) {
		findings = append(findings, q.finding(q.line, RuleSource, "AS another_name", "the generated code doesn't compile, as a method of %s has a variable %s itself", q.cmd, strings.ToLower(column)))
	}
	return findings
}

func (q *query) parameterName(p part) []Finding {
	line, name := q.lineAt(p.offset), plain(p.name)
	if name == "" {
		// sqlc takes the name of the column.
		_, i := q.place(p)
		column, _ := comparedWith(q.parts, i)
		if name = plain(column); name == "" {
			return nil
		}
	}
	switch {
	case name == plain(q.name):
		return []Finding{q.finding(line, RuleBinding, "another name for the query, or for the parameter",
			"the query and its only parameter have one name, %s: the generated method would send the argument as the text of the statement", q.name)}
	case slices.Contains(taken[q.cmd], name), p.kind == slicePart && slices.Contains(taken["slice"], name):
		return []Finding{q.finding(line, RuleSource, "another name, such as sqlc.arg("+name+"_value)",
			"the generated code doesn't compile, as a method of %s has a variable %s itself", q.cmd, name)}
	case slices.Contains([]string{"bool", "float64", "int64", "string"}, name) && q.onlyColumn() != "":
		return []Finding{q.finding(line, RuleSource, "another name, such as sqlc.arg("+name+"_value)",
			"the generated code may not compile, as %s is the name of a type of Go", name)}
	}
	return nil
}

func (q *query) place(p part) (part, int) {
	i := slices.IndexFunc(q.parts, func(o part) bool { return o.offset == p.offset })
	return q.parts[i], i
}

// onlyParameter returns the parameter, if there is one and no other.
func (q *query) onlyParameter() (only part, ok bool) {
	for _, p := range q.parts {
		if !p.isPlace() {
			continue
		}
		if ok && key(p) != key(only) {
			return part{}, false
		}
		only, ok = p, true
	}
	return only, ok
}

// onlyColumn returns the name of a result's column, if it has one and no other.
func (q *query) onlyColumn() string {
	from := slices.IndexFunc(q.parts, func(p part) bool { return strings.EqualFold(p.text, "returning") })
	if from < 0 {
		if from = 0; len(q.parts) == 0 || !strings.EqualFold(q.parts[0].text, "select") {
			return ""
		}
	}
	depth := 0
	last := ""
	for _, p := range q.parts[from+1:] {
		switch {
		case p.text == "(":
			depth++
		case p.text == ")":
			depth--
		case depth == 0 && (p.text == "," || p.kind == starPart || p.kind == embedPart):
			return ""
		case depth == 0 && strings.EqualFold(p.text, "from"):
			return last
		}
		last = ""
		if p.kind == tokenPart && p.text != ")" {
			last = unquote(p.text)
		}
	}
	return last
}
