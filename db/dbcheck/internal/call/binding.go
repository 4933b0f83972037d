package call

import (
	"iter"
	"slices"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
)

// A Binding maps the places of a query's source to the arguments of its method.
type Binding struct {
	Query  *source.Query
	Method *Method
	Flow   *Flow
	// Alignment compares the sent text with the source. If it isn't complete, nothing else is known.
	*Alignment
	Arrivals []Arrival
	// Got maps the keys of the source's parameters to their arguments. A parameter with a fault
	// isn't in it.
	Got map[string]int
	// Order has the keys of the parameters in the order of the source, and Last the last
	// place of each.
	Order []string
	Last  map[string]source.Part
}

// An Arrival is one value that arrives at a place of the source, or should arrive there.
type Arrival struct {
	Place  source.Part
	Elem   int // the value's number in the place of a slice
	Origin Origin
	Fault  Fault
	// Before is the argument that the same parameter gets at an earlier place, for OtherArgument.
	Before int
	// Count is how many values arrive, for ShortSlice.
	Count int
}

// A Fault is a reason why a place doesn't get its argument.
type Fault int

const (
	noFault Fault = iota
	// LeftInText: sqlc leaves the place in the text as it is.
	LeftInText
	// NoArgument: the statement has no argument for the parameter.
	NoArgument
	// ShortSlice: fewer values of a slice arrive than it has.
	ShortSlice
	// NoOrigin: the value depends on no argument of the method.
	NoOrigin
	// ValueOfSlice: one value of a slice arrives at the place of a single value.
	ValueOfSlice
	// SingleValue: a single value arrives at the place of a slice.
	SingleValue
	// OtherElement: a value arrives at the place of another value of the slice.
	OtherElement
	// OtherArgument: the parameter gets another argument at an earlier place.
	OtherArgument
)

// Bind follows a method's arguments to the places of its query.
func Bind(q *source.Query, m *Method, f *Flow, length int) *Binding {
	b := &Binding{Query: q, Method: m, Flow: f, Got: map[string]int{}, Last: map[string]source.Part{}}
	b.Alignment = align(q.Parts, source.Parts(f.Text), length)
	if b.Complete {
		for _, m := range b.Matches {
			b.match(m)
		}
	}
	return b
}

func (b *Binding) match(m Match) {
	k := m.Place.Key()
	if !slices.Contains(b.Order, k) {
		b.Order = append(b.Order, k)
	}
	b.Last[k] = m.Place
	switch {
	case m.left:
		b.Arrivals = append(b.Arrivals, Arrival{Place: m.Place, Fault: LeftInText})
		return
	case m.Place.Kind == source.SlicePart && len(m.params) != b.length && b.length > 0:
		b.Arrivals = append(b.Arrivals, Arrival{Place: m.Place, Fault: ShortSlice, Count: len(m.params)})
		return
	}
	for elem, param := range m.params {
		if param.Index > len(b.Flow.Origins) {
			b.Arrivals = append(b.Arrivals, Arrival{Place: m.Place, Elem: elem, Fault: NoArgument})
			return
		}
		b.arrive(Arrival{Place: m.Place, Elem: elem, Origin: b.Flow.Origins[param.Index-1]})
	}
}

// arrive adds an arrival, with its fault if it has one.
func (b *Binding) arrive(a Arrival) {
	o, k := a.Origin, a.Place.Key()
	before, bound := b.Got[k]
	switch {
	case o.Arg < 0:
		a.Fault = NoOrigin
	case a.Place.Kind == source.ScalarPart && b.Method.Args[o.Arg].Slice:
		a.Fault = ValueOfSlice
	case a.Place.Kind == source.SlicePart && !b.Method.Args[o.Arg].Slice:
		a.Fault = SingleValue
	case a.Place.Kind == source.SlicePart && o.Elem != a.Elem:
		a.Fault = OtherElement
	case bound && before != o.Arg:
		a.Fault, a.Before = OtherArgument, before
	default:
		b.Got[k] = o.Arg
	}
	b.Arrivals = append(b.Arrivals, a)
}

// Places returns the indexes of the places among the query's parts, each with the argument that it gets. It leaves out
// places whose argument isn't known.
func (b *Binding) Places() iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		for i, p := range b.Query.Parts {
			if arg, ok := b.Got[p.Key()]; ok && p.IsPlace() && !yield(i, arg) {
				return
			}
		}
	}
}

// PlaceOf returns the first place of the source that gets an argument.
func (b *Binding) PlaceOf(arg int) source.Part {
	for i, got := range b.Places() {
		if got == arg {
			return b.Query.Parts[i]
		}
	}
	return b.Query.Parts[0]
}

// IsFaulty reports whether an arrival has a fault.
func (b *Binding) IsFaulty() bool {
	return slices.ContainsFunc(b.Arrivals, func(a Arrival) bool { return a.Fault != noFault })
}

// Unnamed returns how many different parameters the query has, if none has a name and all
// are sent.
func (b *Binding) Unnamed() (n int, ok bool) {
	seen := map[string]bool{}
	for _, m := range b.Matches {
		if m.Place.Name != "" || m.left {
			return 0, false
		}
		seen[m.Place.Key()] = true
	}
	return len(seen), true
}

// IsUsed reports whether an argument arrives in the statement.
func (b *Binding) IsUsed(arg int) bool {
	return slices.ContainsFunc(b.Flow.Origins, func(o Origin) bool { return o.Arg == arg })
}

// InOrder reports whether the arguments are sent in the order of the fields, as sqlc always does.
// Nothing else can be known about fields that sqlc.yaml renamed.
func (b *Binding) InOrder() bool {
	return slices.IsSortedFunc(b.Flow.Origins, func(a, b Origin) int { return a.Arg - b.Arg })
}
