package vfs

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Handles gives numbers to Go values, for SQLite to keep in place of their addresses: Go's
// garbage collector doesn't see addresses in SQLite's memory. Of takes no lock, since SQLite
// calls a file's methods all the time: slots stay where they are, and only the list of slots is
// replaced, by a longer one.
type Handles[T any] struct {
	slots atomic.Pointer[[]*atomic.Pointer[T]]

	mu   sync.Mutex
	free []uintptr
}

// Add gives h a number.
func (all *Handles[T]) Add(h *T) uintptr {
	all.mu.Lock()
	defer all.mu.Unlock()
	if len(all.free) == 0 {
		all.addSlots()
	}
	last := len(all.free) - 1
	number := all.free[last]
	all.free = all.free[:last]
	(*all.slots.Load())[number].Store(h)
	return number
}

// Of returns the value that has a number.
func (all *Handles[T]) Of(number uintptr) *T {
	return (*all.slots.Load())[number].Load()
}

// Remove makes a number free for the next value.
func (all *Handles[T]) Remove(number uintptr) {
	all.mu.Lock()
	defer all.mu.Unlock()
	(*all.slots.Load())[number].Store(nil)
	all.free = append(all.free, number)
}

// All returns the values that have a number now.
func (all *Handles[T]) All() []*T {
	all.mu.Lock()
	defer all.mu.Unlock()
	var values []*T
	if slots := all.slots.Load(); slots != nil {
		for _, slot := range *slots {
			if h := slot.Load(); h != nil {
				values = append(values, h)
			}
		}
	}
	return values
}

// addSlots doubles the number of slots.
func (all *Handles[T]) addSlots() {
	var slots []*atomic.Pointer[T]
	if before := all.slots.Load(); before != nil {
		slots = *before
	}
	slots = slices.Clone(slots)
	for range max(len(slots), 16) {
		all.free = append(all.free, uintptr(len(slots)))
		slots = append(slots, &atomic.Pointer[T]{})
	}
	all.slots.Store(&slots)
}
