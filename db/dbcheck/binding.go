package dbcheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
)

// A proof compares where the source names an argument with where it goes.
type proof struct {
	query   *source.Query
	method  *method
	flow    *flow
	length  int // of the slices
	clauses []source.Clause
	found   []Finding
	// got has for each parameter of the source the leaf that it gets.
	got   map[string]int
	order []string // the parameters, as they stand in the source
	last  map[string]source.Part
}

// prove returns what is wrong with where the method's arguments go.
func prove(q *source.Query, m *method, f *flow, length int) *proof {
	p := &proof{query: q, method: m, flow: f, length: length, clauses: source.Clauses(q.Parts), got: map[string]int{}, last: map[string]source.Part{}}
	sent := source.Parts(f.text)
	a, ok := align(q.Parts, sent, length)
	if !ok {
		p.textDiffers(a)
		return p
	}
	if p.tooFew(a.matches) {
		return p
	}
	for _, m := range a.matches {
		p.match(m)
	}
	if len(p.found) == 0 {
		p.names()
	}
	if len(p.found) == 0 {
		p.unused()
	}
	return p
}

func (p *proof) add(at source.Part, rule, instead, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	if p.method.name != p.query.Name {
		message = "in " + p.method.name + ", " + message
	}
	f := findingAt(p.query, p.query.LineAt(at.Offset), rule, instead, "%s", message)
	if !slices.Contains(p.found, f) {
		p.found = append(p.found, f)
	}
}

func (p *proof) textDiffers(a *alignment) {
	i, j := a.farthest[0], a.farthest[1]
	at := p.query.Parts[min(i, len(p.query.Parts)-1)]
	want, got := rest(a.source, i), rest(a.sent, j)
	if got == "" {
		got = "nothing more"
	}
	if stripped := strippedLines(p.query); len(stripped) > 0 {
		p.found = append(p.found, stripped...)
		return
	}
	age, instead := ", and may be of another time", ""
	if !p.query.ASCII {
		age, instead = "", "the file in ASCII, as sqlc counts characters where the text has bytes"
	}
	p.add(at, RuleText, instead,
		"the generated code sends another text%s: where the source has %s, it has %s", age, want, got)
}

// rest returns some parts for a message.
func rest(parts []source.Part, from int) string {
	var words []string
	for _, p := range parts[min(from, len(parts)):min(from+5, len(parts))] {
		words = append(words, p.Text)
	}
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

func (p *proof) match(m match) {
	k := m.place.Key()
	if !slices.Contains(p.order, k) {
		p.order = append(p.order, k)
	}
	p.last[k] = m.place
	switch {
	case m.left:
		p.dropped(m.place, "sqlc leaves it in the text as it is, and makes no argument of it")
		return
	case m.place.Kind == source.SlicePart && len(m.params) != p.length && p.length > 0:
		p.add(m.place, RuleBinding, jsonEach(m.place.Name), "%s gets %d of the %d values of its slice", m.place.Text, len(m.params), p.length)
		return
	}
	for elem, param := range m.params {
		if param.Index > len(p.flow.origins) {
			p.dropped(m.place, "no argument is there for it")
			return
		}
		p.bound(m.place, elem, p.flow.origins[param.Index-1])
	}
}

// tooFew reports parameters without a name that get no argument. Which of them it is
// isn't known: the others get each other's.
func (p *proof) tooFew(matches []match) bool {
	seen := map[string]bool{}
	var lost source.Part
	var in source.Clause
	for _, m := range matches {
		if m.place.Name != "" || m.left {
			return false
		}
		seen[m.place.Key()] = true
		if c := p.clauseOf(m.place); in == source.OtherClause {
			lost, in = m.place, c
		}
	}
	if len(seen) <= len(p.method.args) {
		return false
	}
	if in == source.OtherClause {
		p.add(lost, RuleDropped, "CAST(sqlc.arg(name) AS type) for each of them", "the query has %s, and the method %s",
			count(len(seen), "parameter"), count(len(p.method.args), "argument"))
		return true
	}
	p.add(lost, RuleDropped, in.InsteadFor(lost), "the query has %s, and the method %s: what is lost is that%s", count(len(seen), "parameter"), count(len(p.method.args), "argument"), in)
	return true
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (p *proof) clauseOf(place source.Part) source.Clause {
	return p.clauses[p.query.IndexOf(place.Offset)]
}

func (p *proof) dropped(place source.Part, why string) {
	c := p.clauseOf(place)
	instead := c.InsteadFor(place)
	switch {
	case c != source.OtherClause:
	case p.mixed():
		instead = "sqlc.arg(name) for every parameter of the query, and no plain ? beside it"
	case p.behindBetween(place):
		instead = "x >= sqlc.arg(a) AND x <= sqlc.arg(b) instead of BETWEEN, which sqlc misreads behind an AND"
	}
	p.add(place, RuleDropped, instead, "%s is lost%s: %s", place.Text, c, why)
}

func (p *proof) behindBetween(place source.Part) bool {
	return slices.ContainsFunc(p.query.Parts, func(o source.Part) bool { return o.Offset < place.Offset && strings.EqualFold(o.Text, "between") })
}

// mixed reports whether the query has parameters with names and without.
func (p *proof) mixed() bool {
	plain := func(p source.Part) bool { return p.IsPlace() && p.Text == "?" }
	return slices.ContainsFunc(p.query.Parts, plain) &&
		slices.ContainsFunc(p.query.Parts, func(p source.Part) bool { return p.IsPlace() && p.Name != "" })
}

// jsonEach is the form of a slice that needs one parameter.
func jsonEach(name string) string {
	return fmt.Sprintf("IN (SELECT value FROM json_each(CAST(sqlc.arg(%s) AS TEXT))), with a JSON array as the argument", name)
}

// bound checks one argument that arrives at a place.
func (p *proof) bound(place source.Part, elem int, o origin) {
	if o.arg < 0 {
		p.add(place, RuleBinding, "", "%s gets a value that depends on no argument", place.Text)
		return
	}
	l := p.method.args[o.arg]
	switch {
	case place.Kind == source.ScalarPart && l.slice:
		p.add(place, RuleBinding, "the slice as the last parameter of the query, or as "+jsonEach(source.Snake(l.name)),
			"%s gets the %s value of %s: behind a slice, SQLite counts on from its values", place.Text, ordinal(o.elem), l.called())
		return
	case place.Kind == source.SlicePart && !l.slice:
		p.add(place, RuleBinding, jsonEach(place.Name), "%s gets %s, which is one value and no slice", place.Text, l.called())
		return
	case place.Kind == source.SlicePart && o.elem != elem:
		p.add(place, RuleBinding, "the slice as the last parameter of the query, or as "+jsonEach(place.Name),
			"%s gets %s among its values, in the %s place", place.Text, p.describe(o), ordinal(elem))
		return
	}
	k := place.Key()
	if before, ok := p.got[k]; ok && before != o.arg {
		p.add(place, RuleBinding, "sqlc.arg(name) for every parameter of the query",
			"%s gets %s here, and %s before", place.Text, l.called(), p.method.args[before].called())
		return
	}
	p.got[k] = o.arg
}

func (p *proof) describe(o origin) string {
	l := p.method.args[o.arg]
	if l.slice {
		return fmt.Sprintf("the %s value of %s", ordinal(o.elem), l.called())
	}
	return l.called()
}

func (l argument) called() string {
	if l.name == "" {
		return "its argument"
	}
	return l.name
}

func ordinal(i int) string {
	if i < 3 {
		return [...]string{"first", "second", "third"}[i]
	}
	return fmt.Sprintf("%dth", i+1)
}
