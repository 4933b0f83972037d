package pagecache

import (
	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// A cache has the pages of one file that one connection has in memory. It needs no lock: SQLite
// calls it for one connection at a time, in shared-cache mode by SQLite's own lock. It is in SQLite's
// memory, with addresses for pointers, so that Go's garbage collector never looks at it.
//
// A page is pinned from a fetch until SQLite unpins it, and keeps its address. Pages that aren't
// pinned are in a list, and when the cache is full, the least recently used page makes way.
type cache struct {
	lru  header  // of the list: older leads to the newest page, newer to the oldest
	self uintptr // the cache's address

	pageSize, extraSize int
	purgeable           bool   // false if the pages are in no file, so that all must stay
	max                 uint32 // the number of pages to keep, apart from pinned ones, without the budget
	borrowed            uint32 // the number of pages to keep besides, from the budget

	pages, unpinned uint32
	maxKey          uint32  // no page has a larger key
	buckets         uint32  // a power of two
	table           uintptr // of buckets, which are chains of pages

	free      uintptr // a chain of pages without content
	freePages uint32
}

// A header follows the bytes of a page. The extra bytes of SQLite follow the header.
type header struct {
	sqlite3.Tsqlite3_pcache_page
	key          uint32 // the page's number
	next         uintptr
	newer, older uintptr // in the list, or 0 if the page is pinned
}

var headerSize = uintptr(cmem.Size[header]())

func cacheAt(p uintptr) *cache { return cmem.As[cache](p) }

func headerAt(p uintptr) *header { return cmem.As[header](p) }

// newCache returns the address of a new cache, or 0 if there is no memory left.
func newCache(tls *libc.TLS, pageSize, extraSize int, purgeable bool) uintptr {
	p := sqlite3.Xsqlite3_malloc64(tls, uint64(cmem.Size[cache]()))
	if p == 0 {
		return 0
	}
	c := cacheAt(p)
	*c = cache{self: p, pageSize: pageSize, extraSize: extraSize, purgeable: purgeable}
	c.lru.newer, c.lru.older = p, p
	if c.growTable(tls); c.table == 0 {
		sqlite3.Xsqlite3_free(tls, p)
		return 0
	}
	return p
}

// destroy frees the cache and its pages.
func (c *cache) destroy(tls *libc.TLS) {
	c.resize(tls, 0)
	c.truncate(tls, 0)
	c.releaseFree(tls)
	sqlite3.Xsqlite3_free(tls, c.table)
	sqlite3.Xsqlite3_free(tls, c.self)
}

// limit returns the number of pages to keep, apart from pinned ones.
func (c *cache) limit() uint32 { return c.max + c.borrowed }

// borrow raises the limit by a page of the budget. It reports false if nothing is left of it.
func (c *cache) borrow(tls *libc.TLS) bool {
	if !c.purgeable || !budgetOf(tls).take(c.size()) {
		return false
	}
	c.borrowed++
	return true
}

// size returns the bytes of a page.
func (c *cache) size() int { return c.pageSize + int(headerSize) + c.extraSize }

// mayPin reports whether another page may be pinned. If not, SQLite should write some.
func (c *cache) mayPin(tls *libc.TLS) bool {
	for pinned := uint64(c.pages - c.unpinned); pinned >= uint64(c.limit())*9/10; {
		if !c.borrow(tls) {
			return false
		}
	}
	return true
}

// add makes a page for a key that has none, and pins it. It returns 0 if there is no memory left, or,
// without force, if too many pages are pinned.
func (c *cache) add(tls *libc.TLS, key uint32, force bool) uintptr {
	if !force && !c.mayPin(tls) {
		return 0
	}
	if c.pages >= c.buckets {
		c.growTable(tls)
	}
	var p uintptr
	if c.pages >= c.limit() && !c.borrow(tls) {
		p = c.takeOldest()
	}
	if p == 0 {
		p = c.newPage(tls)
	}
	if p == 0 {
		p = c.takeOldest()
	}
	if p != 0 {
		clear(cmem.View(headerAt(p).FpExtra, c.extraSize)) // which tells SQLite that the page is new
		c.chain(p, key)
		c.pages++
	}
	return p
}

// newPage returns a page without content, or 0.
func (c *cache) newPage(tls *libc.TLS) uintptr {
	if p := c.free; p != 0 {
		c.free = headerAt(p).next
		c.freePages--
		return p
	}
	start := sqlite3.Xsqlite3_malloc64(tls, uint64(c.size()))
	if start == 0 {
		return 0
	}
	p := start + uintptr(c.pageSize)
	*headerAt(p) = header{Tsqlite3_pcache_page: sqlite3.Tsqlite3_pcache_page{FpBuf: start, FpExtra: p + headerSize}}
	return p
}

// takeOldest takes the least recently used page out of the cache. It returns 0 if all are pinned or
// must stay.
func (c *cache) takeOldest() uintptr {
	p := c.lru.newer
	if p == c.self || !c.purgeable {
		return 0
	}
	c.take(p)
	return p
}

// take takes a page out of the cache.
func (c *cache) take(p uintptr) {
	if page := headerAt(p); page.older != 0 {
		c.pin(page)
	}
	c.unchain(p)
	c.pages--
}

// drop takes a page out of the cache. While the cache isn't full, it keeps the page's memory for
// another page: after a commit of another connection SQLite drops all pages at once.
func (c *cache) drop(tls *libc.TLS, p uintptr) {
	c.take(p)
	page := headerAt(p)
	if c.pages+c.freePages >= c.limit() {
		sqlite3.Xsqlite3_free(tls, page.FpBuf)
		return
	}
	page.next, c.free = c.free, p
	c.freePages++
}

// pin takes a page out of the list.
func (c *cache) pin(page *header) {
	headerAt(page.newer).older = page.older
	headerAt(page.older).newer = page.newer
	page.newer, page.older = 0, 0
	c.unpinned--
}

// unpin puts a page in the list, as the newest.
func (c *cache) unpin(p uintptr) {
	page := headerAt(p)
	page.newer, page.older = c.self, c.lru.older
	headerAt(page.older).newer = p
	c.lru.older = p
	c.unpinned++
}

// resize sets the number of pages to keep, apart from pinned ones, and gives back the pages of the
// budget.
func (c *cache) resize(tls *libc.TLS, pages uint32) {
	budgetOf(tls).giveBack(int(c.borrowed) * c.size())
	c.max, c.borrowed = pages, 0
	for c.pages > c.max {
		p := c.takeOldest()
		if p == 0 {
			break
		}
		sqlite3.Xsqlite3_free(tls, headerAt(p).FpBuf)
	}
	if c.pages+c.freePages > c.max {
		c.releaseFree(tls)
	}
}

// releaseFree frees the memory of pages without content.
func (c *cache) releaseFree(tls *libc.TLS) {
	for c.freePages > 0 {
		sqlite3.Xsqlite3_free(tls, headerAt(c.newPage(tls)).FpBuf)
	}
}

// rekey gives a page another key. A page that has it, which isn't pinned, is dropped.
func (c *cache) rekey(tls *libc.TLS, p uintptr, key uint32) {
	if other := c.find(key); other != 0 && other != p {
		c.drop(tls, other)
	}
	c.unchain(p)
	c.chain(p, key)
}

// truncate drops all pages from a key on, also pinned ones.
func (c *cache) truncate(tls *libc.TLS, from uint32) {
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

func (c *cache) truncateBucket(tls *libc.TLS, i, from uint32) {
	for p := cmem.Load(c.bucket(i)); p != 0; {
		page := headerAt(p)
		next := page.next
		if page.key >= from {
			c.drop(tls, p)
		}
		p = next
	}
}
