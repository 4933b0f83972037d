package pagecache

import "sync/atomic"

// A Budget is memory that the caches of several connections share: a cache takes a page of it when
// the pages that SQLite's cache_size allows are in use. A nil Budget is empty.
type Budget struct {
	left atomic.Int64 // bytes
}

// NewBudget returns a budget of a number of bytes.
func NewBudget(bytes int64) *Budget {
	b := &Budget{}
	b.left.Store(bytes)
	return b
}

// take takes n bytes, or nothing if less is left.
func (b *Budget) take(n int) bool {
	switch {
	case b == nil:
		return false
	case b.left.Add(int64(-n)) < 0:
		b.left.Add(int64(n))
		return false
	default:
		return true
	}
}

func (b *Budget) giveBack(n int) {
	if n > 0 {
		b.left.Add(int64(n))
	}
}

// Left returns the bytes that no cache has taken.
func (b *Budget) Left() int64 { return b.left.Load() }
