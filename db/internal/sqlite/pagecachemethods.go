package sqlite

import "modernc.org/libc"

// ownPageCache is whether SQLite has taken our page cache. It is told of it before main,
// since it refuses once a database was opened. A program that then tells it of another
// one has that.
var ownPageCache bool

// What SQLite calls of a page cache. https://sqlite.org/c3ref/pcache_methods2.html

func pageCacheCreate(tls *libc.TLS, pageSize, extraSize, purgeable int32) uintptr {
	return newPageCache(tls, int(pageSize), int(extraSize), purgeable != 0)
}

func pageCacheSetSize(tls *libc.TLS, cache uintptr, pages int32) {
	if c := pageCacheAt(cache); c.purgeable {
		c.resize(tls, uint32(max(pages, 0)))
	}
}

func pageCacheCount(_ *libc.TLS, cache uintptr) int32 { return int32(pageCacheAt(cache).pages) }

// pageCacheFetch is what SQLite calls most.
func pageCacheFetch(tls *libc.TLS, cache uintptr, key uint32, create int32) uintptr {
	c := pageCacheAt(cache)
	if p := c.find(key); p != 0 {
		if page := pageAt(p); page.older != 0 {
			c.pin(page)
		}
		return p
	}
	if create == 0 {
		return 0
	}
	return c.add(tls, key, create == 2)
}

func pageCacheUnpin(tls *libc.TLS, cache, p uintptr, discard int32) {
	c := pageCacheAt(cache)
	if discard != 0 || c.purgeable && c.pages > c.max {
		c.drop(tls, p)
		return
	}
	c.unpin(p)
}

func pageCacheRekey(tls *libc.TLS, cache, p uintptr, _, key uint32) {
	pageCacheAt(cache).rekey(tls, p, key)
}

func pageCacheTruncate(tls *libc.TLS, cache uintptr, from uint32) {
	pageCacheAt(cache).truncate(tls, from)
}

func pageCacheDestroy(tls *libc.TLS, cache uintptr) { pageCacheAt(cache).destroy(tls) }

// pageCacheShrink frees what it can.
func pageCacheShrink(tls *libc.TLS, cache uintptr) {
	if c := pageCacheAt(cache); c.purgeable {
		pages := c.max
		c.resize(tls, 0)
		c.resize(tls, pages)
	}
}
