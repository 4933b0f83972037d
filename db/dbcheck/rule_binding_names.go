package dbcheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
)

// otherNames reports the first parameter that gets the argument of another name. An unknown name
// is right, as sqlc.yaml can rename: unless it is another parameter's.
func otherNames(s *subject) []Finding {
	b := s.binding
	for _, k := range b.order {
		got, ok := b.got[k]
		if !ok {
			continue
		}
		l := s.method.args[got]
		want := wanted(s.method.args, k)
		switch {
		case source.Plain(l.name) == source.Plain(k):
		case want >= 0 && want != got:
			return swapped(s, k, fmt.Sprintf("gets %s, and not %s", l.called(), s.method.args[want].called()))
		case want < 0 && len(k) > 0 && k[0] != '?' && !b.inOrder():
			return swapped(s, k, fmt.Sprintf("gets %s, and the arguments aren't sent in the order of the fields", l.called()))
		case want < 0 && belongsToOther(b, k, l.name):
			return swapped(s, k, fmt.Sprintf("gets %s, which is another parameter's", l.called()))
		case want < 0 && takenBefore(b, k, got) != "":
			return swapped(s, k, fmt.Sprintf("gets %s, as %s does", l.called(), b.last[takenBefore(b, k, got)].Text))
		}
	}
	return otherOrder(s)
}

func swapped(s *subject, k, problem string) []Finding {
	place := s.binding.last[k]
	return []Finding{s.at(place, "sqlc.arg(name) for every parameter of the query, and no plain ? beside it", "%s %s", place.Text, problem)}
}

// wanted returns the argument that has a parameter's name, or -1.
func wanted(args []argument, k string) int {
	if len(args) == 1 || strings.HasPrefix(k, "?") {
		return -1
	}
	return slices.IndexFunc(args, func(l argument) bool { return source.Plain(l.name) == source.Plain(k) })
}

func belongsToOther(b *binding, k, name string) bool {
	return slices.ContainsFunc(b.order, func(other string) bool {
		return other != k && source.Plain(other) == source.Plain(name) && source.Plain(k) != source.Plain(other)
	})
}

// takenBefore returns the key of an earlier parameter that gets the same argument, or "".
func takenBefore(b *binding, k string, got int) string {
	for _, other := range b.order {
		if other == k {
			return ""
		}
		if arg, ok := b.got[other]; ok && arg == got {
			return other
		}
	}
	return ""
}

// otherOrder reports the first parameter without a name whose argument isn't the next field.
func otherOrder(s *subject) []Finding {
	b, last := s.binding, -1
	numbered := slices.Clone(b.order)
	if !slices.ContainsFunc(numbered, func(k string) bool { return !strings.HasPrefix(k, "?") }) {
		slices.SortStableFunc(numbered, func(x, y string) int { return b.last[x].Index - b.last[y].Index })
	}
	for _, k := range numbered {
		got, ok := b.got[k]
		if !ok || !strings.HasPrefix(k, "?") {
			continue
		}
		if got < last {
			return swapped(s, k, fmt.Sprintf("gets %s, which comes before that of the ? before it", s.method.args[got].called()))
		}
		last = got
	}
	return nil
}
