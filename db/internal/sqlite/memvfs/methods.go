package memvfs

import (
	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// methodsAt is the address of the methods of files in memory.
var methodsAt uintptr

// fileMethods returns the methods of files in memory. Version 2 has shared memory.
// https://sqlite.org/c3ref/io_methods.html
func fileMethods() sqlite3.Tsqlite3_io_methods {
	return sqlite3.Tsqlite3_io_methods{
		FiVersion:               2,
		FxClose:                 cmem.AddressOf(xClose),
		FxRead:                  cmem.AddressOf(xRead),
		FxWrite:                 cmem.AddressOf(xWrite),
		FxTruncate:              cmem.AddressOf(xTruncate),
		FxSync:                  cmem.AddressOf(xSync),
		FxFileSize:              cmem.AddressOf(xFileSize),
		FxLock:                  cmem.AddressOf(xLock),
		FxUnlock:                cmem.AddressOf(xUnlock),
		FxCheckReservedLock:     cmem.AddressOf(xCheckReservedLock),
		FxFileControl:           cmem.AddressOf(xFileControl),
		FxSectorSize:            cmem.AddressOf(xSectorSize),
		FxDeviceCharacteristics: cmem.AddressOf(xDeviceCharacteristics),
		FxShmMap:                cmem.AddressOf(xShmMap),
		FxShmLock:               cmem.AddressOf(xShmLock),
		FxShmBarrier:            cmem.AddressOf(xShmBarrier),
		FxShmUnmap:              cmem.AddressOf(xShmUnmap),
	}
}

// A vfsFile is an open file in SQLite's memory.
type vfsFile struct {
	sqlite3.Tsqlite3_file
	number uintptr // of the handle
}

func handleOf(file uintptr) *handle { return handles.Of(cmem.As[vfsFile](file).number) }

func xClose(tls *libc.TLS, file uintptr) int32 {
	h := handleOf(file)
	handles.Remove(cmem.As[vfsFile](file).number)
	h.close(tls)
	return sqlite3.SQLITE_OK
}

func xRead(_ *libc.TLS, file, to uintptr, n int32, offset int64) int32 {
	if !handleOf(file).file.read(cmem.View(to, int(n)), offset) {
		return sqlite3.SQLITE_IOERR_SHORT_READ
	}
	return sqlite3.SQLITE_OK
}

func xWrite(tls *libc.TLS, file, from uintptr, n int32, offset int64) int32 {
	if !handleOf(file).file.write(tls, cmem.View(from, int(n)), offset) {
		return sqlite3.SQLITE_IOERR_NOMEM
	}
	return sqlite3.SQLITE_OK
}

func xTruncate(tls *libc.TLS, file uintptr, size int64) int32 {
	handleOf(file).file.truncate(tls, size)
	return sqlite3.SQLITE_OK
}

func xSync(*libc.TLS, uintptr, int32) int32 { return sqlite3.SQLITE_OK }

func xFileSize(_ *libc.TLS, file, size uintptr) int32 {
	*cmem.As[int64](size) = handleOf(file).file.length()
	return sqlite3.SQLITE_OK
}

func xLock(_ *libc.TLS, file uintptr, level int32) int32 { return handleOf(file).lock(level) }

func xUnlock(_ *libc.TLS, file uintptr, level int32) int32 {
	handleOf(file).unlock(level)
	return sqlite3.SQLITE_OK
}

func xCheckReservedLock(_ *libc.TLS, file, result uintptr) int32 {
	*cmem.As[int32](result) = libc.BoolInt32(handleOf(file).file.locks.reserved())
	return sqlite3.SQLITE_OK
}

// xFileControl knows no control: all are optional.
func xFileControl(*libc.TLS, uintptr, int32, uintptr) int32 { return sqlite3.SQLITE_NOTFOUND }

func xSectorSize(*libc.TLS, uintptr) int32 { return 4096 }

// xDeviceCharacteristics says that writes arrive in their order, and change nothing but the bytes
// that are written.
func xDeviceCharacteristics(*libc.TLS, uintptr) int32 {
	return sqlite3.SQLITE_IOCAP_SAFE_APPEND | sqlite3.SQLITE_IOCAP_SEQUENTIAL | sqlite3.SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

func xShmMap(tls *libc.TLS, file uintptr, i, size, extend int32, result uintptr) int32 {
	p, rc := handleOf(file).region(tls, int(i), int(size), extend != 0)
	cmem.Store(result, p)
	return rc
}

func xShmLock(_ *libc.TLS, file uintptr, first, n, flags int32) int32 {
	return handleOf(file).lockShm(int(first), int(n), flags)
}

func xShmBarrier(_ *libc.TLS, file uintptr) { handleOf(file).file.shm.barrier() }

func xShmUnmap(tls *libc.TLS, file uintptr, _ int32) int32 {
	handleOf(file).unmap(tls)
	return sqlite3.SQLITE_OK
}
