package pagecache

import (
	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

const firstBuckets = 64

// find returns the page with a key, or 0.
func (c *cache) find(key uint32) uintptr {
	p := cmem.Load(c.bucket(key))
	for p != 0 && headerAt(p).key != key {
		p = headerAt(p).next
	}
	return p
}

// bucket returns the address at which the chain of a key begins.
func (c *cache) bucket(key uint32) uintptr {
	return c.table + uintptr(key&(c.buckets-1))*uintptr(cmem.PointerSize)
}

// chain puts a page in the chain of a key.
func (c *cache) chain(p uintptr, key uint32) {
	page, first := headerAt(p), c.bucket(key)
	page.key, page.next = key, cmem.Load(first)
	cmem.Store(first, p)
	c.maxKey = max(c.maxKey, key)
}

// unchain takes a page out of the chain of its key.
func (c *cache) unchain(p uintptr) {
	page := headerAt(p)
	first := c.bucket(page.key)
	before := cmem.Load(first)
	if before == p {
		cmem.Store(first, page.next)
		return
	}
	for headerAt(before).next != p {
		before = headerAt(before).next
	}
	headerAt(before).next = page.next
}

// growTable doubles the number of buckets. If there is no memory left, the chains get longer.
func (c *cache) growTable(tls *libc.TLS) {
	old, n := c.table, c.buckets
	buckets := max(2*n, firstBuckets)
	table := sqlite3.Xsqlite3_malloc64(tls, uint64(buckets)*uint64(cmem.PointerSize))
	if table == 0 {
		return
	}
	clear(cmem.View(table, int(buckets)*cmem.PointerSize))
	c.table, c.buckets = table, buckets
	for i := range uintptr(n) {
		for p := cmem.Load(old + i*uintptr(cmem.PointerSize)); p != 0; {
			next := headerAt(p).next
			c.chain(p, headerAt(p).key)
			p = next
		}
	}
	sqlite3.Xsqlite3_free(tls, old)
}
