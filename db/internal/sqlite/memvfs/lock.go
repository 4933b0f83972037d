package memvfs

import (
	"sync"

	sqlite3 "modernc.org/sqlite/lib"
)

// locks are the locks on a file: many handles may have SHARED, and one of them a higher lock.
// https://sqlite.org/lockingv3.html
type locks struct {
	mu     sync.Mutex
	shared int     // the number of handles with SHARED or a higher lock
	higher *handle // the handle with a higher lock than SHARED, or nil
}

// lock raises the handle's lock to level, or returns SQLITE_BUSY. It never waits.
func (h *handle) lock(level int32) int32 {
	l := &h.file.locks
	l.mu.Lock()
	defer l.mu.Unlock()
	if h.level >= level {
		return sqlite3.SQLITE_OK
	}
	if l.higher != nil && l.higher != h && (level > sqlite3.SQLITE_LOCK_SHARED || l.higher.level >= sqlite3.SQLITE_LOCK_PENDING) {
		return sqlite3.SQLITE_BUSY
	}
	switch {
	case level == sqlite3.SQLITE_LOCK_SHARED:
		l.shared++
	case level == sqlite3.SQLITE_LOCK_EXCLUSIVE && l.shared > 1:
		// No other handle gets SHARED from now on, so that their number falls.
		l.higher, h.level = h, sqlite3.SQLITE_LOCK_PENDING
		return sqlite3.SQLITE_BUSY
	default:
		l.higher = h
	}
	h.level = level
	return sqlite3.SQLITE_OK
}

// unlock lowers the handle's lock to level, which is SHARED or NONE.
func (h *handle) unlock(level int32) {
	l := &h.file.locks
	l.mu.Lock()
	defer l.mu.Unlock()
	if h.level <= level {
		return
	}
	if l.higher == h {
		l.higher = nil
	}
	if level == sqlite3.SQLITE_LOCK_NONE {
		l.shared--
	}
	h.level = level
}

// reserved reports whether some handle means to write.
func (l *locks) reserved() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.higher != nil
}
