package dbcheck

import (
	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
)

// method returns the findings about a method.
func (c *checker) method(q *source.Query, m *call.Method) []Finding {
	s := &subject{subjects: &c.subjects, query: q, method: m}
	for _, s.length = range s.method.Lengths() {
		if arguments(s); len(s.found) > 0 {
			return s.found
		}
	}
	for _, r := range rules {
		if findings := r.stamp(apply(r.check.statement, s)); len(findings) > 0 {
			return findings
		}
	}
	findings := each(func(check check) []Finding { return apply(check.types, s) })
	own := s.isOwn() // an iterator sends and reads the same
	switch {
	case s.serverOnly:
		if own {
			c.report.ServerOnly = append(c.report.ServerOnly, s.method.Name)
		}
		return findings
	case own:
		c.report.Untyped = append(c.report.Untyped, untyped(s)...)
		c.bindings = append(c.bindings, s.binding)
	}
	return append(findings, c.rows(s, own)...)
}

// arguments follows the arguments, and checks where they go.
func arguments(s *subject) {
	s.flow, s.binding, s.found = nil, nil, nil
	if s.method.NamesKnown {
		s.flow, s.err = s.method.Trace(s.tap, s.length)
	}
	if s.flow != nil {
		s.binding = call.Bind(s.query, s.method, s.flow, s.length)
	}
	for _, r := range rules {
		for _, f := range r.stamp(apply(r.check.arguments, s)) {
			s.found = appendNew(s.found, f)
		}
	}
}

// rows calls the method on different data, and checks the rows that come back.
func (c *checker) rows(s *subject, own bool) (findings []Finding) {
	if s.seen = s.databases.Watch(s.binding); s.seen == nil {
		return nil
	}
	for _, o := range s.seen.Observations {
		findings = append(findings, each(func(check check) []Finding { return applyBoth(check.rows, s, o) })...)
	}
	if own && !s.seen.AnyRow && len(findings) == 0 {
		c.report.Unseen = append(c.report.Unseen, s.method.Name)
	}
	return findings
}

// each runs one function of each rule, and names the rule in the findings.
func each(run func(check) []Finding) (findings []Finding) {
	for _, r := range rules {
		findings = append(findings, r.stamp(run(r.check))...)
	}
	return findings
}

// apply calls a function of a rule, if it has it.
func apply[T any](f func(T) []Finding, of T) []Finding {
	if f == nil {
		return nil
	}
	return f(of)
}

// applyBoth is apply for a function of two arguments.
func applyBoth[T, U any](f func(T, U) []Finding, of T, and U) []Finding {
	if f == nil {
		return nil
	}
	return f(of, and)
}
