package dbcheck

import (
	"fmt"
	"slices"
	"strings"
)

// A proof compares where the source names an argument with where it goes.
type proof struct {
	query   *query
	method  *method
	flow    *flow
	length  int // of the slices
	clauses []clause
	found   []Finding
	// got has for each parameter of the source the leaf that it gets.
	got   map[string]int
	order []string // the parameters, as they stand in the source
	last  map[string]part
}

// prove returns what is wrong with where the method's arguments go.
func prove(q *query, m *method, f *flow, length int) *proof {
	p := &proof{query: q, method: m, flow: f, length: length, clauses: clauses(q.parts), got: map[string]int{}, last: map[string]part{}}
	sent := plainParts(f.text)
	a, ok := align(q.parts, sent, length)
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

func (p *proof) add(at part, rule, instead, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	if p.method.name != p.query.name {
		message = "in " + p.method.name + ", " + message
	}
	f := p.query.finding(p.query.lineAt(at.offset), rule, instead, "%s", message)
	if !slices.Contains(p.found, f) {
		p.found = append(p.found, f)
	}
}

func (p *proof) textDiffers(a *alignment) {
	i, j := a.farthest[0], a.farthest[1]
	at := p.query.parts[min(i, len(p.query.parts)-1)]
	want, got := rest(a.source, i), rest(a.sent, j)
	if got == "" {
		got = "nothing more"
	}
	if stripped := p.query.strippedLines(); len(stripped) > 0 {
		p.found = append(p.found, stripped...)
		return
	}
	age, instead := ", and may be of another time", ""
	if !p.query.ascii {
		age, instead = "", "the file in ASCII, as sqlc counts characters where the text has bytes"
	}
	p.add(at, RuleText, instead,
		"the generated code sends another text%s: where the source has %s, it has %s", age, want, got)
}

// rest returns some parts for a message.
func rest(parts []part, from int) string {
	var words []string
	for _, p := range parts[min(from, len(parts)):min(from+5, len(parts))] {
		words = append(words, p.text)
	}
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

// key tells the parameters of a source apart. A plain ? has SQLite's index.
func key(p part) string {
	if p.name != "" {
		return p.name
	}
	return fmt.Sprintf("?%d", p.index)
}

func (p *proof) match(m match) {
	k := key(m.place)
	if !slices.Contains(p.order, k) {
		p.order = append(p.order, k)
	}
	p.last[k] = m.place
	switch {
	case m.left:
		p.dropped(m.place, "sqlc leaves it in the text as it is, and makes no argument of it")
		return
	case m.place.kind == slicePart && len(m.params) != p.length && p.length > 0:
		p.add(m.place, RuleBinding, jsonEach(m.place.name), "%s gets %d of the %d values of its slice", m.place.text, len(m.params), p.length)
		return
	}
	for elem, param := range m.params {
		if param.index > len(p.flow.origins) {
			p.dropped(m.place, "no argument is there for it")
			return
		}
		p.bound(m.place, elem, p.flow.origins[param.index-1])
	}
}

// tooFew reports parameters without a name that get no argument. Which of them it is
// isn't known: the others get each other's.
func (p *proof) tooFew(matches []match) bool {
	seen := map[string]bool{}
	var lost part
	var in clause
	for _, m := range matches {
		if m.place.name != "" || m.left {
			return false
		}
		seen[key(m.place)] = true
		if c := p.clauseOf(m.place); in == otherClause {
			lost, in = m.place, c
		}
	}
	if len(seen) <= len(p.method.leaves) {
		return false
	}
	if in == otherClause {
		p.add(lost, RuleDropped, "CAST(sqlc.arg(name) AS type) for each of them", "the query has %s, and the method %s",
			count(len(seen), "parameter"), count(len(p.method.leaves), "argument"))
		return true
	}
	p.add(lost, RuleDropped, in.insteadFor(lost), "the query has %s, and the method %s: what is lost is that%s", count(len(seen), "parameter"), count(len(p.method.leaves), "argument"), in)
	return true
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (p *proof) clauseOf(place part) clause {
	return p.clauses[slices.IndexFunc(p.query.parts, func(o part) bool { return o.offset == place.offset })]
}

func (p *proof) dropped(place part, why string) {
	c := p.clauseOf(place)
	instead := c.insteadFor(place)
	switch {
	case c != otherClause:
	case p.mixed():
		instead = "sqlc.arg(name) for every parameter of the query, and no plain ? beside it"
	case p.behindBetween(place):
		instead = "x >= sqlc.arg(a) AND x <= sqlc.arg(b) instead of BETWEEN, which sqlc misreads behind an AND"
	}
	p.add(place, RuleDropped, instead, "%s is lost%s: %s", place.text, c, why)
}

func nameOr(p part, other string) string {
	if p.name != "" {
		return p.name
	}
	return other
}

func (p *proof) behindBetween(place part) bool {
	return slices.ContainsFunc(p.query.parts, func(o part) bool { return o.offset < place.offset && strings.EqualFold(o.text, "between") })
}

// mixed reports whether the query has parameters with names and without.
func (p *proof) mixed() bool {
	plain := func(p part) bool { return p.isPlace() && p.text == "?" }
	return slices.ContainsFunc(p.query.parts, plain) &&
		slices.ContainsFunc(p.query.parts, func(p part) bool { return p.isPlace() && p.name != "" })
}

// jsonEach is the form of a slice that needs one parameter.
func jsonEach(name string) string {
	return fmt.Sprintf("IN (SELECT value FROM json_each(CAST(sqlc.arg(%s) AS TEXT))), with a JSON array as the argument", name)
}

// bound checks one argument that arrives at a place.
func (p *proof) bound(place part, elem int, o origin) {
	if o.leaf < 0 {
		p.add(place, RuleBinding, "", "%s gets a value that depends on no argument", place.text)
		return
	}
	l := p.method.leaves[o.leaf]
	switch {
	case place.kind == scalarPart && l.slice:
		p.add(place, RuleBinding, "the slice as the last parameter of the query, or as "+jsonEach(snake(l.name)),
			"%s gets the %s value of %s: behind a slice, SQLite counts on from its values", place.text, ordinal(o.elem), l.called())
		return
	case place.kind == slicePart && !l.slice:
		p.add(place, RuleBinding, jsonEach(place.name), "%s gets %s, which is one value and no slice", place.text, l.called())
		return
	case place.kind == slicePart && o.elem != elem:
		p.add(place, RuleBinding, "the slice as the last parameter of the query, or as "+jsonEach(place.name),
			"%s gets %s among its values, in the %s place", place.text, p.describe(o), ordinal(elem))
		return
	}
	k := key(place)
	if before, ok := p.got[k]; ok && before != o.leaf {
		p.add(place, RuleBinding, "sqlc.arg(name) for every parameter of the query",
			"%s gets %s here, and %s before", place.text, l.called(), p.method.leaves[before].called())
		return
	}
	p.got[k] = o.leaf
}

func (p *proof) describe(o origin) string {
	l := p.method.leaves[o.leaf]
	if l.slice {
		return fmt.Sprintf("the %s value of %s", ordinal(o.elem), l.called())
	}
	return l.called()
}

func (l leaf) called() string {
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
