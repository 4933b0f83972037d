package faults

import (
	"errors"
	"fmt"
	"slices"

	"github.com/duolite/duolite/db"
)

// An outcome is the error that an operation returned, and its marks in the ledger.
type outcome struct {
	err    error
	counts []int // for each part
}

// judge compares an outcome with the promises. It returns the promise that was violated.
func (w workload) judge(o outcome) (promise Promise, reason string) {
	for _, n := range o.counts {
		if n > 1 {
			return Once, "applied twice"
		}
	}
	applied := o.counts[:w.parts]
	beyond := o.counts[w.parts:]
	whole := w.parts == 0 || slices.Min(applied) == slices.Max(applied)
	n := 0
	if w.parts > 0 {
		n = slices.Max(applied)
	}
	switch {
	case slices.ContainsFunc(beyond, func(n int) bool { return n > 0 }):
		return Whole, "applied, though rolled back"
	case !whole:
		return Whole, "applied in part"
	case o.err == nil && n == 0:
		return Once, "not applied, though it returned nil"
	case o.err != nil && n > 0 && !errors.Is(o.err, db.ErrOutcomeUnknown):
		return Known, "applied, though the error says that it wasn't"
	default:
		return "", ""
	}
}

func (o outcome) String() string {
	return fmt.Sprintf("applied %v, error %v", o.counts, o.err)
}
