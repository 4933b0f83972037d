package filevfs

import (
	"encoding/binary"

	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"github.com/duolite/duolite/db/internal/sqlite/vfs"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// SQLite writes each frame of the log by two system calls, one for the frame's header and one for its
// page. A logBuffer collects the frames that follow each other, and writes them at once. They reach the
// file before anybody may use them:
//
//   - The frame that ends a transaction is written together with the frames before it, within the call in
//     which SQLite writes that frame, so that SQLite gets the error. Other connections find the frames of a
//     transaction only afterwards.
//   - A connection whose page cache is too small writes frames before the end of its transaction, and reads
//     them back. Such a read writes them first, and so does any use of the log that neither reads nor writes.
//   - A rollback leaves frames in the buffer. They are dropped when the connection gives the write lock back,
//     since the next writer has their place in the file. Without the lock nothing is collected.
//
// Frames that can't be written stay in the buffer, and the next use tries again: SQLite doesn't roll the
// transaction back after each error of a read.
//
// https://sqlite.org/fileformat2.html#walformat
type logBuffer struct {
	data    cmem.Memory
	n       int   // the number of bytes in data
	at      int64 // where they belong in the file
	commits bool  // whether the last frame ends a transaction
	used    bool  // whether the last use of the log was another one than to write
	locked  bool  // whether the connection holds the write lock
}

// bufferOf returns the buffer of an open log. It is in the extra of the log's database, whose locks say when a
// transaction ends.
func bufferOf(file uintptr) *logBuffer { return &extraOf(extraOf(file).database).log }

// setLocked notes that the connection has taken the write lock or given it back.
func (b *logBuffer) setLocked(locked bool) { b.n, b.locked = 0, locked }

// logBufferSize is the number of bytes that a logBuffer collects: 15 frames of pages of 4 KiB.
const logBufferSize = 64 << 10

const (
	frameHeaderSize = 24
	// committedAt is where a frame's header has the size of the database after the transaction, or 0 if the
	// frame isn't the last of its transaction.
	committedAt = 4
)

// bufferLog makes an open log call the methods below. openBuffered has noted the log's database.
func bufferLog(own *methods) bool {
	own.FxWrite = cmem.AddressOf(logWrite)
	own.FxRead = cmem.AddressOf(logRead)
	own.FxTruncate = cmem.AddressOf(logTruncate)
	own.FxSync = cmem.AddressOf(logSync)
	own.FxFileSize = cmem.AddressOf(logFileSize)
	own.FxFileControl = cmem.AddressOf(logFileControl)
	own.FxClose = cmem.AddressOf(logClose)
	return true
}

// logWrite is xWrite.
func logWrite(tls *libc.TLS, file, from uintptr, n int32, offset int64) int32 {
	b := bufferOf(file)
	isHeader, wasUsed := n == frameHeaderSize, b.used
	b.used = false
	if b.n > 0 && (offset != b.at+int64(b.n) || b.n+int(n) > b.data.Size()) {
		if rc := b.flush(tls, file); rc != sqlite3.SQLITE_OK {
			return rc
		}
	}
	// A header that SQLite corrects, without a page after it, follows a read. As many bytes that are the
	// rest of a page follow a sync in the middle of the page.
	if b.n == 0 && (!isHeader || wasUsed || !b.locked || !b.data.Grow(tls, logBufferSize)) {
		return diskWrite(tls, file, from, n, offset)
	}
	if b.n == 0 {
		b.at = offset
	}
	data := cmem.View(from, int(n))
	b.n += copy(cmem.View(b.data.At(b.n), int(n)), data)
	if isHeader {
		b.commits = binary.BigEndian.Uint32(data[committedAt:]) != 0
		return sqlite3.SQLITE_OK
	}
	if b.commits {
		return b.flush(tls, file)
	}
	return sqlite3.SQLITE_OK
}

// flush writes what was collected.
func (b *logBuffer) flush(tls *libc.TLS, file uintptr) int32 {
	if b.n == 0 {
		return sqlite3.SQLITE_OK
	}
	rc := diskWrite(tls, file, b.data.At(0), int32(b.n), b.at)
	if rc == sqlite3.SQLITE_OK {
		b.n = 0
	}
	return rc
}

func diskWrite(tls *libc.TLS, file, from uintptr, n int32, offset int64) int32 {
	return cmem.FuncAt[vfs.TransferFunc](diskMethods(file).FxWrite)(tls, file, from, n, offset)
}

// beforeUse writes what was collected, before a use of the log that neither reads nor writes.
func beforeUse(tls *libc.TLS, file uintptr) int32 {
	b := bufferOf(file)
	b.used = true
	return b.flush(tls, file)
}

// logRead is xRead. Other frames than those in the buffer are read without a write: a rollback reads them
// after a write has failed.
func logRead(tls *libc.TLS, file, to uintptr, n int32, offset int64) int32 {
	b := bufferOf(file)
	b.used = true
	if offset < b.at+int64(b.n) && b.at < offset+int64(n) {
		if rc := b.flush(tls, file); rc != sqlite3.SQLITE_OK {
			return rc
		}
	}
	return cmem.FuncAt[vfs.TransferFunc](diskMethods(file).FxRead)(tls, file, to, n, offset)
}

// logTruncate is xTruncate.
func logTruncate(tls *libc.TLS, file uintptr, size int64) int32 {
	if rc := beforeUse(tls, file); rc != sqlite3.SQLITE_OK {
		return rc
	}
	return cmem.FuncAt[vfs.TruncateFunc](diskMethods(file).FxTruncate)(tls, file, size)
}

// logSync is xSync.
func logSync(tls *libc.TLS, file uintptr, flags int32) int32 {
	if rc := beforeUse(tls, file); rc != sqlite3.SQLITE_OK {
		return rc
	}
	return cmem.FuncAt[vfs.SyncFunc](diskMethods(file).FxSync)(tls, file, flags)
}

// logFileSize is xFileSize.
func logFileSize(tls *libc.TLS, file, size uintptr) int32 {
	if rc := beforeUse(tls, file); rc != sqlite3.SQLITE_OK {
		return rc
	}
	return cmem.FuncAt[vfs.FileSizeFunc](diskMethods(file).FxFileSize)(tls, file, size)
}

// logFileControl is xFileControl.
func logFileControl(tls *libc.TLS, file uintptr, op int32, arg uintptr) int32 {
	if rc := beforeUse(tls, file); rc != sqlite3.SQLITE_OK {
		return rc
	}
	return cmem.FuncAt[vfs.ControlFunc](diskMethods(file).FxFileControl)(tls, file, op, arg)
}

// logClose is xClose. SQLite closes the log before the database.
func logClose(tls *libc.TLS, file uintptr) int32 {
	b := bufferOf(file)
	b.data.Free(tls)
	*b = logBuffer{}
	return cmem.FuncAt[vfs.CloseFunc](diskMethods(file).FxClose)(tls, file)
}
