package dbcheck

import (
	"errors"
	"fmt"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
)

// nameOfParameter reports a query that has the name of its only parameter.
func nameOfParameter(q *source.Query) []Finding {
	p, ok := q.OnlyParameter()
	if !ok || parameterName(q, p) != source.Plain(q.Name) {
		return nil
	}
	return []Finding{findingAt(q, q.LineAt(p.Offset), "another name for the query, or for the parameter",
		"the query and its only parameter have one name, %s: the generated method would send the argument as the text of the statement", q.Name)}
}

// otherArguments reports the parameters that get another argument than the source says.
func otherArguments(s *subject) (findings []Finding) {
	if errors.Is(s.err, errTextChanges) {
		return []Finding{findingAt(s.query, s.query.Line, "another name for the query, or for its parameter",
			"the value of its argument is sent as SQL: the generated code has one name for both the text and the argument")}
	}
	if s.binding == nil {
		return nil
	}
	if parameters, ok := s.binding.unnamed(); ok && parameters > len(s.method.args) {
		return nil
	}
	for _, a := range s.binding.arrivals {
		if message, instead := wrongArrival(s, a); message != "" {
			findings = appendNew(findings, s.at(a.place, instead, "%s %s", a.place.Text, message))
		}
	}
	if !s.binding.isFaulty() {
		return otherNames(s)
	}
	return findings
}

// wrongArrival returns a message about a value that arrives at another place than its own, or "".
func wrongArrival(s *subject, a arrival) (message, instead string) {
	args := s.method.args
	const slicesLast = "the slice as the last parameter of the query, or as "
	switch a.fault {
	case shortSlice:
		return fmt.Sprintf("gets %d of the %d values of its slice", a.count, s.length), jsonEach(a.place.Name)
	case noOrigin:
		return "gets a value that depends on no argument", ""
	case valueOfSlice:
		l := args[a.origin.arg]
		return fmt.Sprintf("gets the %s value of %s: behind a slice, SQLite counts on from its values", ordinal(a.origin.elem), l.called()),
			slicesLast + jsonEach(source.Snake(l.name))
	case singleValue:
		return fmt.Sprintf("gets %s, which is one value and no slice", args[a.origin.arg].called()), jsonEach(a.place.Name)
	case otherElement:
		return fmt.Sprintf("gets %s among its values, in the %s place", describe(args, a.origin), ordinal(a.elem)), slicesLast + jsonEach(a.place.Name)
	case otherArgument:
		return fmt.Sprintf("gets %s here, and %s before", args[a.origin.arg].called(), args[a.before].called()),
			"sqlc.arg(name) for every parameter of the query"
	}
	return "", ""
}

// lostNil reports a nil pointer that doesn't arrive as NULL.
func lostNil(s *subject) []Finding {
	if i := s.method.nilPointers(s.tap, s.flow); i >= 0 {
		return []Finding{findingAt(s.query, s.query.Line, "", "a nil %s doesn't arrive as NULL", s.method.args[i].called())}
	}
	return nil
}

// jsonEach returns the form of a slice that needs one parameter.
func jsonEach(name string) string {
	return fmt.Sprintf("IN (SELECT value FROM json_each(CAST(sqlc.arg(%s) AS TEXT))), with a JSON array as the argument", name)
}

func describe(args []argument, o origin) string {
	l := args[o.arg]
	if l.slice {
		return fmt.Sprintf("the %s value of %s", ordinal(o.elem), l.called())
	}
	return l.called()
}

func ordinal(i int) string {
	if i < 3 {
		return [...]string{"first", "second", "third"}[i]
	}
	return fmt.Sprintf("%dth", i+1)
}
