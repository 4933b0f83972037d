package sqlite

import (
	"os"
	"runtime"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// openPrivately opens a file on a disk. One that it makes can be read by its owner alone, where
// SQLite would make it readable for all: a database that is attached or that VACUUM INTO writes,
// and the journal that ties several of them together. A log or a journal has from SQLite the
// mode of its database, and a temporary file is private.
func openPrivately(tls *libc.TLS, vfs diskVFS, name, file uintptr, flags int32, outFlags uintptr) int32 {
	const ofOwnMode = sqlite3.SQLITE_OPEN_MAIN_DB | sqlite3.SQLITE_OPEN_SUPER_JOURNAL
	if name == 0 || flags&sqlite3.SQLITE_OPEN_CREATE == 0 || flags&ofOwnMode == 0 || runtime.GOOS == "windows" {
		return vfs.open(tls, name, file, flags, outFlags)
	}
	path := libc.GoString(name)
	if flags&sqlite3.SQLITE_OPEN_EXCLUSIVE != 0 { // SQLite wants to make it itself
		_, missing := os.Lstat(path)
		rc := vfs.open(tls, name, file, flags, outFlags)
		if rc == sqlite3.SQLITE_OK && missing != nil {
			_ = os.Chmod(path, privateMode) // it is empty so far
		}
		return rc
	}
	preparing.Lock()
	defer preparing.Unlock()
	if made, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, privateMode); err == nil {
		made.Close()
	}
	// Whatever else is wrong, SQLite finds it too.
	return vfs.open(tls, name, file, flags, outFlags)
}
