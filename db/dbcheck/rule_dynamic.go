package dbcheck

import (
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/trial"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// dynamicQueries reports dynamic queries whose variants have other rows than the query, or a plan that may
// be slower, and comments db:dynamic without effect.
func dynamicQueries(all *subjects) (findings []Finding, err error) {
	for _, b := range all.bindings {
		if f, found := withoutEffect(b); found {
			findings = append(findings, f)
			continue
		}
		if !trial.IsDynamic(b) {
			continue
		}
		d, err := all.databases.TryDynamic(b)
		if err != nil {
			return nil, err
		}
		all.dynamics = append(all.dynamics, d)
		q := b.Query
		for _, v := range d.Variants {
			if v.Different != "" {
				findings = append(findings, findingAt(q, q.Line, "", "the variant for %s isn't equal to the query: %s", v.Outcomes, v.Different))
			}
		}
		for _, never := range d.NeverNull {
			l := b.Method.Args[never.Arg]
			findings = append(findings, findingAt(q, q.Line, "sqlc.narg(x), and pointer: true if the column has an override",
				"%s is never true: %s is a %s, which is never NULL", never.Condition, l.Called(), value.TypeName(l.Type)))
		}
		if f, slower := slowerPlan(d); slower {
			findings = append(findings, f)
		}
	}
	return findings, nil
}

// withoutEffect reports a comment db:dynamic without effect, if there is one.
func withoutEffect(b *call.Binding) (f Finding, found bool) {
	q := b.Query
	switch {
	case !q.IsDynamic() && !trial.IsDynamic(b):
		return Finding{}, false
	case trial.Inserts(b):
		return findingAt(q, q.Line, "", "the comment db:dynamic has no effect: an INSERT has no variants"), true
	case !trial.Decides(b):
		return findingAt(q, q.Line, "(sqlc.narg(x) IS NULL OR column = sqlc.narg(x)), or CASE WHEN sqlc.arg(x) = 'text' THEN column END in ORDER BY",
			"the comment db:dynamic has no effect: no condition consists of parameters and literals alone (TRUE and FALSE may name columns)"), true
	case !trial.IsDynamic(b):
		return findingAt(q, q.Line, "SELECT /* db:dynamic */ ..., or generate the code with duolite gen",
			"the comment db:dynamic has no effect: sqlc leaves it out of the text"), true
	}
	return Finding{}, false
}

const sortStep = "USE TEMP B-TREE FOR ORDER BY"

// slowerPlan reports the first variant that reads or sorts more rows than the query as it is written.
// Without LIMIT the query reads all rows, so that a sort of fewer rows isn't slower.
func slowerPlan(d *trial.Dynamic) (Finding, bool) {
	q := d.Binding.Query
	for _, v := range d.Variants {
		switch {
		case q.Contains("limit") && hasStep(v.Plan, sortStep) && !hasStep(d.Plan, sortStep):
			return findingAt(q, q.Line, "+column in the condition, so that the index of ORDER BY is used, or an index on both columns, or db:static",
				"the variant for %s sorts all its rows before LIMIT, and the query as it is written doesn't: %s", v.Outcomes, strings.Join(v.Plan, "; ")), true
		case scans(v.Plan) > scans(d.Plan):
			return findingAt(q, q.Line, "an index on the columns of its conditions, or db:static",
				"the variant for %s reads a whole table, and the query as it is written doesn't: %s", v.Outcomes, strings.Join(v.Plan, "; ")), true
		}
	}
	return Finding{}, false
}

func hasStep(plan []string, step string) bool {
	for _, line := range plan {
		if strings.Contains(line, step) {
			return true
		}
	}
	return false
}

// scans counts the tables that a plan reads as a whole.
func scans(plan []string) (n int) {
	for _, line := range plan {
		if isScan(line) {
			n++
		}
	}
	return n
}

func isScan(step string) bool {
	return strings.HasPrefix(step, "SCAN ") && !strings.Contains(step, "VIRTUAL TABLE") && !strings.HasPrefix(step, "SCAN CONSTANT")
}
