package dbcheck

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
)

// A Rule is the name of a rule of the gate. A query opts out of a rule by a comment:
//
//	-- dbcheck:allow null-result: there is always a row
//
// The package comment describes each rule.
type Rule string

// A Finding is one mistake in a query, or in the code that sqlc generated for it.
type Finding struct {
	// File is the query's file in the folder of queries, and Line a line of it. With Schema
	// it is a file in the folder of the schema.
	File   string
	Line   int
	Schema bool
	// Query is the name of the query, or "" if the finding belongs to none.
	Query string
	// Rule is the rule that is broken.
	Rule Rule
	// Message describes the mistake. Instead is the SQL or the setting to write instead, or "".
	Message, Instead string
}

// String returns the finding in one line.
func (f Finding) String() string {
	text := fmt.Sprintf("%s:%d: ", f.File, f.Line)
	if f.Query != "" {
		text += f.Query + ": "
	}
	text += f.Message
	if f.Instead != "" {
		text += "; write: " + f.Instead
	}
	return text
}

// findingAt returns a finding about a line of a query.
func findingAt(q *source.Query, line int, instead, format string, args ...any) Finding {
	return Finding{File: q.File, Line: line, Query: q.Name, Message: fmt.Sprintf(format, args...), Instead: instead}
}

// findingOf returns a finding about a query as a whole, alone.
func findingOf(q *source.Query, instead, format string, args ...any) []Finding {
	return []Finding{findingAt(q, q.Line, instead, format, args...)}
}

// isLike reports whether the other finding has the same rule, place and remedy: of two
// methods of a query, one is enough.
func (f Finding) isLike(other Finding) bool {
	return f.Rule == other.Rule && f.Line == other.Line && f.Instead == other.Instead
}

// appendNew appends the finding, unless it is there.
func appendNew(findings []Finding, f Finding) []Finding {
	if slices.Contains(findings, f) {
		return findings
	}
	return append(findings, f)
}

func sortFindings(findings []Finding) {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Query, b.Query))
	})
}

// A Report is the result of a check.
type Report struct {
	Findings []Finding
	// Methods is the number of methods that were checked.
	Methods int
	// Unseen has the methods that returned no row for any data that was tried. Nothing is
	// known about the values that they return.
	Unseen []string
	// Plans has SQLite's plan of each query, in the order of the queries, and of each variant of
	// a dynamic query that was tried. They are made with the schema's indexes and without ANALYZE.
	Plans []Plan
	// Untyped has the arguments and columns that are interface{} in Go, as sqlc knows no type for
	// them, after the names of their methods. A CAST in the query gives them a type.
	Untyped []string
	// Lists has the texts that a CHECK of the schema allows in a column.
	Lists []List
	// ServerOnly has the methods whose statements only the server of [Server] compiles.
	// Their arguments are proven. Nothing is known about the values that they return.
	ServerOnly []string
}

// A Plan is the plan of a query. https://sqlite.org/eqp.html
type Plan struct {
	File  string
	Line  int
	Query string
	// Variant has the conditions that the arguments of a dynamic query decide, such as
	// "author IS NULL: false". It is "" for the query as it is written.
	Variant string
	Steps   []Step
}

// A Step is a line of a plan.
type Step struct {
	Text string
	// Scan: the step reads all rows of a table.
	Scan bool
}

// A List is a CHECK of the form column IN ('a', 'b').
type List struct {
	Table, Column string
	Texts         []string
}

// allowed returns the findings that the query doesn't opt out of.
func allowed(q *source.Query, findings []Finding) []Finding {
	return slices.DeleteFunc(findings, func(f Finding) bool { return q.OptsOut(string(f.Rule)) })
}

// wrongOptOuts reports comments that opt out of no rule, or give no reason.
func wrongOptOuts(f *source.Folder) (findings []Finding) {
	for _, q := range slices.Concat(f.Queries, f.Nameless, f.Schema) {
		for _, a := range q.Allows {
			switch {
			case !slices.Contains(ruleNames(), a.Rule):
				findings = append(findings, findingAt(q, a.Line, "one of "+strings.Join(ruleNames(), ", "), "there is no rule %q to allow", a.Rule))
			case a.Reason == "":
				findings = append(findings, findingAt(q, a.Line, "-- dbcheck:allow "+a.Rule+": why that is right here", "an opt-out needs a reason"))
			}
		}
	}
	return rule{name: RuleSource}.stamp(findings)
}
