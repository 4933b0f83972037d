package dbcheck

import (
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
	object func(*checker, trial.Object) []Finding
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
	all func(*checker) ([]Finding, error)
}

// rules is the table of rules. A new rule is a name above, a row here with its line in doc.go, a
// function, and a query in internal/cases. A query can opt out of each.
var rules = []rule{
	{RuleSource, check{folder: misnamed, before: unreadable, missing: withoutMethod}},
	{RuleText, check{before: strippedLines, arguments: otherText}},
	{RuleDropped, check{before: lostParameters, arguments: lostArguments}},
	{RuleBinding, check{before: nameOfParameter, arguments: otherArguments, statement: lostNil}},
	{RuleEmptySlice, check{arguments: emptySlices, types: emptyResults}},
	{RuleUnused, check{arguments: unusedArguments}},
	{RuleStale, check{missing: staleQuery, all: staleMethods}},
	{RuleCompile, check{object: quotedInObject, statement: uncompiled}},
	{RuleColumns, check{rows: otherColumns}},
	{RuleNull, check{rows: nullResult}},
	{RuleScan, check{rows: unscanned}},
	{RuleChanged, check{rows: changedValue}},
	{RuleArgType, check{types: argumentTypes}},
	{RuleTimes, check{all: twoForms}},
	{RuleHomes, check{text: differentHomes}},
	{RuleCheckList, check{types: unlistedTexts}},
	{RuleDynamic, check{all: dynamicQueries}},
	{RuleUnchecked, check{missing: unexported, arguments: unchecked}},
}

func ruleNames() (names []string) {
	for _, r := range rules {
		names = append(names, string(r.name))
	}
	return names
}

// stamp names the rule in its findings.
func (r rule) stamp(findings []Finding) []Finding {
	for i := range findings {
		findings[i].Rule = r.name
	}
	return findings
}
