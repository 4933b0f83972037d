package sqlite

import (
	"sync"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// A memShm is what the handles of a database share beside the write-ahead log: its
// index, which SQLite reads and writes itself, and the locks on the index's parts.
// https://sqlite.org/walformat.html#the_wal_index_file_format
type memShm struct {
	mu      sync.Mutex
	users   int
	regions []uintptr
	slots   [sqlite3.SQLITE_SHM_NLOCK]int // how many share it, or held alone
}

const alone = -1

// region returns the address of a piece of the index, which it has for as long as
// somebody uses the index. It returns 0 for one that there isn't, unless it is to be
// made, and SQLITE_NOMEM where it can't be.
func (h *memHandle) region(tls *libc.TLS, i, size int, extend bool) (p uintptr, rc int32) {
	s := &h.file.shm
	s.mu.Lock()
	defer s.mu.Unlock()
	if !h.mapped {
		h.mapped = true
		s.users++
	}
	for extend && len(s.regions) <= i {
		p := sqlite3.Xsqlite3_malloc(tls, int32(size))
		if p == 0 {
			return 0, sqlite3.SQLITE_IOERR_NOMEM
		}
		clear(view(p, size))
		s.regions = append(s.regions, p)
	}
	if i < len(s.regions) {
		p = s.regions[i]
	}
	return p, sqlite3.SQLITE_OK
}

// unmap ends the handle's use of the index. The last who does frees it: the next one
// makes it anew from the log.
func (h *memHandle) unmap(tls *libc.TLS) {
	s := &h.file.shm
	s.mu.Lock()
	defer s.mu.Unlock()
	if !h.mapped {
		return
	}
	h.unlockSlots(0, len(s.slots))
	h.mapped = false
	if s.users--; s.users > 0 {
		return
	}
	for _, p := range s.regions {
		sqlite3.Xsqlite3_free(tls, p)
	}
	s.regions = nil
}

// lockShm locks n slots from the one at first, or unlocks them, as flags say. All are
// locked or none. It never waits. https://sqlite.org/walformat.html#wal_locks
func (h *memHandle) lockShm(first, n int, flags int32) int32 {
	s := &h.file.shm
	s.mu.Lock()
	defer s.mu.Unlock()
	if flags&sqlite3.SQLITE_SHM_UNLOCK != 0 {
		h.unlockSlots(first, n)
		return sqlite3.SQLITE_OK
	}
	exclusive := flags&sqlite3.SQLITE_SHM_EXCLUSIVE != 0
	for i := first; i < first+n; i++ {
		if !h.mayLock(i, exclusive) {
			return sqlite3.SQLITE_BUSY
		}
	}
	for i := first; i < first+n; i++ {
		h.lockSlot(i, exclusive)
	}
	return sqlite3.SQLITE_OK
}

func (h *memHandle) mayLock(i int, exclusive bool) bool {
	held := h.file.shm.slots[i]
	if exclusive {
		return held == 0 || h.exclusive&(1<<i) != 0
	}
	return held != alone
}

func (h *memHandle) lockSlot(i int, exclusive bool) {
	slot, bit := &h.file.shm.slots[i], uint8(1)<<i
	switch {
	case exclusive:
		*slot = alone
		h.exclusive |= bit
	case h.shared&bit == 0:
		*slot++
		h.shared |= bit
	}
}

// unlockSlots unlocks those of n slots that the handle has locked.
func (h *memHandle) unlockSlots(first, n int) {
	for i := first; i < first+n; i++ {
		slot, bit := &h.file.shm.slots[i], uint8(1)<<i
		switch {
		case h.exclusive&bit != 0:
			*slot = 0
		case h.shared&bit != 0:
			*slot--
		}
		h.exclusive &^= bit
		h.shared &^= bit
	}
}

// barrier makes what this goroutine wrote to the index before it visible to the others
// before what it writes after it: SQLite takes no lock to look at the index's head, of
// which there are two copies.
func (s *memShm) barrier() {
	s.mu.Lock()
	defer s.mu.Unlock() // nothing to do in between
}
