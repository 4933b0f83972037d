package memvfs

import (
	"github.com/duolite/duolite/db/internal/sqlite/vfs"
	"modernc.org/libc"
)

// A handle is a file in memory that SQLite has open. Each connection to a database has handles of
// its own; locks are between handles.
type handle struct {
	file     *file
	database *Database // nil for a temporary file

	level int32 // its lock on the file; guarded by file.locks.mu

	// Its part in the shared memory, guarded by file.shm.mu.
	mapped            bool
	shared, exclusive uint8 // a bit for each slot that it has locked
}

var handles vfs.Handles[handle]

// newTemporary returns a handle on a new temporary file.
func newTemporary() *handle { return &handle{file: &file{}} }

// close closes a file. Closing the last handle of a file without a name frees the file.
func (h *handle) close(tls *libc.TLS) {
	h.unmap(tls)
	h.unlock(0)
	if h.database == nil {
		h.file.free(tls)
		return
	}
	databases.Lock()
	defer databases.Unlock()
	if h.file.users--; h.file.users == 0 && !h.file.named {
		h.file.free(tls)
	}
	h.database.leave(tls)
}
