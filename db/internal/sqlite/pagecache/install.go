// Package pagecache is a page cache for SQLite. SQLite's own, as it is compiled for Go, has one lock
// for the pages of all connections, which is taken for each page that is looked at, so that readers
// wait for each other. Here each connection has a cache of its own, without a lock.
//
// SQLite has one page cache in a process, which can only be set before the first database is
// opened. [Install] sets this one. It serves the connections that call [Use], and leaves all others,
// of other drivers in the process, to SQLite's own page cache.
package pagecache

import (
	"runtime"
	"strings"
	"sync"

	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// Install makes SQLite call this package's methods, once. It reports false, and changes nothing, if
// something in the process has opened a database already, or has set a page cache of its own.
//
// Another goroutine may initialize SQLite at the same moment, for another driver. SQLite's mutex keeps
// the two apart, but for the part of the initialization that has left the mutex already. Whichever
// methods SQLite sees there, the result is right: each method serves both kinds of caches, and a cache of
// ours is created only after Install. The race detector reports it all the same.
var Install = sync.OnceValue(install)

func install() bool {
	tls := libc.NewTLS()
	defer tls.Close()
	// The list of arguments needs 8 bytes for each, at an address that is a multiple of 8 also
	// where pointers have 4 bytes: so it comes first.
	const list = 8
	args := libc.Xmalloc(tls, list+libc.Tsize_t(cmem.Size[sqlite3.Tsqlite3_pcache_methods2]())) // SQLite's malloc would initialize SQLite
	if args == 0 {
		return false
	}
	defer libc.Xfree(tls, args)
	// SQLite begins to initialize itself under this mutex.
	mutex := sqlite3.Xsqlite3_mutex_alloc(tls, sqlite3.SQLITE_MUTEX_STATIC_MAIN)
	sqlite3.Xsqlite3_mutex_enter(tls, mutex)
	defer sqlite3.Xsqlite3_mutex_leave(tls, mutex)
	config := func(option int32) bool {
		return sqlite3.Xsqlite3_config(tls, option, libc.VaList(args, args+list)) == sqlite3.SQLITE_OK
	}
	methods := cmem.As[sqlite3.Tsqlite3_pcache_methods2](args + list)
	if !config(sqlite3.SQLITE_CONFIG_GETPCACHE2) || !isDefault(methods) {
		return false
	}
	fallback = *methods
	// xInit and xShutdown stay: SQLite's own page cache is in use too, and SQLite counts other
	// memory under a lock that xInit makes.
	methods.FxCreate = cmem.AddressOf(xCreate)
	methods.FxCachesize = cmem.AddressOf(xCachesize)
	methods.FxPagecount = cmem.AddressOf(xPagecount)
	methods.FxFetch = cmem.AddressOf(xFetch)
	methods.FxUnpin = cmem.AddressOf(xUnpin)
	methods.FxRekey = cmem.AddressOf(xRekey)
	methods.FxTruncate = cmem.AddressOf(xTruncate)
	methods.FxDestroy = cmem.AddressOf(xDestroy)
	methods.FxShrink = cmem.AddressOf(xShrink)
	return config(sqlite3.SQLITE_CONFIG_PCACHE2)
}

// isDefault reports whether the methods are SQLite's own: functions of its package.
func isDefault(methods *sqlite3.Tsqlite3_pcache_methods2) bool {
	entry := cmem.Load(methods.FxFetch) // a Go function's value leads to its code
	f := runtime.FuncForPC(entry)
	return f != nil && strings.HasPrefix(f.Name(), "modernc.org/sqlite/lib.")
}

// Stats counts the pages of a cache.
type Stats struct {
	Pages int
	Free  int // pages without content, whose memory is kept
}

// StatsOf returns the Stats of the cache at an address that SQLite knows it by. It reports false for
// a cache of SQLite's own.
func StatsOf(p uintptr) (Stats, bool) {
	c := owned(p)
	if c == nil {
		return Stats{}, false
	}
	return Stats{int(c.pages), int(c.freePages)}, true
}
