// Package vfs is the common part of the file systems that SQLite uses through package
// db/internal/sqlite: registration, the calls of SQLite's default file system, files that only
// their owner can read, and open files by number. Packages filevfs and memvfs build on it.
//
// https://sqlite.org/vfs.html
package vfs

import (
	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// An info is SQLite's description of one of our file systems, and after it the address of the
// default file system.
type info struct {
	sqlite3.Tsqlite3_vfs
	disk Disk
}

// Register adds file systems to the process: for each name the default file system with the
// methods that change replaces. None becomes the default. They stay until the process ends.
// Register reports false if SQLite has no memory left. https://sqlite.org/c3ref/vfs.html
func Register(change func(tls *libc.TLS, name string, system *sqlite3.Tsqlite3_vfs), names ...string) bool {
	tls := libc.NewTLS()
	defer tls.Close()
	disk := sqlite3.Xsqlite3_vfs_find(tls, 0)
	if disk == 0 {
		return false
	}
	for _, name := range names {
		size := cmem.Size[info]()
		p := sqlite3.Xsqlite3_malloc(tls, int32(size+len(name)+1))
		if p == 0 {
			return false
		}
		system := *cmem.As[sqlite3.Tsqlite3_vfs](disk)
		system.FpNext = 0
		change(tls, name, &system)
		system.FzName = p + uintptr(size)
		cmem.WriteString(system.FzName, name)
		*cmem.As[info](p) = info{system, Disk(disk)}
		if sqlite3.Xsqlite3_vfs_register(tls, p, 0) != sqlite3.SQLITE_OK {
			return false
		}
	}
	return true
}

// A Disk is the address of SQLite's default file system.
type Disk uintptr

// DiskOf returns the file system that was the default when vfs was registered.
func DiskOf(vfs uintptr) Disk { return cmem.As[info](vfs).disk }

func (d Disk) methods() *sqlite3.Tsqlite3_vfs { return cmem.As[sqlite3.Tsqlite3_vfs](uintptr(d)) }

// Open calls xOpen.
func (d Disk) Open(tls *libc.TLS, name, file uintptr, flags int32, outFlags uintptr) int32 {
	return cmem.FuncAt[func(*libc.TLS, uintptr, uintptr, uintptr, int32, uintptr) int32](d.methods().FxOpen)(tls, uintptr(d), name, file, flags, outFlags)
}

// Delete calls xDelete.
func (d Disk) Delete(tls *libc.TLS, name uintptr, syncFolder int32) int32 {
	return cmem.FuncAt[func(*libc.TLS, uintptr, uintptr, int32) int32](d.methods().FxDelete)(tls, uintptr(d), name, syncFolder)
}

// Access calls xAccess.
func (d Disk) Access(tls *libc.TLS, name uintptr, flags int32, result uintptr) int32 {
	return cmem.FuncAt[func(*libc.TLS, uintptr, uintptr, int32, uintptr) int32](d.methods().FxAccess)(tls, uintptr(d), name, flags, result)
}

// FullPathname calls xFullPathname.
func (d Disk) FullPathname(tls *libc.TLS, name uintptr, size int32, result uintptr) int32 {
	return cmem.FuncAt[func(*libc.TLS, uintptr, uintptr, int32, uintptr) int32](d.methods().FxFullPathname)(tls, uintptr(d), name, size, result)
}
