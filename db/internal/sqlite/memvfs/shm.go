package memvfs

import (
	"sync"

	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// A shm is the shared memory of a database's handles: the index of the write-ahead log, which SQLite
// reads and writes itself, and the locks on its parts.
// https://sqlite.org/walformat.html#the_wal_index_file_format
type shm struct {
	mu      sync.Mutex
	users   int
	regions []uintptr
	slots   [sqlite3.SQLITE_SHM_NLOCK]int // the number of handles that share it, or exclusiveSlot
}

const exclusiveSlot = -1

// region returns the address of a piece of the index, which is valid until the handle calls unmap. It
// returns 0 if there is no such piece and extend is false, and SQLITE_IOERR_NOMEM if it can't be made.
func (h *handle) region(tls *libc.TLS, i, size int, extend bool) (p uintptr, rc int32) {
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
		clear(cmem.View(p, size))
		s.regions = append(s.regions, p)
	}
	if i < len(s.regions) {
		p = s.regions[i]
	}
	return p, sqlite3.SQLITE_OK
}

// unmap ends the handle's use of the index. The last handle frees it. The next one makes it anew
// from the log.
func (h *handle) unmap(tls *libc.TLS) {
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

// lockShm locks n slots from the first one on, or unlocks them, as flags say. It locks all or none,
// and never waits. https://sqlite.org/walformat.html#wal_locks
func (h *handle) lockShm(first, n int, flags int32) int32 {
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

func (h *handle) mayLock(i int, exclusive bool) bool {
	held := h.file.shm.slots[i]
	if exclusive {
		return held == 0 || h.exclusive&(1<<i) != 0
	}
	return held != exclusiveSlot
}

func (h *handle) lockSlot(i int, exclusive bool) {
	slot, bit := &h.file.shm.slots[i], uint8(1)<<i
	switch {
	case exclusive:
		*slot = exclusiveSlot
		h.exclusive |= bit
	case h.shared&bit == 0:
		*slot++
		h.shared |= bit
	}
}

// unlockSlots unlocks n slots from the first one on, as far as the handle has locked them.
func (h *handle) unlockSlots(first, n int) {
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

// barrier makes the goroutine's earlier writes to the index visible to others before its later
// writes: SQLite reads the index's header, of which there are two copies, without a lock.
func (s *shm) barrier() {
	s.mu.Lock()
	defer s.mu.Unlock() // the lock itself is the barrier
}
