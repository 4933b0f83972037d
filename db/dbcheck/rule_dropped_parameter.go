package dbcheck

import (
	"fmt"
	"slices"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
)

// lostParameters reports parameters with a name in a place where sqlc leaves them in the
// text. A plain ? in such a place gets an argument if sqlc.yaml has a database, so that
// only Check can tell.
func lostParameters(q *source.Query) (findings []Finding) {
	found := source.Clauses(q.Parts)
	dynamic := q.IsDynamic()
	for i, p := range q.Parts {
		if !p.IsPlace() || p.Name == "" {
			continue
		}
		switch c := found[i]; {
		case c == source.OtherClause, c == source.UnaryMinus, c == source.NotClause:
		case c == source.OrderByClause && dynamic:
		default:
			findings = append(findings, findingAt(q, q.LineAt(p.Offset), c.InsteadFor(p), "%s is lost%s: sqlc leaves it in the SQL and generates no argument for it", p.Text, c))
		}
	}
	return findings
}

// lostArguments reports the parameters of the source that get no argument from the method.
func lostArguments(s *subject) (findings []Finding) {
	if s.binding == nil {
		return nil
	}
	if findings := unnamedLost(s); len(findings) > 0 {
		return findings
	}
	for _, a := range s.binding.Arrivals {
		switch a.Fault {
		case call.LeftInText:
			findings = append(findings, lostParameter(s, a.Place, "sqlc leaves it in the SQL and generates no argument for it"))
		case call.NoArgument:
			findings = append(findings, lostParameter(s, a.Place, "the method has no argument for it"))
		}
	}
	return findings
}

// unnamedLost reports parameters without a name that get no argument. Only their number is known,
// as the others get each other's arguments.
func unnamedLost(s *subject) []Finding {
	parameters, ok := s.binding.Unnamed()
	if !ok || parameters <= len(s.method.Args) {
		return nil
	}
	var lost source.Part
	in := source.OtherClause
	for _, m := range s.binding.Matches {
		if in == source.OtherClause {
			lost, in = m.Place, clauseOf(s.query, m.Place)
		}
	}
	has, gets := count(parameters, "parameter"), count(len(s.method.Args), "argument")
	if in == source.OtherClause {
		return []Finding{s.at(lost, "CAST(sqlc.arg(name) AS type) for each of them", "the query has %s, and the method %s", has, gets)}
	}
	return []Finding{s.at(lost, in.InsteadFor(lost), "the query has %s, and the method %s: sqlc loses a parameter%s", has, gets, in)}
}

func lostParameter(s *subject, place source.Part, why string) Finding {
	c := clauseOf(s.query, place)
	instead := c.InsteadFor(place)
	switch {
	case c != source.OtherClause:
	case source.IsBehindEscape(s.query.Parts, s.query.IndexOf(place.Offset)):
		instead = "parentheses around the LIKE: (x LIKE sqlc.arg(pattern) ESCAPE '!')"
	case isMixed(s.query):
		instead = onlyNames
	case isBehindBetween(s.query, place):
		instead = "x >= sqlc.arg(a) AND x <= sqlc.arg(b) instead of BETWEEN, which sqlc misreads after an AND"
	}
	return s.at(place, instead, "%s is lost%s: %s", place.Text, c, why)
}

// clauseOf returns the clause of a place.
func clauseOf(q *source.Query, place source.Part) source.Clause {
	return source.Clauses(q.Parts)[q.IndexOf(place.Offset)]
}

// isBehindBetween reports whether there is a BETWEEN before the place, except in the frame of a window.
func isBehindBetween(q *source.Query, place source.Part) bool {
	for i, p := range q.Parts {
		if p.Offset < place.Offset && p.Is("between") && (i == 0 || !source.IsFrame(q.Parts, i-1)) {
			return true
		}
	}
	return false
}

// isMixed reports whether the query has parameters with names and without.
func isMixed(q *source.Query) bool {
	plain := func(p source.Part) bool { return p.IsPlace() && p.Text == "?" }
	return slices.ContainsFunc(q.Parts, plain) &&
		slices.ContainsFunc(q.Parts, func(p source.Part) bool { return p.IsPlace() && p.Name != "" })
}

// count returns a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
