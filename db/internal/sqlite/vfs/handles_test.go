package vfs

import (
	"sync"
	"testing"
)

// TestHandles adds, finds and removes values at once: each number leads to its own value, and numbers
// are used again.
func TestHandles(t *testing.T) {
	t.Parallel()
	var all Handles[int]
	if got := all.All(); len(got) != 0 {
		t.Errorf("%d values before the first", len(got))
	}
	const goroutines, rounds, kept = 8, 200, 5
	var group sync.WaitGroup
	for g := range goroutines {
		group.Go(func() {
			for round := range rounds {
				var numbers [kept]uintptr
				var values [kept]int
				for i := range values {
					values[i] = g*rounds + round
					numbers[i] = all.Add(&values[i])
				}
				for i := range values {
					if all.Of(numbers[i]) != &values[i] {
						t.Error("a number leads to another value")
					}
					all.Remove(numbers[i])
				}
			}
		})
	}
	group.Wait()
	if got := all.All(); len(got) != 0 {
		t.Errorf("%d values are left", len(got))
	}
	if n := len(*all.slots.Load()); n > 2*goroutines*kept {
		t.Errorf("%d slots for at most %d values", n, goroutines*kept)
	}
}
