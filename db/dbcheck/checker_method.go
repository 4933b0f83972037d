package dbcheck

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/trial"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// A subject is a method of a query, with everything that is known about it so far.
type subject struct {
	*checker
	query  *source.Query
	method *call.Method
	// length is the number of values of its slices. binding maps the arguments for that length; it is nil if
	// they can't be followed.
	length  int
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
	if !s.isOwn() {
		message = "in " + s.method.Name + ", " + message
	}
	return findingAt(s.query, line, instead, "%s", message)
}

// isOwn reports whether the method is the query's own, and no iterator. duolite gen exports methods for the
// check.
func (s *subject) isOwn() bool { return strings.EqualFold(s.method.Name, s.query.Name) }

// tables returns the tables that the query names, or all if it names only views.
func (s *subject) tables() []*trial.Table {
	var named []*trial.Table
	for _, t := range s.databases.Tables {
		if s.query.Contains(t.Name) {
			named = append(named, t)
		}
	}
	if len(named) == 0 {
		return s.databases.Tables
	}
	return named
}

// finding returns a finding about the query as a whole, alone.
func (s *subject) finding(instead, format string, args ...any) []Finding {
	return []Finding{s.atLine(s.query.Line, instead, format, args...)}
}

// method returns the findings about a method.
func (c *checker) method(q *source.Query, m *call.Method) []Finding {
	s := &subject{checker: c, query: q, method: m}
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
	s.binding, s.found = nil, nil
	if s.method.NamesKnown {
		var flow *call.Flow
		if flow, s.err = s.method.Trace(s.Tap, s.length); s.err == nil {
			s.binding = call.Bind(s.query, s.method, flow, s.length)
		}
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

// untyped returns the arguments and columns of a method that sqlc gives the type interface{}, except the
// ones for columns that hold values of any type.
func untyped(s *subject) (names []string) {
	if !s.binding.Complete {
		return nil
	}
	holdsAny := func(name string) bool { return holds(s.tables(), name, value.Any) }
	for i, l := range s.method.Args {
		place := s.binding.PlaceOf(i)
		column, _ := source.ComparedWith(s.query.Parts, s.query.IndexOf(place.Offset))
		if isUntyped(l.Type) && !holdsAny(l.Name) && !holdsAny(column) {
			names = append(names, s.method.Name+" ("+place.Text+")")
		}
	}
	t := s.method.RowType(s.query.Cmd)
	if t == nil {
		return names
	}
	for _, f := range call.FieldsOf(t) {
		column := "its column"
		if f.Base != "" {
			column = "column " + source.Snake(f.Base)
		}
		if isUntyped(f.Type) && !f.Embed && !holdsAny(f.Base) {
			names = append(names, s.method.Name+" ("+column+")")
		}
	}
	return names
}

func isUntyped(t reflect.Type) bool { return t.Kind() == reflect.Interface && t.NumMethod() == 0 }
