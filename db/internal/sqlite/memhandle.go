package sqlite

import (
	"slices"
	"sync"
	"sync/atomic"

	"modernc.org/libc"
)

// A memHandle is a file in memory that SQLite has open. A file is open as often as
// there are connections to the database; locks are between its handles.
type memHandle struct {
	file     *memFile
	database *memDatabase // or nil, of a temporary file

	level int32 // its lock on the file; guarded by that of the file's locks

	// Its part in the shared memory, guarded by that memory's lock.
	mapped            bool
	shared, exclusive uint8 // a bit for each slot that it has locked
}

// close lets go of a file. The last who does frees one that has no name.
func (h *memHandle) close(tls *libc.TLS) {
	h.unmap(tls)
	h.unlock(0)
	if h.database == nil {
		h.file.free(tls)
		return
	}
	memDatabases.Lock()
	defer memDatabases.Unlock()
	if h.file.users--; h.file.users == 0 && !h.file.named {
		h.file.free(tls)
	}
	h.database.leave(tls)
}

// A memHandleTable finds the handle that a method is called for by its number: SQLite can't
// hold its address, since it is in Go's memory. Methods are called all the time, so
// they take no lock: the slots stay where they are, and only the list of them is
// replaced, by a longer one.
type memHandleTable struct {
	slots atomic.Pointer[[]*atomic.Pointer[memHandle]]

	mu   sync.Mutex
	free []uintptr
}

var memHandles memHandleTable

// keepHandle gives a handle a number.
func keepHandle(h *memHandle) uintptr {
	all := &memHandles
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

// handleOf returns the handle with a number.
func handleOf(number uintptr) *memHandle {
	return (*memHandles.slots.Load())[number].Load()
}

// dropHandle makes a number free for the next handle.
func dropHandle(number uintptr) {
	all := &memHandles
	all.mu.Lock()
	defer all.mu.Unlock()
	(*all.slots.Load())[number].Store(nil)
	all.free = append(all.free, number)
}

// addSlots makes as many new slots as there are.
func (all *memHandleTable) addSlots() {
	var slots []*atomic.Pointer[memHandle]
	if before := all.slots.Load(); before != nil {
		slots = *before
	}
	slots = slices.Clone(slots)
	for range max(len(slots), 16) {
		all.free = append(all.free, uintptr(len(slots)))
		slots = append(slots, &atomic.Pointer[memHandle]{})
	}
	all.slots.Store(&slots)
}
