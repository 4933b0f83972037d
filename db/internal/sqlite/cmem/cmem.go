// Package cmem reads and writes SQLite's memory, which is outside of Go's: addresses in it have
// the type uintptr. It also converts between Go functions and the addresses that C code calls.
//
// It has all uses of package unsafe below db/internal/sqlite, except for system calls. Nothing
// here returns or stores the address of Go memory, which may move.
package cmem

import (
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// PointerSize is the size of an address in bytes.
const PointerSize = int(unsafe.Sizeof(uintptr(0)))

// As returns the T at p, an address in SQLite's memory.
func As[T any](p uintptr) *T {
	return *(**T)(unsafe.Pointer(&p))
}

// Size returns the size of a T in bytes.
func Size[T any]() int {
	var t T
	return int(unsafe.Sizeof(t))
}

// View returns the n bytes at p. SQLite owns them, and may change or free them in its next call.
func View(p uintptr, n int) []byte {
	return unsafe.Slice(As[byte](p), n)
}

// Load returns the address that is stored at p.
func Load(p uintptr) uintptr { return *As[uintptr](p) }

// Store stores an address at p.
func Store(p, value uintptr) { *As[uintptr](p) = value }

// WriteString writes s and a zero byte at p, where len(s)+1 bytes must be free.
func WriteString(p uintptr, s string) {
	room := View(p, len(s)+1)
	copy(room, s)
	room[len(s)] = 0
}

// AddressOf returns the address by which C code calls a Go function. F is the function's type.
// f must be a declared function: a closure would be freed by the garbage collector.
func AddressOf[F any](f F) uintptr {
	return *(*uintptr)(unsafe.Pointer(&f))
}

// FuncAt returns the function at an address, whose type is F.
func FuncAt[F any](p uintptr) F {
	return *(*F)(unsafe.Pointer(&p))
}

// A Memory is a buffer in SQLite's memory that passes values to SQLite. The zero Memory is empty.
type Memory struct {
	p    uintptr
	size int
}

// keepSize is the size above which a buffer is freed after its use.
const keepSize = 64 << 10

// Grow makes m at least n bytes long. The content is lost if it has to grow. Grow reports false
// if SQLite has no memory left.
func (m *Memory) Grow(tls *libc.TLS, n int) bool {
	if n <= m.size {
		return true
	}
	m.Free(tls)
	if n <= keepSize { // and a quarter more, for the next use
		n = min(max(n+n/4, 256), keepSize)
	}
	if m.p = sqlite3.Xsqlite3_malloc64(tls, uint64(n)); m.p == 0 {
		return false
	}
	m.size = n
	return true
}

// At returns the address of the byte at offset.
func (m *Memory) At(offset int) uintptr { return m.p + uintptr(offset) }

// Size returns the length in bytes.
func (m *Memory) Size() int { return m.size }

// Large reports whether m is larger than 64 KiB, too large to keep for the next use.
func (m *Memory) Large() bool { return m.size > keepSize }

// Trim frees m if it is too large to keep.
func (m *Memory) Trim(tls *libc.TLS) {
	if m.Large() {
		m.Free(tls)
	}
}

// Free frees m, which is empty afterwards.
func (m *Memory) Free(tls *libc.TLS) {
	sqlite3.Xsqlite3_free(tls, m.p)
	*m = Memory{}
}

// Put writes s and a zero byte into m at offset, and returns their address. It panics if m is too
// small: the caller calls Grow first.
func Put[T string | []byte](m *Memory, offset int, s T) uintptr {
	room := View(m.p, m.size)[offset:]
	copy(room, s)
	room[len(s)] = 0
	return m.At(offset)
}
