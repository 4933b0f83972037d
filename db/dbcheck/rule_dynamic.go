package dbcheck

import (
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/trial"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// dynamicQueries reports dynamic queries whose variants have other rows than the query, or a plan that may
// be slower, and comments db:dynamic without effect.
func dynamicQueries(c *checker) (findings []Finding, err error) {
	for _, b := range c.bindings {
		if found := withoutEffect(b); len(found) > 0 || !trial.IsDynamic(b) {
			findings = append(findings, found...)
			continue
		}
		d, err := c.databases.TryDynamic(b)
		if err != nil {
			return nil, err
		}
		c.variants[b] = d.Variants
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
		findings = append(findings, slowerPlan(d)...)
	}
	return findings, nil
}

// withoutEffect reports a comment db:dynamic without effect, if there is one.
func withoutEffect(b *call.Binding) []Finding {
	var reason, instead string
	switch {
	case !b.Query.IsDynamic() && !trial.IsDynamic(b):
		return nil
	case trial.Inserts(b):
		reason = "an INSERT has no variants"
	case !trial.Decides(b):
		reason = "no condition consists of parameters and literals alone (TRUE and FALSE may name columns)"
		instead = "(sqlc.narg(x) IS NULL OR column = sqlc.narg(x)), or CASE WHEN sqlc.arg(x) = 'text' THEN column END in ORDER BY"
	case !trial.IsDynamic(b):
		reason = "sqlc leaves it out of the text"
		instead = "SELECT /* db:dynamic */ ..., or generate the code with duolite gen"
	default:
		return nil
	}
	return findingOf(b.Query, instead, "the comment db:dynamic has no effect: %s", reason)
}

const sortStep = "USE TEMP B-TREE FOR ORDER BY"

// slowerPlan reports the first variant that reads or sorts more rows than the query as it is written.
// Without LIMIT the query reads all rows, so that a sort of fewer rows isn't slower.
func slowerPlan(d *trial.Dynamic) []Finding {
	q, written := d.Binding.Query, strings.Join(d.Plan, "; ")
	for _, v := range d.Variants {
		plan := strings.Join(v.Plan, "; ")
		switch {
		case q.Contains("limit") && strings.Contains(plan, sortStep) && !strings.Contains(written, sortStep):
			return findingOf(q, "+column in the condition, so that the index of ORDER BY is used, or an index on both columns, or db:static",
				"the variant for %s sorts all its rows before LIMIT, and the query as it is written doesn't: %s", v.Outcomes, plan)
		case scans(v.Plan) > scans(d.Plan):
			return findingOf(q, "an index on the columns of its conditions, or db:static",
				"the variant for %s reads a whole table, and the query as it is written doesn't: %s", v.Outcomes, plan)
		}
	}
	return nil
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
