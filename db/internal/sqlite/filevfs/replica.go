package filevfs

import (
	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"github.com/duolite/duolite/db/internal/sqlite/vfs"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// A replica is a copy of a primary's database, which nothing but the replication may write. Byte 18
// of its first page, the write version of the file format, is 3. A version above 2 makes a file
// read-only for every SQLite. https://sqlite.org/fileformat2.html, section 1.3.3
//
// The connection that writes the replica opens it through this file system. It reads the version as
// 2, and so may write. It writes each page to the log as it gets it, with version 3. When a
// checkpoint copies the first page from the log to the database, the version becomes 3 again.
const (
	writeVersionAt  = 18
	writableVersion = 2
	// ReadOnlyVersion is the write version of a replica.
	ReadOnlyVersion = 3
	headerSize      = 100
	magic           = "SQLite format 3\x00"
)

// openReplica is xOpen. Without the replaced methods the connection couldn't write, so a failure to
// replace them is found by its first write.
func openReplica(tls *libc.TLS, system, name, file uintptr, flags int32, outFlags uintptr) int32 {
	rc := openDisk(tls, system, name, file, flags, outFlags)
	if rc != sqlite3.SQLITE_OK {
		return rc
	}
	switch {
	case flags&sqlite3.SQLITE_OPEN_MAIN_DB != 0:
		replaceMethods(tls, file, writeReplica)
	case flags&sqlite3.SQLITE_OPEN_WAL != 0:
		replaceMethods(tls, file, readReplica)
	}
	return rc
}

// writeReplica is for the database. Its connection takes part in keeping read locks: it gives none
// of its own back late, but lets others keep theirs.
func writeReplica(own *methods) bool {
	if canKeepReadLocks {
		keepReadLocks(own)
	}
	own.FxWrite = cmem.AddressOf(xWriteReplica)
	return readReplica(own)
}

// readReplica is for the log. Its frames are read page by page, and at a recovery together with
// their headers and checksums, unchanged.
func readReplica(own *methods) bool {
	own.FxRead = cmem.AddressOf(xReadReplica)
	return true
}

// xReadReplica is xRead.
func xReadReplica(tls *libc.TLS, file, to uintptr, n int32, offset int64) int32 {
	rc := cmem.FuncAt[vfs.TransferFunc](diskMethods(file).FxRead)(tls, file, to, n, offset)
	if rc == sqlite3.SQLITE_OK && n >= headerSize {
		if page := cmem.View(to, int(n)); string(page[:len(magic)]) == magic && page[writeVersionAt] == ReadOnlyVersion {
			page[writeVersionAt] = writableVersion
		}
	}
	return rc
}

// xWriteReplica is xWrite. The memory that it writes is the caller's, who may use it afterwards.
func xWriteReplica(tls *libc.TLS, file, from uintptr, n int32, offset int64) int32 {
	write := cmem.FuncAt[vfs.TransferFunc](diskMethods(file).FxWrite)
	if offset != 0 || n < headerSize {
		return write(tls, file, from, n, offset)
	}
	page := cmem.View(from, int(n))
	before := page[writeVersionAt]
	page[writeVersionAt] = ReadOnlyVersion
	rc := write(tls, file, from, n, offset)
	page[writeVersionAt] = before
	return rc
}
