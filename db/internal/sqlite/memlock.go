package sqlite

import (
	"sync"

	sqlite3 "modernc.org/sqlite/lib"
)

// memLocks are the locks on a file: many handles may have SHARED, and one of them more.
// https://sqlite.org/lockingv3.html
type memLocks struct {
	mu     sync.Mutex
	shared int        // how many have SHARED or more
	above  *memHandle // who has more, or nil
}

// lock raises the handle's lock to level, or returns SQLITE_BUSY. It never waits.
func (h *memHandle) lock(level int32) int32 {
	l := &h.file.locks
	l.mu.Lock()
	defer l.mu.Unlock()
	if h.level >= level {
		return sqlite3.SQLITE_OK
	}
	if l.above != nil && l.above != h && (level > sqlite3.SQLITE_LOCK_SHARED || l.above.level >= sqlite3.SQLITE_LOCK_PENDING) {
		return sqlite3.SQLITE_BUSY
	}
	switch {
	case level == sqlite3.SQLITE_LOCK_SHARED:
		l.shared++
	case level == sqlite3.SQLITE_LOCK_EXCLUSIVE && l.shared > 1:
		// Nobody else gets SHARED from now on, so that those who have it become fewer.
		l.above, h.level = h, sqlite3.SQLITE_LOCK_PENDING
		return sqlite3.SQLITE_BUSY
	default:
		l.above = h
	}
	h.level = level
	return sqlite3.SQLITE_OK
}

// unlock lowers the handle's lock to level, which is SHARED or NONE.
func (h *memHandle) unlock(level int32) {
	l := &h.file.locks
	l.mu.Lock()
	defer l.mu.Unlock()
	if h.level <= level {
		return
	}
	if l.above == h {
		l.above = nil
	}
	if level == sqlite3.SQLITE_LOCK_NONE {
		l.shared--
	}
	h.level = level
}

// reserved reports whether some handle means to write.
func (l *memLocks) reserved() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.above != nil
}
