package sqlite

import (
	"slices"
	"sync"
	"sync/atomic"
)

// handles finds what a file's method is called for by its number: SQLite can't hold its
// address, since it is in Go's memory. Methods are called all the time, so they take no
// lock: the slots stay where they are, and only the list of them is replaced, by a longer
// one.
type handles[T any] struct {
	slots atomic.Pointer[[]*atomic.Pointer[T]]

	mu   sync.Mutex
	free []uintptr
}

// keep gives something a number.
func (all *handles[T]) keep(h *T) uintptr {
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

// of returns what has a number.
func (all *handles[T]) of(number uintptr) *T {
	return (*all.slots.Load())[number].Load()
}

// drop makes a number free for the next.
func (all *handles[T]) drop(number uintptr) {
	all.mu.Lock()
	defer all.mu.Unlock()
	(*all.slots.Load())[number].Store(nil)
	all.free = append(all.free, number)
}

// addSlots makes as many new slots as there are.
func (all *handles[T]) addSlots() {
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
