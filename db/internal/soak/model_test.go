package soak_test

import (
	"fmt"

	"github.com/anishathalye/porcupine"
)

// registerModel is what a register does if its operations take place one after another,
// each at some time between its call and its return.
var registerModel = porcupine.Model{
	Init: func() any { return int64(0) },
	Step: func(state, in, out any) (bool, any) {
		possible, next := step(state.(int64), in.(input), out.(output))
		return possible, next
	},
	DescribeOperation: func(in, out any) string { return describe(in.(input), out.(output)) },
}

// step reports whether an operation on a register with this value can have had that
// output, and what it leaves there.
//
// An operation whose outcome isn't known has no return: the checker may put it at the
// end, where nobody sees whether it took place.
func step(value int64, in input, out output) (possible bool, next int64) {
	switch in.deed {
	case read:
		return out.value == value, value
	case write:
		return true, in.value
	}
	next = value
	if value == in.expected {
		next = in.value
	}
	return out.fate == unknown || out.set == (value == in.expected), next
}

func describe(in input, out output) string {
	switch in.deed {
	case read:
		return fmt.Sprintf("read %d: %s (way %d)", out.value, out.fate, in.way)
	case write:
		return fmt.Sprintf("write %d: %s (way %d)", in.value, out.fate, in.way)
	default:
		return fmt.Sprintf("set %d if %d: %v, %s (way %d)", in.value, in.expected, out.set, out.fate, in.way)
	}
}
