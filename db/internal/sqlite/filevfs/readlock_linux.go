package filevfs

import (
	"syscall"

	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	sqlite3 "modernc.org/sqlite/lib"
)

// canKeepReadLocks is whether connections may keep the locks of their reads.
const canKeepReadLocks = true

// deadManSwitch is the byte of the shared memory's file that each process locks as long as it
// uses the log. https://sqlite.org/walformat.html#wal_locks
const deadManSwitch = 128

// usedByOthers reports whether the log of an open file is open elsewhere: in another process, or in
// a connection of this process that isn't one of the readers.
func usedByOthers(file uintptr, readers int) bool {
	shm := cmem.As[sqlite3.TunixFile](file).FpShm
	if shm == 0 {
		return true
	}
	node := cmem.As[sqlite3.TunixShmNode](cmem.As[sqlite3.TunixShm](shm).FpShmNode)
	if int(node.FnRef) != readers {
		return true
	}
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Start: deadManSwitch, Len: 1}
	err := syscall.FcntlFlock(uintptr(node.FhShm), syscall.F_GETLK, &lock)
	return err != nil || lock.Type != syscall.F_UNLCK
}
