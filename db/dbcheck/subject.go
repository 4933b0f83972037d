package dbcheck

import (
	"fmt"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/trial"
)

// A subject is a method of a query, as far as it has been looked at.
type subject struct {
	*checker
	query  *source.Query
	method *call.Method
	// length is how many values its slices have. flow and binding say where the arguments
	// go then, or err why that isn't known.
	length  int
	flow    *call.Flow
	binding *call.Binding
	err     error
	// found are the findings of earlier rules about the same arguments.
	found []Finding
	// seen are the rows that it returned.
	seen *trial.Seen
	// serverOnly: only the server compiles the statement.
	serverOnly bool
}

// at returns a finding about a place of the query.
func (s *subject) at(place source.Part, instead, format string, args ...any) Finding {
	return s.atLine(s.query.LineAt(place.Offset), instead, format, args...)
}

// atLine returns a finding about a line. It names the method if that isn't the query's own.
func (s *subject) atLine(line int, instead, format string, args ...any) Finding {
	message := fmt.Sprintf(format, args...)
	if s.method.Name != s.query.Name {
		message = "in " + s.method.Name + ", " + message
	}
	return findingAt(s.query, line, instead, "%s", message)
}

// finding returns a finding about the query as a whole, alone.
func (s *subject) finding(instead, format string, args ...any) []Finding {
	return []Finding{s.atLine(s.query.Line, instead, format, args...)}
}

// check returns the findings about the method.
func (s *subject) check() []Finding {
	for _, s.length = range s.method.Lengths() {
		if s.arguments(); len(s.found) > 0 {
			return s.found
		}
	}
	for _, r := range rules {
		if findings := r.stamp(apply(r.check.statement, s)); len(findings) > 0 {
			return findings
		}
	}
	findings := each(func(c check) []Finding { return apply(c.types, s) })
	own := s.method.Name == s.query.Name // an iterator sends and reads the same
	switch {
	case s.serverOnly:
		if own {
			s.report.ServerOnly = append(s.report.ServerOnly, s.method.Name)
		}
		return findings
	case own:
		s.bindings = append(s.bindings, s.binding)
	}
	return append(findings, s.rows(own)...)
}

// arguments follows the arguments, and checks where they go.
func (s *subject) arguments() {
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

// rows calls the method on different data, and checks what comes back.
func (s *subject) rows(own bool) (findings []Finding) {
	if s.seen = s.databases.Watch(s.binding); s.seen == nil {
		return nil
	}
	for _, o := range s.seen.Observations {
		findings = append(findings, each(func(c check) []Finding { return applyBoth(c.rows, s, o) })...)
	}
	if own && !s.seen.AnyRow && len(findings) == 0 {
		s.report.Unseen = append(s.report.Unseen, s.method.Name)
	}
	return findings
}
