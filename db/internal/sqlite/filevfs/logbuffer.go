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
//   - Any other use of the log writes them first. The connection itself reads frames of its own
//     transaction back if its page cache was too small for them.
//
// https://sqlite.org/fileformat2.html#walformat
type logBuffer struct {
	data    cmem.Memory
	n       int   // the number of bytes in data
	at      int64 // where they belong in the file
	commits bool  // whether the last frame ends a transaction
	used    bool  // whether the last use of the log was another one than to write
}

// logBufferSize is the number of bytes that a logBuffer collects: 15 frames of pages of 4 KiB.
const logBufferSize = 64 << 10

const (
	frameHeaderSize = 24
	// committedAt is where a frame's header has the size of the database after the transaction, or 0 if the
	// frame isn't the last of its transaction.
	committedAt = 4
)

// bufferLog makes an open log call the methods below.
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
	b := &extraOf(file).log
	isHeader, wasUsed := n == frameHeaderSize, b.used
	b.used = false
	if b.n > 0 && (offset != b.at+int64(b.n) || b.n+int(n) > b.data.Size()) {
		if rc := b.flush(tls, file); rc != sqlite3.SQLITE_OK {
			return rc
		}
	}
	// A header that SQLite corrects, without a page after it, follows a read. As many bytes that are the
	// rest of a page follow a sync in the middle of the page.
	if b.n == 0 && (!isHeader || wasUsed || !b.data.Grow(tls, logBufferSize)) {
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

// flush writes what was collected. After an error SQLite rolls the transaction back.
func (b *logBuffer) flush(tls *libc.TLS, file uintptr) int32 {
	if b.n == 0 {
		return sqlite3.SQLITE_OK
	}
	n := b.n
	b.n = 0
	return diskWrite(tls, file, b.data.At(0), int32(n), b.at)
}

func diskWrite(tls *libc.TLS, file, from uintptr, n int32, offset int64) int32 {
	return cmem.FuncAt[vfs.TransferFunc](diskMethods(file).FxWrite)(tls, file, from, n, offset)
}

// beforeUse writes what was collected, before another use of the log than to write.
func beforeUse(tls *libc.TLS, file uintptr) int32 {
	b := &extraOf(file).log
	b.used = true
	return b.flush(tls, file)
}

// logRead is xRead.
func logRead(tls *libc.TLS, file, to uintptr, n int32, offset int64) int32 {
	if rc := beforeUse(tls, file); rc != sqlite3.SQLITE_OK {
		return rc
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

// logClose is xClose. What is collected then was rolled back.
func logClose(tls *libc.TLS, file uintptr) int32 {
	extraOf(file).log.data.Free(tls)
	return cmem.FuncAt[vfs.CloseFunc](diskMethods(file).FxClose)(tls, file)
}
