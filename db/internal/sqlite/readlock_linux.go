package sqlite

import (
	"syscall"

	sqlite3 "modernc.org/sqlite/lib"
)

// keepsReadLocks says that connections keep the locks of their reads.
const keepsReadLocks = true

// deadManSwitch is the byte of the shared memory's file that each process has a lock on
// as long as it uses the log. https://sqlite.org/walformat.html#wal_locks
const deadManSwitch = 128

// usedByOthers reports whether somebody uses the log of an open file who isn't one of its
// readers: another process, or a connection of this one that isn't the engine's.
func usedByOthers(file uintptr, readers int) bool {
	shm := (*sqlite3.TunixFile)(at(file)).FpShm
	if shm == 0 {
		return true
	}
	node := (*sqlite3.TunixShmNode)(at((*sqlite3.TunixShm)(at(shm)).FpShmNode))
	if int(node.FnRef) != readers {
		return true
	}
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Start: deadManSwitch, Len: 1}
	err := syscall.FcntlFlock(uintptr(node.FhShm), syscall.F_GETLK, &lock)
	return err != nil || lock.Type != syscall.F_UNLCK
}
