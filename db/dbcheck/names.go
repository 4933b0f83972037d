package dbcheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
)

// names checks that each parameter gets the argument of its name. Another one is right
// as well, as sqlc.yaml can rename: unless it is that of another parameter.
func (p *proof) names() {
	for _, k := range p.order {
		got, ok := p.got[k]
		if !ok {
			continue
		}
		l := p.method.args[got]
		want := p.wanted(k)
		switch {
		case len(p.found) > 0: // one is enough, as the others are its consequence
			return
		case source.Plain(l.name) == source.Plain(k):
		case want >= 0 && want != got:
			p.swapped(k, fmt.Sprintf("gets %s, and not %s", l.called(), p.method.args[want].called()))
		case want < 0 && len(k) > 0 && k[0] != '?' && !p.inOrder():
			p.swapped(k, fmt.Sprintf("gets %s, and the arguments aren't sent in the order of the fields", l.called()))
		case want < 0 && p.belongsToOther(k, l.name):
			p.swapped(k, fmt.Sprintf("gets %s, which is another parameter's", l.called()))
		case want < 0 && p.takenBefore(k, got) != "":
			p.swapped(k, fmt.Sprintf("gets %s, as %s does", l.called(), p.last[p.takenBefore(k, got)].Text))
		}
	}
	p.plainOrder()
}

func (p *proof) swapped(k, what string) {
	p.add(p.last[k], RuleBinding, "sqlc.arg(name) for every parameter of the query, and no plain ? beside it", "%s %s", p.last[k].Text, what)
}

// wanted returns the leaf that has a parameter's name, or -1.
func (p *proof) wanted(k string) int {
	if len(p.method.args) == 1 || strings.HasPrefix(k, "?") {
		return -1
	}
	return slices.IndexFunc(p.method.args, func(l argument) bool { return source.Plain(l.name) == source.Plain(k) })
}

// inOrder reports whether the arguments are sent in the order of the fields, as sqlc does
// always. Of fields that sqlc.yaml renamed, it is all that can be known.
func (p *proof) inOrder() bool {
	return slices.IsSortedFunc(p.flow.origins, func(a, b origin) int { return a.arg - b.arg })
}

func (p *proof) belongsToOther(k, name string) bool {
	return slices.ContainsFunc(p.order, func(other string) bool {
		return other != k && source.Plain(other) == source.Plain(name) && source.Plain(k) != source.Plain(other)
	})
}

func (p *proof) takenBefore(k string, got int) string {
	for _, other := range p.order {
		if other == k {
			return ""
		}
		if leaf, ok := p.got[other]; ok && leaf == got {
			return other
		}
	}
	return ""
}

// plainOrder checks the parameters without names: they come in the order of the fields.
func (p *proof) plainOrder() {
	last := -1
	numbered := slices.Clone(p.order)
	if !slices.ContainsFunc(numbered, func(k string) bool { return !strings.HasPrefix(k, "?") }) {
		slices.SortStableFunc(numbered, func(a, b string) int { return p.last[a].Index - p.last[b].Index })
	}
	for _, k := range numbered {
		got, ok := p.got[k]
		if !ok || !strings.HasPrefix(k, "?") {
			continue
		}
		if got < last {
			p.swapped(k, fmt.Sprintf("gets %s, which comes before that of the ? before it", p.method.args[got].called()))
			return
		}
		last = got
	}
}

// unused reports arguments that go nowhere.
func (p *proof) unused() {
	for i, l := range p.method.args {
		if l.slice && p.length == 0 {
			continue
		}
		if !slices.ContainsFunc(p.flow.origins, func(o origin) bool { return o.arg == i }) {
			p.add(p.query.Parts[0], RuleUnused, "", "%s goes to no parameter of the query", l.called())
		}
	}
	for i, o := range p.flow.origins {
		if o.arg >= 0 && p.length > 0 && !slices.ContainsFunc(source.Parts(p.flow.text), func(s source.Part) bool { return s.IsPlace() && s.Index == i+1 }) {
			instead := ""
			if p.mixed() {
				instead = "sqlc.arg(name) for every parameter of the query, and no plain ? beside it"
			}
			p.add(p.query.Parts[0], RuleUnused, instead, "%s is sent as argument %d, which the text has no parameter for", p.method.args[o.arg].called(), i+1)
		}
	}
}
