package dbcheck

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
)

// A Finding is one thing that is wrong with a query, or with what sqlc made of it.
type Finding struct {
	// File is the query's file in the folder of queries, and Line a line of it. With Schema
	// it is a file in the folder of the schema.
	File   string
	Line   int
	Schema bool
	// Query is the name of the query, or "" for what belongs to none.
	Query string
	// Rule is the name of what was broken, as an opt-out has it: one of the Rule
	// constants.
	Rule string
	// Message says what is wrong, and Instead what to write; Instead may be empty.
	Message, Instead string
}

// The rules. A query opts out of one by a comment of its own, with the reason:
//
//	-- dbcheck:allow null-result: there is always a row
const (
	// RuleSource: sqlc doesn't take the query, or takes it for another than it is.
	RuleSource = "source"
	// RuleText: the text that would be sent isn't the one in the source.
	RuleText = "text"
	// RuleDropped: a placeholder of the source gets no argument.
	RuleDropped = "dropped-parameter"
	// RuleBinding: a placeholder gets another argument than the source says.
	RuleBinding = "binding"
	// RuleEmptySlice: a slice without values turns the condition that it is in around.
	RuleEmptySlice = "empty-slice"
	// RuleUnused: an argument reaches no placeholder.
	RuleUnused = "unused-argument"
	// RuleStale: the source and the generated code aren't of one time.
	RuleStale = "stale"
	// RuleCompile: SQLite doesn't compile the statement with this schema.
	RuleCompile = "compile"
	// RuleColumns: a result has other columns than the method reads, or in another order.
	RuleColumns = "columns"
	// RuleNull: a NULL comes back where the method's type has no room for it.
	RuleNull = "null-result"
	// RuleScan: a value comes back that the method's type can't hold.
	RuleScan = "scan"
	// RuleChanged: a value isn't the same any more when the method returns it.
	RuleChanged = "changed-value"
	// RuleArgType: an argument's Go type doesn't fit what it is compared with.
	RuleArgType = "argument-type"
	// RuleTimes: SQL stores a time in one form, and an argument is sent in another.
	RuleTimes = "times"
	// RuleHomes: the query doesn't return the same on a file and on a server.
	RuleHomes = "homes"
	// RuleUnchecked: nothing could be proven about the method.
	RuleUnchecked = "unchecked"
)

// rules are those that a query can opt out of: all.
var rules = []string{
	RuleSource, RuleText, RuleDropped, RuleBinding, RuleEmptySlice, RuleUnused, RuleStale, RuleCompile,
	RuleColumns, RuleNull, RuleScan, RuleChanged, RuleArgType, RuleTimes, RuleHomes, RuleUnchecked,
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

// isOf reports whether the other one is of the same rule and place: of two methods of a
// query, one is enough.
func (f Finding) isOf(other Finding) bool {
	return f.Rule == other.Rule && f.Line == other.Line && f.Instead == other.Instead
}

// findingAt returns a finding about a line of a query.
func findingAt(q *source.Query, line int, rule, instead, format string, args ...any) Finding {
	return Finding{File: q.File, Line: line, Query: q.Name, Rule: rule, Message: fmt.Sprintf(format, args...), Instead: instead}
}

func sortFindings(findings []Finding) {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Query, b.Query))
	})
}
