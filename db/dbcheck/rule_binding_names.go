package dbcheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
)

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
		case want < 0 && belongsToOther(b, k, l.Name):
			return swapped(s, k, fmt.Sprintf("gets %s, which is another parameter's", l.Called()))
		case want < 0 && takenBefore(b, k, got) != "":
			return swapped(s, k, fmt.Sprintf("gets %s, as %s does", l.Called(), b.Last[takenBefore(b, k, got)].Text))
		}
	}
	return otherOrder(s)
}

func swapped(s *subject, k, problem string) []Finding {
	place := s.binding.Last[k]
	return []Finding{s.at(place, "sqlc.arg(name) for every parameter of the query, and no plain ? beside it", "%s %s", place.Text, problem)}
}

// wanted returns the argument that has a parameter's name, or -1.
func wanted(args []call.Argument, k string) int {
	if len(args) == 1 || strings.HasPrefix(k, "?") {
		return -1
	}
	return slices.IndexFunc(args, func(l call.Argument) bool { return source.Plain(l.Name) == source.Plain(k) })
}

func belongsToOther(b *call.Binding, k, name string) bool {
	return slices.ContainsFunc(b.Order, func(other string) bool {
		return other != k && source.Plain(other) == source.Plain(name) && source.Plain(k) != source.Plain(other)
	})
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
