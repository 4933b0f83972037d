package dbcheck

import (
	"slices"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
)

// A binding says which argument of a method each place of its query's source gets.
type binding struct {
	query  *source.Query
	method *method
	flow   *flow
	length int // of the slices
	// alignment lays the sent text beside the source. If it isn't complete, nothing else is known.
	*alignment
	arrivals []arrival
	// got is the argument that each parameter of the source gets, by its key. A parameter
	// with a fault isn't there.
	got map[string]int
	// order has the keys of the parameters in the order of the source, and last the last
	// place of each.
	order []string
	last  map[string]source.Part
}

// An arrival is one value that arrives at a place of the source, or should.
type arrival struct {
	place  source.Part
	elem   int // the value's number in the place of a slice
	origin origin
	fault  fault
	// before is the argument that the same parameter gets at an earlier place, for otherArgument.
	before int
	// count is how many values arrive, for shortSlice.
	count int
}

// A fault says why a place doesn't get its argument.
type fault int

const (
	noFault fault = iota
	// leftInText: sqlc leaves the place in the text as it is.
	leftInText
	// noArgument: the statement has no argument for the parameter.
	noArgument
	// shortSlice: fewer values of a slice arrive than it has.
	shortSlice
	// noOrigin: the value depends on no argument of the method.
	noOrigin
	// valueOfSlice: one value of a slice arrives at the place of a single value.
	valueOfSlice
	// singleValue: a single value arrives at the place of a slice.
	singleValue
	// otherElement: a value arrives at the place of another value of the slice.
	otherElement
	// otherArgument: the parameter gets another argument at an earlier place.
	otherArgument
)

// bind follows a method's arguments to the places of its query.
func bind(q *source.Query, m *method, f *flow, length int) *binding {
	b := &binding{query: q, method: m, flow: f, length: length, got: map[string]int{}, last: map[string]source.Part{}}
	b.alignment = align(q.Parts, source.Parts(f.text), length)
	if b.complete {
		for _, m := range b.matches {
			b.match(m)
		}
	}
	return b
}

func (b *binding) match(m match) {
	k := m.place.Key()
	if !slices.Contains(b.order, k) {
		b.order = append(b.order, k)
	}
	b.last[k] = m.place
	switch {
	case m.left:
		b.arrivals = append(b.arrivals, arrival{place: m.place, fault: leftInText})
		return
	case m.place.Kind == source.SlicePart && len(m.params) != b.length && b.length > 0:
		b.arrivals = append(b.arrivals, arrival{place: m.place, fault: shortSlice, count: len(m.params)})
		return
	}
	for elem, param := range m.params {
		if param.Index > len(b.flow.origins) {
			b.arrivals = append(b.arrivals, arrival{place: m.place, elem: elem, fault: noArgument})
			return
		}
		b.arrive(arrival{place: m.place, elem: elem, origin: b.flow.origins[param.Index-1]})
	}
}

// arrive adds an arrival, with its fault if it has one.
func (b *binding) arrive(a arrival) {
	o, k := a.origin, a.place.Key()
	before, bound := b.got[k]
	switch {
	case o.arg < 0:
		a.fault = noOrigin
	case a.place.Kind == source.ScalarPart && b.method.args[o.arg].slice:
		a.fault = valueOfSlice
	case a.place.Kind == source.SlicePart && !b.method.args[o.arg].slice:
		a.fault = singleValue
	case a.place.Kind == source.SlicePart && o.elem != a.elem:
		a.fault = otherElement
	case bound && before != o.arg:
		a.fault, a.before = otherArgument, before
	default:
		b.got[k] = o.arg
	}
	b.arrivals = append(b.arrivals, a)
}

// argumentOf returns the argument that a place gets, and reports whether it is known.
func (b *binding) argumentOf(place source.Part) (int, bool) {
	if !place.IsPlace() {
		return 0, false
	}
	arg, ok := b.got[place.Key()]
	return arg, ok
}

// placeOf returns the first place of the source that gets an argument.
func (b *binding) placeOf(arg int) source.Part {
	for _, place := range b.query.Parts {
		if got, ok := b.argumentOf(place); ok && got == arg {
			return place
		}
	}
	return b.query.Parts[0]
}

// isFaulty reports whether a place doesn't get its argument.
func (b *binding) isFaulty() bool {
	return slices.ContainsFunc(b.arrivals, func(a arrival) bool { return a.fault != noFault })
}

// unnamed returns how many different parameters the query has, if none has a name and all
// are sent.
func (b *binding) unnamed() (n int, ok bool) {
	seen := map[string]bool{}
	for _, m := range b.matches {
		if m.place.Name != "" || m.left {
			return 0, false
		}
		seen[m.place.Key()] = true
	}
	return len(seen), true
}

// isUsed reports whether an argument arrives in the statement.
func (b *binding) isUsed(arg int) bool {
	return slices.ContainsFunc(b.flow.origins, func(o origin) bool { return o.arg == arg })
}

// inOrder reports whether the arguments are sent in the order of the fields, as sqlc always does.
// Of fields that sqlc.yaml renamed, nothing else can be known.
func (b *binding) inOrder() bool {
	return slices.IsSortedFunc(b.flow.origins, func(a, b origin) int { return a.arg - b.arg })
}
