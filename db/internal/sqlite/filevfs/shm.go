package filevfs

import (
	"sync"

	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// A methods is the methods of an open file: the default file system's, except for shared memory,
// and after them the address of the default ones.
type methods struct {
	sqlite3.Tsqlite3_io_methods
	disk uintptr
}

// replaced maps the address of a file's default methods to the address of its methods here.
var replaced = struct {
	sync.Mutex
	methods map[uintptr]uintptr
}{methods: map[uintptr]uintptr{}}

// keepReadLocks makes an open file call the methods for shared memory below. A file without
// shared memory stays as it is, and so does one for which there is no memory left.
func keepReadLocks(tls *libc.TLS, file uintptr) {
	replaced.Lock()
	defer replaced.Unlock()
	f := cmem.As[sqlite3.Tsqlite3_file](file)
	p, ok := replaced.methods[f.FpMethods]
	if !ok {
		own := methods{*cmem.As[sqlite3.Tsqlite3_io_methods](f.FpMethods), f.FpMethods}
		if own.FiVersion < 2 || own.FxShmMap == 0 {
			return
		}
		if p = sqlite3.Xsqlite3_malloc(tls, int32(cmem.Size[methods]())); p == 0 {
			return
		}
		own.FxShmMap = cmem.AddressOf(shmMap)
		own.FxShmLock = cmem.AddressOf(shmLock)
		own.FxShmUnmap = cmem.AddressOf(shmUnmap)
		*cmem.As[methods](p) = own
		replaced.methods[own.disk] = p
	}
	f.FpMethods = p
}

// A diskShm is the address of an open file whose methods were replaced. Its methods are the
// default file system's.
type diskShm uintptr

func (file diskShm) methods() *sqlite3.Tsqlite3_io_methods {
	own := cmem.As[methods](cmem.Load(uintptr(file)))
	return cmem.As[sqlite3.Tsqlite3_io_methods](own.disk)
}

func (file diskShm) mapRegion(tls *libc.TLS, i, size, extend int32, result uintptr) int32 {
	return cmem.FuncAt[func(*libc.TLS, uintptr, int32, int32, int32, uintptr) int32](file.methods().FxShmMap)(tls, uintptr(file), i, size, extend, result)
}

func (file diskShm) lock(tls *libc.TLS, first, n, flags int32) int32 {
	return cmem.FuncAt[func(*libc.TLS, uintptr, int32, int32, int32) int32](file.methods().FxShmLock)(tls, uintptr(file), first, n, flags)
}

func (file diskShm) unmap(tls *libc.TLS, remove int32) int32 {
	return cmem.FuncAt[func(*libc.TLS, uintptr, int32) int32](file.methods().FxShmUnmap)(tls, uintptr(file), remove)
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
	rc := diskShm(file).mapRegion(tls, i, size, extend, result)
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
			r.log.release(tls, first, n)
		}
	}
	return diskShm(file).lock(tls, first, n, flags)
}

// shmUnmap is xShmUnmap.
func shmUnmap(tls *libc.TLS, file uintptr, remove int32) int32 {
	if r := readerOf(file); r != nil {
		number := extraOf(file).reader - 1
		extraOf(file).reader = 0
		r.leave(tls)
		readers.Remove(number)
	}
	return diskShm(file).unmap(tls, remove)
}
