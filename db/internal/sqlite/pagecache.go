package sqlite

import (
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// A pageCache is the pages of a file that a connection has in memory. SQLite's own, as
// it is compiled here, has one lock for those of all connections, which is taken for
// each page that is looked at: readers would wait for each other. This one needs none:
// SQLite calls it for one connection at a time, by the lock of the shared cache where
// there is one. It is in SQLite's memory, with addresses for pointers, so that Go's
// garbage collector never looks at it.
//
// A page is pinned from a fetch until SQLite unpins it, and stays where it is. Those
// that aren't are in a list, and when the cache is full, the oldest makes way.
type pageCache struct {
	ring cachedPage // of the list: its older one is the newest, its newer one the oldest
	self uintptr    // its address

	pageSize, extraSize int
	purgeable           bool   // or else all pages are needed: they aren't in a file
	max                 uint32 // how many pages to keep, but for those that are pinned
	easy                uint32 // how many may be pinned before SQLite is to write some

	pages, unpinned uint32
	maxKey          uint32  // no page has a larger one
	buckets         uint32  // a power of two
	table           uintptr // of buckets, which are chains of pages

	spare  uintptr // a chain of pages that hold nothing
	spares uint32
}

// A cachedPage is behind the bytes of its page, and before those that SQLite wants beside it.
type cachedPage struct {
	sqlite3.Tsqlite3_pcache_page
	key          uint32 // the page's number
	next         uintptr
	newer, older uintptr // in the list, or 0 if it is pinned
}

const firstBuckets = 64

func pageCacheAt(p uintptr) *pageCache { return (*pageCache)(at(p)) }

func pageAt(p uintptr) *cachedPage { return (*cachedPage)(at(p)) }

// newPageCache returns the address of a cache, or 0 if there is no memory left.
func newPageCache(tls *libc.TLS, pageSize, extraSize int, purgeable bool) uintptr {
	p := sqlite3.Xsqlite3_malloc64(tls, uint64(pageCacheSize))
	if p == 0 {
		return 0
	}
	c := pageCacheAt(p)
	*c = pageCache{self: p, pageSize: pageSize, extraSize: extraSize, purgeable: purgeable}
	c.ring.newer, c.ring.older = p, p
	if c.growTable(tls); c.table == 0 {
		sqlite3.Xsqlite3_free(tls, p)
		return 0
	}
	return p
}

// destroy frees all.
func (c *pageCache) destroy(tls *libc.TLS) {
	c.max = 0
	c.truncate(tls, 0)
	c.freeSpares(tls)
	sqlite3.Xsqlite3_free(tls, c.table)
	sqlite3.Xsqlite3_free(tls, c.self)
}

// find returns the page with a key, or 0.
func (c *pageCache) find(key uint32) uintptr {
	p := load(c.bucket(key))
	for p != 0 && pageAt(p).key != key {
		p = pageAt(p).next
	}
	return p
}

// bucket returns where the chain of a key begins.
func (c *pageCache) bucket(key uint32) uintptr {
	return c.table + uintptr(key&(c.buckets-1))*uintptr(pointerSize)
}

// add makes a page for a key that has none, and pins it. It may be 0: without force, if
// too many are pinned, or if there is no memory left.
func (c *pageCache) add(tls *libc.TLS, key uint32, force bool) uintptr {
	if !force && c.pages-c.unpinned >= c.easy {
		return 0
	}
	if c.pages >= c.buckets {
		c.growTable(tls)
	}
	var p uintptr
	if c.pages >= c.max {
		p = c.takeOldest()
	}
	if p == 0 {
		p = c.newPage(tls)
	}
	if p == 0 {
		p = c.takeOldest()
	}
	if p != 0 {
		clear(view(pageAt(p).FpExtra, c.extraSize)) // by which SQLite knows that it is new
		c.chain(p, key)
		c.pages++
	}
	return p
}

// newPage returns one that holds nothing, or 0.
func (c *pageCache) newPage(tls *libc.TLS) uintptr {
	if p := c.spare; p != 0 {
		c.spare = pageAt(p).next
		c.spares--
		return p
	}
	start := sqlite3.Xsqlite3_malloc64(tls, uint64(c.pageSize)+uint64(cachedPageSize)+uint64(c.extraSize))
	if start == 0 {
		return 0
	}
	p := start + uintptr(c.pageSize)
	*pageAt(p) = cachedPage{Tsqlite3_pcache_page: sqlite3.Tsqlite3_pcache_page{FpBuf: start, FpExtra: p + cachedPageSize}}
	return p
}

// takeOldest takes the oldest page that isn't pinned out of the cache, if there is one
// and it may go.
func (c *pageCache) takeOldest() uintptr {
	p := c.ring.newer
	if p == c.self || !c.purgeable {
		return 0
	}
	c.take(p)
	return p
}

// take takes a page out of the cache.
func (c *pageCache) take(p uintptr) {
	if page := pageAt(p); page.older != 0 {
		c.pin(page)
	}
	c.unchain(p)
	c.pages--
}

// drop takes a page out of the cache, and keeps its memory for another one while the
// cache isn't full: after a commit of another connection, all pages go at once.
func (c *pageCache) drop(tls *libc.TLS, p uintptr) {
	c.take(p)
	page := pageAt(p)
	if c.pages+c.spares >= c.max {
		sqlite3.Xsqlite3_free(tls, page.FpBuf)
		return
	}
	page.next, c.spare = c.spare, p
	c.spares++
}

// pin takes a page out of the list.
func (c *pageCache) pin(page *cachedPage) {
	pageAt(page.newer).older = page.older
	pageAt(page.older).newer = page.newer
	page.newer, page.older = 0, 0
	c.unpinned--
}

// unpin puts a page in the list, as the newest.
func (c *pageCache) unpin(p uintptr) {
	page := pageAt(p)
	page.newer, page.older = c.self, c.ring.older
	pageAt(page.older).newer = p
	c.ring.older = p
	c.unpinned++
}

// resize keeps at most so many pages, but for those that are pinned.
func (c *pageCache) resize(tls *libc.TLS, pages uint32) {
	c.max = pages
	c.easy = uint32(uint64(pages) * 9 / 10)
	for c.pages > c.max {
		p := c.takeOldest()
		if p == 0 {
			break
		}
		sqlite3.Xsqlite3_free(tls, pageAt(p).FpBuf)
	}
	if c.pages+c.spares > c.max {
		c.freeSpares(tls)
	}
}

func (c *pageCache) freeSpares(tls *libc.TLS) {
	for c.spares > 0 {
		sqlite3.Xsqlite3_free(tls, pageAt(c.newPage(tls)).FpBuf)
	}
}

// rekey gives a page another key. If there is a page with it, which isn't pinned, it goes.
func (c *pageCache) rekey(tls *libc.TLS, p uintptr, key uint32) {
	if other := c.find(key); other != 0 && other != p {
		c.drop(tls, other)
	}
	c.unchain(p)
	c.chain(p, key)
}

// truncate drops all pages from a key on, whether they are pinned or not.
func (c *pageCache) truncate(tls *libc.TLS, from uint32) {
	switch {
	case from > c.maxKey:
		return
	case c.maxKey-from < c.buckets:
		for n := c.maxKey - from; ; n-- {
			if p := c.find(from + n); p != 0 {
				c.drop(tls, p)
			}
			if n == 0 {
				break
			}
		}
	default:
		for i := range c.buckets {
			c.truncateBucket(tls, i, from)
		}
	}
	c.maxKey = max(from, 1) - 1
}

func (c *pageCache) truncateBucket(tls *libc.TLS, i, from uint32) {
	for p := load(c.bucket(i)); p != 0; {
		page := pageAt(p)
		next := page.next
		if page.key >= from {
			c.drop(tls, p)
		}
		p = next
	}
}

// chain puts a page in the chain of a key.
func (c *pageCache) chain(p uintptr, key uint32) {
	page, first := pageAt(p), c.bucket(key)
	page.key, page.next = key, load(first)
	store(first, p)
	c.maxKey = max(c.maxKey, key)
}

// unchain takes a page out of the chain of its key.
func (c *pageCache) unchain(p uintptr) {
	page := pageAt(p)
	first := c.bucket(page.key)
	before := load(first)
	if before == p {
		store(first, page.next)
		return
	}
	for pageAt(before).next != p {
		before = pageAt(before).next
	}
	pageAt(before).next = page.next
}

// growTable makes twice as many buckets. Without memory for them the chains get longer.
func (c *pageCache) growTable(tls *libc.TLS) {
	old, n := c.table, c.buckets
	buckets := max(2*n, firstBuckets)
	table := sqlite3.Xsqlite3_malloc64(tls, uint64(buckets)*uint64(pointerSize))
	if table == 0 {
		return
	}
	clear(view(table, int(buckets)*pointerSize))
	c.table, c.buckets = table, buckets
	for i := range uintptr(n) {
		for p := load(old + i*uintptr(pointerSize)); p != 0; {
			next := pageAt(p).next
			c.chain(p, pageAt(p).key)
			p = next
		}
	}
	sqlite3.Xsqlite3_free(tls, old)
}
