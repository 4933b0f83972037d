package sqlite

import (
	"sync"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// The file system in which databases in memory are. SQLite has one, memdb, that has no
// write-ahead log: readers and a writer would wait for each other, as they don't on a
// file. With this one, a database in memory is like any other.
// https://sqlite.org/vfs.html
const memVFS = "duolite-memory"

// registerMemVFS tells SQLite of the file system, once. It is in use until the process
// ends.
var registerMemVFS = sync.OnceValue(func() error { return registerVFS(newMemVFS) })

// memOpen is xOpen. A file without a name is a temporary one. One with a path that isn't
// in memory was attached to a database that is: it is the default file system's.
func memOpen(tls *libc.TLS, vfs, name, file uintptr, flags int32, outFlags uintptr) int32 {
	store(file, 0) // no methods: there is nothing to close
	var h *memHandle
	switch path := libc.GoString(name); {
	case name == 0:
		h = &memHandle{file: &memFile{}}
	case !inMemory(path):
		return openPrivately(tls, defaultVFS(vfs), name, file, flags, outFlags)
	case flags&sqlite3.SQLITE_OPEN_SUPER_JOURNAL != 0:
		// It makes the commit of several files that are attached one step, also
		// when the process ends in the middle of it: memory is no place for it.
		// (Files that have a write-ahead log need none.)
		return sqlite3.SQLITE_CANTOPEN
	default:
		h = openMemFile(path, flags)
	}
	if h == nil {
		return sqlite3.SQLITE_CANTOPEN
	}
	openedMemFile(file, memHandles.keep(h))
	if outFlags != 0 {
		storeInt32(outFlags, flags)
	}
	return sqlite3.SQLITE_OK
}

// memDelete is xDelete.
func memDelete(tls *libc.TLS, vfs, name uintptr, syncFolder int32) int32 {
	switch path := libc.GoString(name); {
	case !inMemory(path):
		return defaultVFS(vfs).delete(tls, name, syncFolder)
	case !deleteMemFile(tls, path):
		return sqlite3.SQLITE_IOERR_DELETE_NOENT
	}
	return sqlite3.SQLITE_OK
}

// memAccess is xAccess: who may know that a file exists, may also write it.
func memAccess(tls *libc.TLS, vfs, name uintptr, flags int32, result uintptr) int32 {
	path := libc.GoString(name)
	if !inMemory(path) {
		return defaultVFS(vfs).access(tls, name, flags, result)
	}
	storeInt32(result, libc.BoolInt32(memFileExists(path)))
	return sqlite3.SQLITE_OK
}

// memFullPathname is xFullPathname.
func memFullPathname(tls *libc.TLS, vfs, name uintptr, size int32, result uintptr) int32 {
	path := libc.GoString(name)
	if !inMemory(path) {
		return defaultVFS(vfs).fullPathname(tls, name, size, result)
	}
	if len(path) >= int(size) {
		return sqlite3.SQLITE_CANTOPEN
	}
	put(&memory{result, int(size)}, 0, path)
	return sqlite3.SQLITE_OK
}
