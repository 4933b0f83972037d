package dbcheck

import (
	"slices"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
)

// allowed returns the findings that the query doesn't opt out of.
func allowed(q *source.Query, findings []Finding) []Finding {
	return slices.DeleteFunc(findings, func(f Finding) bool { return q.OptsOut(string(f.Rule)) })
}

// wrongOptOuts reports comments that opt out of no rule, or give no reason.
func wrongOptOuts(f *source.Folder) (findings []Finding) {
	for _, q := range slices.Concat(f.Queries, f.Nameless, f.Schema) {
		for _, a := range q.Allows {
			known := slices.ContainsFunc(rules, func(r rule) bool { return string(r.name) == a.Rule })
			switch {
			case !known:
				findings = append(findings, findingAt(q, a.Line, "one of "+ruleNames(), "there is no rule %q to allow", a.Rule))
			case a.Reason == "":
				findings = append(findings, findingAt(q, a.Line, "-- dbcheck:allow "+a.Rule+": why that is right here", "an opt-out needs a reason"))
			}
		}
	}
	for i := range findings {
		findings[i].Rule = RuleSource
	}
	return findings
}
