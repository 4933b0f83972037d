package sqlite

import (
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// All of the package's use of unsafe is in this file: SQLite's memory is outside of
// Go's, and addresses in it are of type uintptr. It never gets the address of Go
// memory, which may move.

// at returns p as a pointer. p is in SQLite's memory.
func at(p uintptr) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(&p))
}

// view returns n bytes at p, which are SQLite's, and gone or changed when
// it is called the next time.
func view(p uintptr, n int) []byte {
	return unsafe.Slice((*byte)(at(p)), n)
}

func load(p uintptr) uintptr {
	return *(*uintptr)(at(p))
}

const pointerSize = int(unsafe.Sizeof(uintptr(0)))

// A memory is a piece of memory outside of Go's, to hand things over in. The zero
// memory is empty.
type memory struct {
	p    uintptr
	size int
}

// keepSize is the size above which memory isn't kept for the next use.
const keepSize = 64 << 10

// grow makes m at least n bytes long; what was in it is lost. It reports false where
// there is no memory left.
func (m *memory) grow(tls *libc.TLS, n int) bool {
	if n <= m.size {
		return true
	}
	m.free(tls)
	if n <= keepSize { // and more, for the next use
		n = min(max(n+n/4, 256), keepSize)
	}
	if m.p = sqlite3.Xsqlite3_malloc64(tls, uint64(n)); m.p == 0 {
		return false
	}
	m.size = n
	return true
}

// trim lets go of a memory that is too large to keep.
func (m *memory) trim(tls *libc.TLS) {
	if m.size > keepSize {
		m.free(tls)
	}
}

func (m *memory) free(tls *libc.TLS) {
	sqlite3.Xsqlite3_free(tls, m.p)
	*m = memory{}
}

// put writes s at offset, and a zero byte behind it. Without a check by grow before
// it there may be no room.
func put[T string | []byte](m *memory, offset int, s T) uintptr {
	room := view(m.p, m.size)[offset:]
	copy(room, s)
	room[len(s)] = 0
	return m.p + uintptr(offset)
}

// What SQLite calls. A C function is the address of a Go function's value.
var (
	busyFunc = *(*uintptr)(unsafe.Pointer(&struct {
		f func(*libc.TLS, uintptr, int32) int32
	}{busyHandler}))
	progressFunc = *(*uintptr)(unsafe.Pointer(&struct {
		f func(*libc.TLS, uintptr) int32
	}{progressHandler}))
)

// busyTimeout returns what PRAGMA busy_timeout shows of a connection, in
// milliseconds, and whether the busy handler is still ours, which the pragma replaces.
func busyTimeout(handle uintptr) (milliseconds int32, ours bool) {
	db := (*sqlite3.Tsqlite3)(at(handle))
	return db.FbusyTimeout, db.FbusyHandler.FxBusyHandler == busyFunc
}

// showBusyTimeout sets what PRAGMA busy_timeout shows: SQLite has no other way to
// tell it of a wait that it doesn't do itself.
func showBusyTimeout(handle uintptr, milliseconds int32) {
	(*sqlite3.Tsqlite3)(at(handle)).FbusyTimeout = milliseconds
}
