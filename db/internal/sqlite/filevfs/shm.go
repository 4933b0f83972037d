package filevfs

import (
	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"github.com/duolite/duolite/db/internal/sqlite/vfs"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// diskLock is the default file system's xShmLock, for an open file whose methods were replaced.
func diskLock(tls *libc.TLS, file uintptr, first, n, flags int32) int32 {
	return cmem.FuncAt[vfs.ShmLockFunc](diskMethods(file).FxShmLock)(tls, file, first, n, flags)
}

// followLocks makes an open database call shmLock, which the buffer of its log needs. It reports false for
// a file without shared memory, for which the log collects nothing.
func followLocks(own *methods) bool {
	if own.FiVersion < 2 || own.FxShmMap == 0 {
		return false
	}
	own.FxShmLock = cmem.AddressOf(shmLock)
	return true
}

// keepReadLocks makes an open database call all methods below.
func keepReadLocks(own *methods) bool {
	if !followLocks(own) {
		return false
	}
	own.FxShmMap = cmem.AddressOf(shmMap)
	own.FxShmUnmap = cmem.AddressOf(shmUnmap)
	return true
}

// readerOf returns the reader of an open file, or nil if the file doesn't use its log.
func readerOf(file uintptr) *reader {
	if number := extraOf(file).reader; number != 0 {
		return readers.Of(number - 1)
	}
	return nil
}

// shmMap is xShmMap. A connection that maps the first region of a log's shared memory uses the log.
func shmMap(tls *libc.TLS, file uintptr, i, size, extend int32, result uintptr) int32 {
	rc := cmem.FuncAt[vfs.ShmMapFunc](diskMethods(file).FxShmMap)(tls, file, i, size, extend, result)
	if rc == sqlite3.SQLITE_OK && i == 0 && cmem.Load(result) != 0 && extraOf(file).reader == 0 {
		extraOf(file).reader = readers.Add(joinLog(file, cmem.Load(result))) + 1
	}
	return rc
}

// shmLock is xShmLock.
func shmLock(tls *libc.TLS, file uintptr, first, n, flags int32) int32 {
	if r := readerOf(file); r != nil && first >= firstReadLock {
		switch flags {
		case sqlite3.SQLITE_SHM_UNLOCK | sqlite3.SQLITE_SHM_SHARED:
			if r.keep(first) {
				return sqlite3.SQLITE_OK
			}
		case sqlite3.SQLITE_SHM_LOCK | sqlite3.SQLITE_SHM_SHARED:
			if r.reuse(tls, first) {
				return sqlite3.SQLITE_OK
			}
		case sqlite3.SQLITE_SHM_LOCK | sqlite3.SQLITE_SHM_EXCLUSIVE:
			if n == 1 && r.keepsMark() {
				return sqlite3.SQLITE_BUSY
			}
			r.log.release(tls, first, n, r.checkpointing)
		}
	}
	rc := diskLock(tls, file, first, n, flags)
	if first == writeLock && rc == sqlite3.SQLITE_OK {
		extraOf(file).log.setLocked(flags&sqlite3.SQLITE_SHM_LOCK != 0)
	}
	if first == checkpointLock && n == 1 && rc == sqlite3.SQLITE_OK {
		if r := readerOf(file); r != nil {
			if r.checkpointing = flags&sqlite3.SQLITE_SHM_LOCK != 0; r.checkpointing {
				r.log.checkpoints.Add(1)
			}
		}
	}
	return rc
}

// The locks that a writer and a checkpoint take first, alone. Recovery takes several locks together.
// https://sqlite.org/walformat.html#wal_locks
const (
	writeLock      = 0
	checkpointLock = 1
)

// Checkpoints returns the number of checkpoints that this process has begun since it opened the log of
// an open file. It is 0 if the read locks of the file aren't kept.
func Checkpoints(file uintptr) int64 {
	if r := readerOf(file); r != nil {
		return r.log.checkpoints.Load()
	}
	return 0
}

// shmUnmap is xShmUnmap.
func shmUnmap(tls *libc.TLS, file uintptr, remove int32) int32 {
	if r := readerOf(file); r != nil {
		number := extraOf(file).reader - 1
		extraOf(file).reader = 0
		r.leave(tls)
		readers.Remove(number)
	}
	return cmem.FuncAt[vfs.ShmUnmapFunc](diskMethods(file).FxShmUnmap)(tls, file, remove)
}
