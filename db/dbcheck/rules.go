package dbcheck

import (
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/trial"
)

// The rules.
const (
	RuleSource     Rule = "source"
	RuleText       Rule = "text"
	RuleDropped    Rule = "dropped-parameter"
	RuleBinding    Rule = "binding"
	RuleEmptySlice Rule = "empty-slice"
	RuleUnused     Rule = "unused-argument"
	RuleStale      Rule = "stale"
	RuleCompile    Rule = "compile"
	RuleColumns    Rule = "columns"
	RuleNull       Rule = "null-result"
	RuleScan       Rule = "scan"
	RuleChanged    Rule = "changed-value"
	RuleArgType    Rule = "argument-type"
	RuleTimes      Rule = "times"
	RuleHomes      Rule = "homes"
	RuleCheckList  Rule = "check-list"
	RuleDynamic    Rule = "dynamic"
	RuleUnchecked  Rule = "unchecked"
)

// A rule is one row of the table of rules.
type rule struct {
	name  Rule
	doc   string // in one line
	check check
}

// A check has the functions of a rule. Each field is a stage of the check; a rule has functions for
// one stage or more, and nil for the others. Findings get the rule's name from its row. Findings
// that the query opts out of are removed.
type check struct {
	// folder looks at a folder of queries as a whole.
	folder func(*source.Folder) []Finding
	// before looks at the text of a query, before sqlc reads it.
	before func(*source.Query) []Finding
	// text looks at the text of a query, or of an object of the schema.
	text func(*source.Query, columns) []Finding
	// object looks at an object of the schema.
	object func(*subjects, trial.Object, *source.Query) ([]Finding, error)
	// missing looks at a query without a method.
	missing func(*source.Query) []Finding
	// arguments looks at the arguments of a method, with slices of 3, 0 and 1 values. A finding
	// ends the check of the method.
	arguments func(*subject) []Finding
	// types looks at the arguments that reach a statement which compiles: their Go types, and empty slices.
	types func(*subject) []Finding
	// statement looks at the statement of a method. A finding ends the check of the method.
	statement func(*subject) []Finding
	// rows looks at one thing that was seen when the method returned rows.
	rows func(*subject, trial.Observation) []Finding
	// all looks at all queries and methods together.
	all func(*subjects) ([]Finding, error)
}

// rules is the table of rules. A new rule is a name above, a row here with its line in doc.go, a
// function, and a query in internal/cases. A query can opt out of each.
var rules = []rule{
	{RuleSource, "sqlc refuses the query, makes no method of it, or writes code that doesn't compile",
		check{folder: misnamed, before: unreadable, missing: withoutMethod}},
	{RuleText, "the statement that is sent isn't the statement of the source",
		check{before: strippedLines, arguments: otherText}},
	{RuleDropped, "a parameter of the source gets no argument",
		check{before: lostParameters, arguments: lostArguments}},
	{RuleBinding, "a parameter gets the argument of another one",
		check{before: nameOfParameter, arguments: otherArguments, statement: lostNil}},
	{RuleEmptySlice, "a slice without values makes the opposite condition true for no row",
		check{arguments: emptySlices, types: emptyResults}},
	{RuleUnused, "an argument reaches no parameter",
		check{arguments: unusedArguments}},
	{RuleStale, "the generated code is older or newer than the queries",
		check{missing: staleQuery, all: staleMethods}},
	{RuleCompile, "SQLite, or the server, doesn't compile the statement with this schema",
		check{object: quotedInObject, statement: uncompiled}},
	{RuleColumns, "the result has other columns than the method reads, or in another order",
		check{rows: otherColumns}},
	{RuleNull, "a NULL comes back that the method's type can't hold",
		check{rows: nullResult}},
	{RuleScan, "a value comes back that the method's type can't hold",
		check{rows: unscanned}},
	{RuleChanged, "the method returns another value than the statement gave",
		check{rows: changedValue}},
	{RuleArgType, "the argument's Go type can't equal the expression that it is compared with",
		check{types: argumentTypes}},
	{RuleTimes, "SQL stores a time in one form, and an argument is sent in another",
		check{all: twoForms}},
	{RuleHomes, "the query returns different values on a file and on a server",
		check{text: differentHomes}},
	{RuleCheckList, "a text is compared with a column whose CHECK doesn't have it",
		check{types: unlistedTexts}},
	{RuleDynamic, "a variant of a dynamic query has other rows or a slower plan, or a condition has no effect",
		check{all: dynamicQueries}},
	{RuleUnchecked, "nothing could be proven about the method",
		check{missing: unexported, arguments: unchecked}},
}

// ruleNames returns the names of all rules, for a message.
func ruleNames() string {
	names := make([]string, len(rules))
	for i, r := range rules {
		names[i] = string(r.name)
	}
	return strings.Join(names, ", ")
}

// stamp names the rule in its findings.
func (r rule) stamp(findings []Finding) []Finding {
	for i := range findings {
		findings[i].Rule = r.name
	}
	return findings
}
