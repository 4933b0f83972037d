package sqlite

import (
	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"github.com/duolite/duolite/db/internal/sqlite/vfs"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// A Raw is the file of a connection, without SQLite's transactions, log and cache. It uses the
// connection's own descriptor: closing another one would release the process's locks on the file.
type Raw struct {
	c    *conn
	file uintptr // the sqlite3_file
}

// RawOf returns the file of a connection of this package to a file.
func RawOf(c engine.Conn) Raw {
	own := c.(*conn)
	return Raw{own, own.openFile(sqlite3.SQLITE_FCNTL_FILE_POINTER)}
}

// Log returns the connection's write-ahead log.
func (r Raw) Log() Raw { return Raw{r.c, r.c.openFile(sqlite3.SQLITE_FCNTL_JOURNAL_POINTER)} }

func (r Raw) methods() *sqlite3.Tsqlite3_io_methods {
	return cmem.As[sqlite3.Tsqlite3_io_methods](cmem.Load(r.file))
}

// Write writes data at an offset.
func (r Raw) Write(data []byte, offset int64) error {
	if !r.c.text.Grow(r.c.tls, len(data)+1) {
		return errNoMemory()
	}
	p := cmem.Put(&r.c.text, 0, data)
	return rawError(cmem.FuncAt[vfs.TransferFunc](r.methods().FxWrite)(r.c.tls, r.file, p, int32(len(data)), offset))
}

// Read reads data from an offset. It fails if the file ends before.
func (r Raw) Read(data []byte, offset int64) error {
	if !r.c.text.Grow(r.c.tls, len(data)) {
		return errNoMemory()
	}
	p := r.c.text.At(0)
	err := rawError(cmem.FuncAt[vfs.TransferFunc](r.methods().FxRead)(r.c.tls, r.file, p, int32(len(data)), offset))
	copy(data, cmem.View(p, len(data)))
	return err
}

// Size returns the size in bytes.
func (r Raw) Size() (int64, error) {
	if !r.c.text.Grow(r.c.tls, cmem.Size[int64]()) {
		return 0, errNoMemory()
	}
	p := r.c.text.At(0)
	err := rawError(cmem.FuncAt[vfs.FileSizeFunc](r.methods().FxFileSize)(r.c.tls, r.file, p))
	return *cmem.As[int64](p), err
}

// Truncate makes the file smaller.
func (r Raw) Truncate(size int64) error {
	return rawError(cmem.FuncAt[vfs.TruncateFunc](r.methods().FxTruncate)(r.c.tls, r.file, size))
}

// Sync waits until the disk has the file.
func (r Raw) Sync() error {
	return rawError(cmem.FuncAt[vfs.SyncFunc](r.methods().FxSync)(r.c.tls, r.file, sqlite3.SQLITE_SYNC_NORMAL))
}

// rawError returns the error of a result code.
func rawError(rc int32) error {
	if rc == sqlite3.SQLITE_OK {
		return nil
	}
	return newError(int(rc), libc.GoString(sqlite3.Xsqlite3_errstr(nil, rc)))
}
