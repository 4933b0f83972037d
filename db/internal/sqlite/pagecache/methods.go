package pagecache

import (
	"sync"

	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// The methods that SQLite calls serve two kinds of caches: our own and SQLite's, whose calls they
// pass on. They tell them apart by the address that SQLite passes. The address of a cache of ours
// has tag added and is odd; the address of SQLite's is even, as all that its allocator returns.
// https://sqlite.org/c3ref/pcache_methods2.html

const tag = 1

// owned returns our cache at an address that SQLite passes, or nil if it is a cache of SQLite's.
func owned(p uintptr) *cache {
	if p&tag == 0 {
		return nil
	}
	return cacheAt(p - tag)
}

// users has each connection whose caches are ours, by its *libc.TLS, with its *Budget. SQLite
// passes the TLS of a call on to the methods.
var users sync.Map

// Use makes SQLite create caches of this package in calls with tls, which belongs to one
// connection, until [Leave]. The caches may grow by the budget, which may be nil. Without
// [Install] it has no effect.
func Use(tls *libc.TLS, budget *Budget) { users.Store(tls, budget) }

// Leave ends the effect of [Use]. It is called when the connection is closed.
func Leave(tls *libc.TLS) { users.Delete(tls) }

// budgetOf returns the budget of a connection, or nil.
func budgetOf(tls *libc.TLS) *Budget {
	budget, _ := users.Load(tls)
	b, _ := budget.(*Budget)
	return b
}

// fallback has SQLite's own methods.
var fallback sqlite3.Tsqlite3_pcache_methods2

func xCreate(tls *libc.TLS, pageSize, extraSize, purgeable int32) uintptr {
	if _, ours := users.Load(tls); !ours {
		return cmem.FuncAt[func(*libc.TLS, int32, int32, int32) uintptr](fallback.FxCreate)(tls, pageSize, extraSize, purgeable)
	}
	if p := newCache(tls, int(pageSize), int(extraSize), purgeable != 0); p != 0 {
		return p + tag
	}
	return 0
}

func xCachesize(tls *libc.TLS, p uintptr, pages int32) {
	switch c := owned(p); {
	case c == nil:
		cmem.FuncAt[func(*libc.TLS, uintptr, int32)](fallback.FxCachesize)(tls, p, pages)
	case c.purgeable:
		c.resize(tls, uint32(max(pages, 0)))
	}
}

func xPagecount(tls *libc.TLS, p uintptr) int32 {
	c := owned(p)
	if c == nil {
		return cmem.FuncAt[func(*libc.TLS, uintptr) int32](fallback.FxPagecount)(tls, p)
	}
	return int32(c.pages)
}

// xFetch is the method that SQLite calls most.
func xFetch(tls *libc.TLS, p uintptr, key uint32, create int32) uintptr {
	c := owned(p)
	if c == nil {
		return cmem.FuncAt[func(*libc.TLS, uintptr, uint32, int32) uintptr](fallback.FxFetch)(tls, p, key, create)
	}
	if found := c.find(key); found != 0 {
		if page := headerAt(found); page.older != 0 {
			c.pin(page)
		}
		return found
	}
	if create == 0 {
		return 0
	}
	return c.add(tls, key, create == 2)
}

func xUnpin(tls *libc.TLS, p, page uintptr, discard int32) {
	switch c := owned(p); {
	case c == nil:
		cmem.FuncAt[func(*libc.TLS, uintptr, uintptr, int32)](fallback.FxUnpin)(tls, p, page, discard)
	case discard != 0 || c.purgeable && c.pages > c.limit():
		c.drop(tls, page)
	default:
		c.unpin(page)
	}
}

func xRekey(tls *libc.TLS, p, page uintptr, from, to uint32) {
	c := owned(p)
	if c == nil {
		cmem.FuncAt[func(*libc.TLS, uintptr, uintptr, uint32, uint32)](fallback.FxRekey)(tls, p, page, from, to)
		return
	}
	c.rekey(tls, page, to)
}

func xTruncate(tls *libc.TLS, p uintptr, from uint32) {
	c := owned(p)
	if c == nil {
		cmem.FuncAt[func(*libc.TLS, uintptr, uint32)](fallback.FxTruncate)(tls, p, from)
		return
	}
	c.truncate(tls, from)
}

func xDestroy(tls *libc.TLS, p uintptr) {
	c := owned(p)
	if c == nil {
		cmem.FuncAt[func(*libc.TLS, uintptr)](fallback.FxDestroy)(tls, p)
		return
	}
	c.destroy(tls)
}

// xShrink frees all pages that aren't needed now.
func xShrink(tls *libc.TLS, p uintptr) {
	switch c := owned(p); {
	case c == nil:
		cmem.FuncAt[func(*libc.TLS, uintptr)](fallback.FxShrink)(tls, p)
	case c.purgeable:
		pages := c.max
		c.resize(tls, 0)
		c.resize(tls, pages)
	}
}
