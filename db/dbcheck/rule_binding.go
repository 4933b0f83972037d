package dbcheck

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
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
	if errors.Is(s.err, call.ErrTextChanges) {
		return findingOf(s.query, "another name for the query, or for its parameter",
			"the value of its argument is sent as SQL: the generated code has one name for both the text and the argument")
	}
	if s.binding == nil {
		return nil
	}
	if parameters, ok := s.binding.Unnamed(); ok && parameters > len(s.method.Args) {
		return nil
	}
	for _, a := range s.binding.Arrivals {
		if message, instead := wrongArrival(s, a); message != "" {
			findings = appendNew(findings, s.at(a.Place, instead, "%s %s", a.Place.Text, message))
		}
	}
	if !s.binding.IsFaulty() {
		return otherNames(s)
	}
	return findings
}

// wrongArrival returns a message about a value that arrives at another place than its own, or "".
func wrongArrival(s *subject, a call.Arrival) (message, instead string) {
	args := s.method.Args
	const slicesLast = "the slice as the last parameter of the query, or as "
	switch a.Fault {
	case call.ShortSlice:
		return fmt.Sprintf("gets %d of the %d values of the slice", a.Count, s.length), jsonEach(a.Place.Name)
	case call.NoOrigin:
		return "gets a value that depends on no argument", ""
	case call.ValueOfSlice:
		l := args[a.Origin.Arg]
		return fmt.Sprintf("gets the %s value of %s: SQLite numbers the parameters after a slice by the number of its values", ordinal(a.Origin.Elem), l.Called()),
			slicesLast + jsonEach(source.Snake(l.Name))
	case call.SingleValue:
		return fmt.Sprintf("gets %s, which is one value and no slice", args[a.Origin.Arg].Called()), jsonEach(a.Place.Name)
	case call.OtherElement:
		return fmt.Sprintf("gets %s as its %s value", describe(args, a.Origin), ordinal(a.Elem)), slicesLast + jsonEach(a.Place.Name)
	case call.OtherArgument:
		return fmt.Sprintf("gets %s here, and %s before", args[a.Origin.Arg].Called(), args[a.Before].Called()),
			"sqlc.arg(name) for every parameter of the query"
	}
	return "", ""
}

// onlyNames is the remedy where parameters with names and plain ones get each other's arguments.
const onlyNames = "sqlc.arg(name) for every parameter of the query, and no plain ? beside it"

// lostNil reports a nil pointer that doesn't arrive as NULL.
func lostNil(s *subject) []Finding {
	if i := s.method.LostNil(s.Tap, s.binding.Flow); i >= 0 {
		return findingOf(s.query, "", "a nil %s isn't sent as NULL", s.method.Args[i].Called())
	}
	return nil
}

// jsonEach returns the form of a slice that needs one parameter.
func jsonEach(name string) string {
	return fmt.Sprintf("IN (SELECT value FROM json_each(CAST(sqlc.arg(%s) AS TEXT))), with a JSON array as the argument", name)
}

func describe(args []call.Argument, o call.Origin) string {
	l := args[o.Arg]
	if l.Slice {
		return fmt.Sprintf("the %s value of %s", ordinal(o.Elem), l.Called())
	}
	return l.Called()
}

func ordinal(i int) string {
	if i < 3 {
		return [...]string{"first", "second", "third"}[i]
	}
	return fmt.Sprintf("%dth", i+1)
}

// otherNames reports the first parameter that gets the argument of another name. An unknown name
// is right, as sqlc.yaml can rename, unless it is another parameter's name.
func otherNames(s *subject) []Finding {
	b := s.binding
	for _, k := range b.Order {
		got, ok := b.Got[k]
		if !ok {
			continue
		}
		l := s.method.Args[got]
		want := wanted(s.method.Args, k)
		switch {
		case source.Plain(l.Name) == source.Plain(k):
		case want >= 0 && want != got:
			return swapped(s, k, fmt.Sprintf("gets %s instead of %s", l.Called(), s.method.Args[want].Called()))
		case want < 0 && len(k) > 0 && k[0] != '?' && !b.InOrder():
			return swapped(s, k, fmt.Sprintf("gets %s, and the arguments aren't sent in the order of the fields", l.Called()))
		case want < 0 && slices.ContainsFunc(b.Order, func(other string) bool { return source.Plain(other) == source.Plain(l.Name) }):
			return swapped(s, k, fmt.Sprintf("gets %s, which is another parameter's", l.Called()))
		case want < 0 && takenBefore(b, k, got) != "":
			return swapped(s, k, fmt.Sprintf("gets %s, as %s does", l.Called(), b.Last[takenBefore(b, k, got)].Text))
		}
	}
	return otherOrder(s)
}

func swapped(s *subject, k, problem string) []Finding {
	place := s.binding.Last[k]
	return []Finding{s.at(place, onlyNames, "%s %s", place.Text, problem)}
}

// wanted returns the argument that has a parameter's name, or -1.
func wanted(args []call.Argument, k string) int {
	if len(args) == 1 || strings.HasPrefix(k, "?") {
		return -1
	}
	return slices.IndexFunc(args, func(l call.Argument) bool { return source.Plain(l.Name) == source.Plain(k) })
}

// takenBefore returns the key of an earlier parameter that gets the same argument, or "".
func takenBefore(b *call.Binding, k string, got int) string {
	for _, other := range b.Order {
		if other == k {
			return ""
		}
		if arg, ok := b.Got[other]; ok && arg == got {
			return other
		}
	}
	return ""
}

// otherOrder reports the first parameter without a name whose argument isn't the next field.
func otherOrder(s *subject) []Finding {
	b, last := s.binding, -1
	numbered := slices.Clone(b.Order)
	if !slices.ContainsFunc(numbered, func(k string) bool { return !strings.HasPrefix(k, "?") }) {
		slices.SortStableFunc(numbered, func(x, y string) int { return b.Last[x].Index - b.Last[y].Index })
	}
	for _, k := range numbered {
		got, ok := b.Got[k]
		if !ok || !strings.HasPrefix(k, "?") {
			continue
		}
		if got < last {
			return swapped(s, k, fmt.Sprintf("gets %s, which comes before the argument of the ? before it", s.method.Args[got].Called()))
		}
		last = got
	}
	return nil
}
