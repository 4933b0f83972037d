package memvfs

import (
	"sync"

	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// A file is a file in memory. Its bytes are in SQLite's memory and not in Go's: they are freed at
// once, don't make Go's garbage collector run more often, and a statement that runs out of them
// fails.
type file struct {
	named bool // a file without a name is freed with its last handle
	users int  // the number of handles

	mu     sync.RWMutex
	chunks []uintptr
	size   int64

	locks locks
	shm   shm
}

// chunkSize is the size of the pieces that a file grows by. With the headers of SQLite and its
// allocator it fits into 64 KiB, the allocator's own piece; and a page of 4 KiB is in one chunk.
const chunkSize = 60 << 10

func (f *file) length() int64 {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.size
}

// read fills to with the bytes at an offset, and reports whether there are that many. Bytes behind
// the end are read as zeros.
func (f *file) read(to []byte, offset int64) bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	n := int(min(max(f.size-offset, 0), int64(len(to))))
	for done := 0; done < n; {
		done += copy(to[done:n], f.rest(offset+int64(done)))
	}
	clear(to[n:])
	return n == len(to)
}

// write puts from at an offset, and reports false where there is no memory left.
func (f *file) write(tls *libc.TLS, from []byte, offset int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	end := offset + int64(len(from))
	if !f.reserve(tls, end) {
		return false
	}
	for f.size < offset { // fill the gap
		gap := f.rest(f.size)
		gap = gap[:min(int64(len(gap)), offset-f.size)]
		clear(gap)
		f.size += int64(len(gap))
	}
	for done := 0; done < len(from); {
		done += copy(f.rest(offset+int64(done)), from[done:])
	}
	f.size = max(f.size, end)
	return true
}

// rest returns the bytes from an offset to the end of its chunk.
func (f *file) rest(offset int64) []byte {
	in := int(offset % chunkSize)
	return cmem.View(f.chunks[offset/chunkSize]+uintptr(in), chunkSize-in)
}

// reserve gets the memory for a size.
func (f *file) reserve(tls *libc.TLS, size int64) bool {
	for int64(len(f.chunks))*chunkSize < size {
		p := sqlite3.Xsqlite3_malloc(tls, chunkSize)
		if p == 0 {
			return false
		}
		f.chunks = append(f.chunks, p)
	}
	return true
}

// truncate cuts the file off at a size, if it is longer.
func (f *file) truncate(tls *libc.TLS, size int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.size = min(f.size, size)
	needed := int((f.size + chunkSize - 1) / chunkSize)
	for _, p := range f.chunks[needed:] {
		sqlite3.Xsqlite3_free(tls, p)
	}
	f.chunks = f.chunks[:needed]
	if needed == 0 {
		f.chunks = nil
	}
}

// free ends the file.
func (f *file) free(tls *libc.TLS) {
	f.truncate(tls, 0)
}
