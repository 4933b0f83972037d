package dbcheck

import (
	"slices"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
)

// unusedArguments reports arguments that reach no parameter.
func unusedArguments(s *subject) (findings []Finding) {
	if s.binding == nil || len(s.found) > 0 {
		return nil
	}
	at := s.query.Parts[0]
	for i, l := range s.method.Args {
		if (!l.Slice || s.length > 0) && !s.binding.IsUsed(i) {
			findings = append(findings, s.at(at, "", "%s is no parameter of the query", l.Called()))
		}
	}
	for i, o := range s.binding.Flow.Origins {
		sent := slices.ContainsFunc(source.Parts(s.binding.Flow.Text), func(p source.Part) bool { return p.IsPlace() && p.Index == i+1 })
		if o.Arg < 0 || s.length == 0 || sent {
			continue
		}
		instead := ""
		if isMixed(s.query) {
			instead = onlyNames
		}
		findings = append(findings, s.at(at, instead, "%s is sent as argument %d, for which the SQL has no parameter", s.method.Args[o.Arg].Called(), i+1))
	}
	return findings
}
