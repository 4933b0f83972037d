package sqlite

import (
	"sync"

	"github.com/duolite/duolite/db/internal/sqlite/filevfs"
	"github.com/duolite/duolite/db/internal/sqlite/memvfs"
	"github.com/duolite/duolite/db/internal/sqlite/pagecache"
	sqlite3 "modernc.org/sqlite/lib"
)

// patchLibrary corrects the library's size of a page of memory on linux/arm64, which it takes to be
// 4 KiB. Package modernc.org/sqlite does so too, and may not be in the program.
// https://gitlab.com/cznic/sqlite/-/issues/199
var patchLibrary = sync.OnceFunc(sqlite3.PatchIssue199)

// enterProcess sets up the process for the connection. Nothing is set up before the first connection.
// It returns the name of the connection's file system, and reports false if there is no memory left.
//
// The page cache comes first: it can't be set after anything else has called SQLite.
func (c *conn) enterProcess() (vfs string, ok bool) {
	patchLibrary()
	if !c.cfg.Plain && pagecache.Install() {
		pagecache.Use(c.tls, c.cache)
	}
	switch {
	case c.cfg.Memory:
		return memvfs.Name, memvfs.Register()
	case c.cfg.Replica:
		return filevfs.Replica, filevfs.Register()
	case c.cfg.Plain:
		return filevfs.Plain, filevfs.Register()
	default:
		return filevfs.Name, filevfs.Register()
	}
}
