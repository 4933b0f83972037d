package sqlite

import "modernc.org/libc"

// A memHandle is a file in memory that SQLite has open. A file is open as often as
// there are connections to the database; locks are between its handles.
type memHandle struct {
	file     *memFile
	database *memDatabase // or nil, of a temporary file

	level int32 // its lock on the file; guarded by that of the file's locks

	// Its part in the shared memory, guarded by that memory's lock.
	mapped            bool
	shared, exclusive uint8 // a bit for each slot that it has locked
}

// close lets go of a file. The last who does frees one that has no name.
func (h *memHandle) close(tls *libc.TLS) {
	h.unmap(tls)
	h.unlock(0)
	if h.database == nil {
		h.file.free(tls)
		return
	}
	memDatabases.Lock()
	defer memDatabases.Unlock()
	if h.file.users--; h.file.users == 0 && !h.file.named {
		h.file.free(tls)
	}
	h.database.leave(tls)
}

var memHandles handles[memHandle]
