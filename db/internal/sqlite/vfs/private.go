package vfs

import (
	"os"
	"runtime"
	"sync"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// PrivateMode is the mode of each file that this process makes for SQLite.
const PrivateMode = 0o600

// Creating is locked while a file is made: closing a file drops all locks that the process has on
// it, also locks that SQLite takes meanwhile. For the same reason a file that exists is never
// opened in Go, only looked at. https://sqlite.org/howtocorrupt.html, section 2.2
var Creating sync.Mutex

// OpenPrivate opens a file on a disk. A file that it makes can be read by its owner only, where
// SQLite would make it readable for all: a database that ATTACH or VACUUM INTO makes, and the
// journal that ties several databases together. SQLite gives a log or a journal the mode of its
// database, and makes temporary files private itself.
func (d Disk) OpenPrivate(tls *libc.TLS, name, file uintptr, flags int32, outFlags uintptr) int32 {
	const ofOwnMode = sqlite3.SQLITE_OPEN_MAIN_DB | sqlite3.SQLITE_OPEN_SUPER_JOURNAL
	if name == 0 || flags&sqlite3.SQLITE_OPEN_CREATE == 0 || flags&ofOwnMode == 0 || runtime.GOOS == "windows" {
		return d.Open(tls, name, file, flags, outFlags)
	}
	path := libc.GoString(name)
	if flags&sqlite3.SQLITE_OPEN_EXCLUSIVE != 0 { // SQLite wants to make it itself
		_, missing := os.Lstat(path)
		rc := d.Open(tls, name, file, flags, outFlags)
		if rc == sqlite3.SQLITE_OK && missing != nil {
			_ = os.Chmod(path, PrivateMode) // it is empty so far
		}
		return rc
	}
	Creating.Lock()
	defer Creating.Unlock()
	if made, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, PrivateMode); err == nil {
		made.Close()
	}
	// If anything else is wrong with the path, SQLite finds it too.
	return d.Open(tls, name, file, flags, outFlags)
}
