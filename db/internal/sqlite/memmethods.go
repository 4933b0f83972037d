package sqlite

import (
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// What SQLite calls of an open file. https://sqlite.org/c3ref/io_methods.html

func memClose(tls *libc.TLS, file uintptr) int32 {
	number := memNumber(file)
	h := memHandles.of(number)
	memHandles.drop(number)
	h.close(tls)
	return sqlite3.SQLITE_OK
}

func memRead(_ *libc.TLS, file, to uintptr, n int32, offset int64) int32 {
	if !memHandles.of(memNumber(file)).file.read(view(to, int(n)), offset) {
		return sqlite3.SQLITE_IOERR_SHORT_READ
	}
	return sqlite3.SQLITE_OK
}

func memWrite(tls *libc.TLS, file, from uintptr, n int32, offset int64) int32 {
	if !memHandles.of(memNumber(file)).file.write(tls, view(from, int(n)), offset) {
		return sqlite3.SQLITE_IOERR_NOMEM
	}
	return sqlite3.SQLITE_OK
}

func memTruncate(tls *libc.TLS, file uintptr, size int64) int32 {
	memHandles.of(memNumber(file)).file.truncate(tls, size)
	return sqlite3.SQLITE_OK
}

func memSync(*libc.TLS, uintptr, int32) int32 { return sqlite3.SQLITE_OK }

func memFileSize(_ *libc.TLS, file, size uintptr) int32 {
	storeInt64(size, memHandles.of(memNumber(file)).file.length())
	return sqlite3.SQLITE_OK
}

func memLock(_ *libc.TLS, file uintptr, level int32) int32 {
	return memHandles.of(memNumber(file)).lock(level)
}

func memUnlock(_ *libc.TLS, file uintptr, level int32) int32 {
	memHandles.of(memNumber(file)).unlock(level)
	return sqlite3.SQLITE_OK
}

func memCheckReservedLock(_ *libc.TLS, file, result uintptr) int32 {
	storeInt32(result, libc.BoolInt32(memHandles.of(memNumber(file)).file.locks.reserved()))
	return sqlite3.SQLITE_OK
}

// memFileControl knows nothing of what there is to control, which is all optional.
func memFileControl(*libc.TLS, uintptr, int32, uintptr) int32 { return sqlite3.SQLITE_NOTFOUND }

func memSectorSize(*libc.TLS, uintptr) int32 { return 4096 }

// memCharacteristics says that writes arrive in their order, and nothing but what is
// written changes.
func memCharacteristics(*libc.TLS, uintptr) int32 {
	return sqlite3.SQLITE_IOCAP_SAFE_APPEND | sqlite3.SQLITE_IOCAP_SEQUENTIAL | sqlite3.SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

func memShmMap(tls *libc.TLS, file uintptr, i, size, extend int32, result uintptr) int32 {
	p, rc := memHandles.of(memNumber(file)).region(tls, int(i), int(size), extend != 0)
	store(result, p)
	return rc
}

func memShmLock(_ *libc.TLS, file uintptr, first, n, flags int32) int32 {
	return memHandles.of(memNumber(file)).lockShm(int(first), int(n), flags)
}

func memShmBarrier(_ *libc.TLS, file uintptr) {
	memHandles.of(memNumber(file)).file.shm.barrier()
}

func memShmUnmap(tls *libc.TLS, file uintptr, _ int32) int32 {
	memHandles.of(memNumber(file)).unmap(tls)
	return sqlite3.SQLITE_OK
}
