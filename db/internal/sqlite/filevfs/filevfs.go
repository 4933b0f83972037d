// Package filevfs is the file system for SQLite files: SQLite's default file system, except that
// files are made private (package vfs), that the identity of an open file is known (package
// fileid), that a connection may keep the lock of its last read (readlock.go), that frames of the log
// are written together (logbuffer.go), and that one connection writes a file that is read-only for
// all others (replica.go).
package filevfs

import (
	"strings"
	"sync"

	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"github.com/duolite/duolite/db/internal/sqlite/fileid"
	"github.com/duolite/duolite/db/internal/sqlite/vfs"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// The names by which connections open files. With Plain, read locks aren't kept. Replica is for
// the connection that writes a replica.
const (
	Name    = "duolite-file"
	Plain   = "duolite-file-plain"
	Replica = "duolite-replica"
)

// Register registers the file systems, once. It reports false if SQLite has no memory left.
var Register = sync.OnceValue(func() bool { return vfs.Register(describe, Name, Plain, Replica) })

func describe(_ *libc.TLS, name string, system *sqlite3.Tsqlite3_vfs) {
	unixFiles = strings.HasPrefix(libc.GoString(system.FzName), "unix")
	extraAt = uintptr(system.FszOsFile)
	system.FszOsFile += int32(cmem.Size[extra]())
	switch name {
	case Name:
		system.FxOpen = cmem.AddressOf(open)
	case Plain:
		system.FxOpen = cmem.AddressOf(openPlain)
	case Replica:
		system.FxOpen = cmem.AddressOf(openReplica)
	}
}

// unixFiles is whether an open file is a sqlite3.TunixFile, as it is in the default file system
// on Unix.
var unixFiles bool

// extraAt is the offset of the extra in an open file.
var extraAt uintptr

// An extra follows the default file system's part of an open file.
type extra struct {
	id fileid.ID

	// Of a database:
	reader uintptr // its number in readers plus one, or 0
	log    logBuffer

	// Of a log:
	database uintptr // the open file
}

func extraOf(file uintptr) *extra { return cmem.As[extra](file + extraAt) }

// ID returns the identity of a database or log that SQLite has open through this file system, or
// the zero ID.
func ID(file uintptr) fileid.ID {
	if !unixFiles {
		return fileid.ID{}
	}
	return extraOf(file).id
}

// open is xOpen.
func open(tls *libc.TLS, system, name, file uintptr, flags int32, outFlags uintptr) int32 {
	return openBuffered(tls, system, name, file, flags, outFlags, canKeepReadLocks)
}

// openPlain is xOpen of the file system that keeps no read locks.
func openPlain(tls *libc.TLS, system, name, file uintptr, flags int32, outFlags uintptr) int32 {
	return openBuffered(tls, system, name, file, flags, outFlags, false)
}

func openBuffered(tls *libc.TLS, system, name, file uintptr, flags int32, outFlags uintptr, keeps bool) int32 {
	rc := openDisk(tls, system, name, file, flags, outFlags)
	switch {
	case rc != sqlite3.SQLITE_OK:
	case flags&sqlite3.SQLITE_OPEN_MAIN_DB != 0 && keeps:
		replaceMethods(tls, file, keepReadLocks)
	case flags&sqlite3.SQLITE_OPEN_MAIN_DB != 0:
		replaceMethods(tls, file, followLocks)
	case flags&sqlite3.SQLITE_OPEN_WAL != 0:
		extraOf(file).database = sqlite3.Xsqlite3_database_file_object(tls, name)
		replaceMethods(tls, file, bufferLog)
	}
	return rc
}

// openDisk opens a file through the default file system.
func openDisk(tls *libc.TLS, system, name, file uintptr, flags int32, outFlags uintptr) int32 {
	*extraOf(file) = extra{}
	rc := vfs.DiskOf(system).OpenPrivate(tls, name, file, flags, outFlags)
	if rc == sqlite3.SQLITE_OK && flags&(sqlite3.SQLITE_OPEN_MAIN_DB|sqlite3.SQLITE_OPEN_WAL) != 0 && unixFiles {
		extraOf(file).id = fileid.OfDescriptor(int(descriptorOf(file)))
	}
	return rc
}
