package sqlite

import (
	"sync"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// The file system in which files are: the default one, but for a lock that a connection
// keeps for a while (reader).
const fileVFS = "duolite-file"

// registerFileVFS tells SQLite of the file system, once. It is in use until the process
// ends.
var registerFileVFS = sync.OnceValue(func() error { return registerVFS(newFileVFS) })

// registerVFS tells SQLite of a file system.
func registerVFS(describe func(*libc.TLS) uintptr) error {
	tls := libc.NewTLS()
	defer tls.Close()
	vfs := describe(tls)
	if vfs == 0 || sqlite3.Xsqlite3_vfs_register(tls, vfs, 0) != sqlite3.SQLITE_OK {
		return errNoMemory()
	}
	return nil
}

// madeMethods has our methods of open files, by the default file system's that they are
// made of.
var madeMethods = struct {
	sync.Mutex
	of map[uintptr]uintptr
}{of: map[uintptr]uintptr{}}

// fileOpen is xOpen.
func fileOpen(tls *libc.TLS, vfs, name, file uintptr, flags int32, outFlags uintptr) int32 {
	*extraOf(file) = fileExtra{}
	rc := openPrivately(tls, defaultVFS(vfs), name, file, flags, outFlags)
	if rc != sqlite3.SQLITE_OK {
		return rc
	}
	if flags&(sqlite3.SQLITE_OPEN_MAIN_DB|sqlite3.SQLITE_OPEN_WAL) != 0 && unixFiles {
		extraOf(file).identity = identityOf(file)
	}
	if flags&sqlite3.SQLITE_OPEN_MAIN_DB != 0 && keepsReadLocks {
		madeMethods.Lock()
		defer madeMethods.Unlock()
		replaceMethods(tls, file, madeMethods.of)
	}
	return rc
}

// fileShmMap is xShmMap. Whoever has the first region of a log's shared memory uses that log.
func fileShmMap(tls *libc.TLS, file uintptr, i, size, extend int32, result uintptr) int32 {
	rc := diskShm(file).mapRegion(tls, i, size, extend, result)
	if rc == sqlite3.SQLITE_OK && i == 0 && load(result) != 0 && fileNumber(file) == 0 {
		setFileNumber(file, readers.keep(joinLog(file, load(result)))+1)
	}
	return rc
}

// fileShmLock is xShmLock.
func fileShmLock(tls *libc.TLS, file uintptr, first, n, flags int32) int32 {
	if number := fileNumber(file); number != 0 && first >= firstReadLock {
		r := readers.of(number - 1)
		switch flags {
		case sqlite3.SQLITE_SHM_UNLOCK | sqlite3.SQLITE_SHM_SHARED:
			if r.keep(first) {
				return sqlite3.SQLITE_OK
			}
		case sqlite3.SQLITE_SHM_LOCK | sqlite3.SQLITE_SHM_SHARED:
			if r.retake(tls, first) {
				return sqlite3.SQLITE_OK
			}
		case sqlite3.SQLITE_SHM_LOCK | sqlite3.SQLITE_SHM_EXCLUSIVE:
			r.log.release(tls, first, n)
		}
	}
	return diskShm(file).lock(tls, first, n, flags)
}

// fileShmUnmap is xShmUnmap.
func fileShmUnmap(tls *libc.TLS, file uintptr, remove int32) int32 {
	if number := fileNumber(file); number != 0 {
		setFileNumber(file, 0)
		readers.of(number - 1).leave(tls)
		readers.drop(number - 1)
	}
	return diskShm(file).unmap(tls, remove)
}
