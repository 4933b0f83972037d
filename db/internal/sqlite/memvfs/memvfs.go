// Package memvfs is the file system for databases in memory. SQLite's own, memdb, has no
// write-ahead log: readers and a writer would wait for each other, which they don't on a file. Here
// a database in memory behaves like one on a disk. Paths that aren't in memory, of databases that
// are attached, go to SQLite's default file system.
package memvfs

import (
	"sync"

	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"github.com/duolite/duolite/db/internal/sqlite/vfs"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// Name is the name by which connections open databases in memory.
const Name = "duolite-memory"

// Register registers the file system, once. It reports false if SQLite has no memory left.
var Register = sync.OnceValue(func() bool {
	tls := libc.NewTLS()
	defer tls.Close()
	methodsAt = sqlite3.Xsqlite3_malloc(tls, int32(cmem.Size[sqlite3.Tsqlite3_io_methods]()))
	if methodsAt == 0 {
		return false
	}
	*cmem.As[sqlite3.Tsqlite3_io_methods](methodsAt) = fileMethods()
	return vfs.Register(describe, Name)
})

func describe(_ *libc.TLS, _ string, system *sqlite3.Tsqlite3_vfs) {
	system.FszOsFile = max(system.FszOsFile, int32(cmem.Size[vfsFile]()))
	system.FxOpen = cmem.AddressOf(xOpen)
	system.FxDelete = cmem.AddressOf(xDelete)
	system.FxAccess = cmem.AddressOf(xAccess)
	system.FxFullPathname = cmem.AddressOf(xFullPathname)
}

// xOpen opens a file. A file without a name is a temporary one.
func xOpen(tls *libc.TLS, system, name, file uintptr, flags int32, outFlags uintptr) int32 {
	cmem.Store(file, 0) // no methods: there is nothing to close
	var h *handle
	switch path := libc.GoString(name); {
	case name == 0:
		h = newTemporary()
	case !inMemory(path):
		return vfs.DiskOf(system).OpenPrivate(tls, name, file, flags, outFlags)
	case flags&sqlite3.SQLITE_OPEN_SUPER_JOURNAL != 0:
		// It makes the commit of several attached files one step, also when the process ends in
		// the middle of the commit, and so can't be in memory. (Files that have a write-ahead log
		// need none.)
		return sqlite3.SQLITE_CANTOPEN
	default:
		h = openFile(path, flags)
	}
	if h == nil {
		return sqlite3.SQLITE_CANTOPEN
	}
	*cmem.As[vfsFile](file) = vfsFile{sqlite3.Tsqlite3_file{FpMethods: methodsAt}, handles.Add(h)}
	if outFlags != 0 {
		*cmem.As[int32](outFlags) = flags
	}
	return sqlite3.SQLITE_OK
}

// xDelete deletes a file.
func xDelete(tls *libc.TLS, system, name uintptr, syncFolder int32) int32 {
	switch path := libc.GoString(name); {
	case !inMemory(path):
		return vfs.DiskOf(system).Delete(tls, name, syncFolder)
	case !deleteFile(tls, path):
		return sqlite3.SQLITE_IOERR_DELETE_NOENT
	}
	return sqlite3.SQLITE_OK
}

// xAccess says whether a file exists, by which SQLite means that it isn't empty. Each file in
// memory can be read and written.
func xAccess(tls *libc.TLS, system, name uintptr, flags int32, result uintptr) int32 {
	path := libc.GoString(name)
	if !inMemory(path) {
		return vfs.DiskOf(system).Access(tls, name, flags, result)
	}
	*cmem.As[int32](result) = libc.BoolInt32(FileSize(path) > 0)
	return sqlite3.SQLITE_OK
}

// xFullPathname returns the absolute path of a file.
func xFullPathname(tls *libc.TLS, system, name uintptr, size int32, result uintptr) int32 {
	path := libc.GoString(name)
	if !inMemory(path) {
		return vfs.DiskOf(system).FullPathname(tls, name, size, result)
	}
	if len(path) >= int(size) {
		return sqlite3.SQLITE_CANTOPEN
	}
	cmem.WriteString(result, path)
	return sqlite3.SQLITE_OK
}
