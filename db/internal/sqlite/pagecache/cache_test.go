package pagecache

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"modernc.org/libc"
)

// A cacheModel is a page cache beside a simple one that has to be the same.
type cacheModel struct {
	*testing.T
	tls   *libc.TLS
	cache uintptr
	rand  *rand.Rand

	purgeable bool
	max       int
	pages     map[uint32]*modelPage
	unpinned  []uint32 // the oldest first
}

type modelPage struct {
	p    uintptr
	fill byte
}

const modelPageSize, modelExtraSize = 512, 136

func check[T comparable](m *cacheModel, what string, got, want T) {
	m.Helper()
	if got != want {
		m.Fatalf("%s: got %v, want %v", what, got, want)
	}
}

// TestModel calls the methods by chance.
func TestModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		m := &cacheModel{T: t, tls: libc.NewTLS(), rand: rand.New(rand.NewPCG(seed, 0)), purgeable: seed%4 != 0, pages: map[uint32]*modelPage{}}
		Use(m.tls, nil)
		m.cache = xCreate(m.tls, modelPageSize, modelExtraSize, libc.BoolInt32(m.purgeable))
		m.resize(m.rand.IntN(60))
		keys := uint32(20) << m.rand.IntN(8)
		for range 3000 {
			m.step(1 + m.rand.Uint32N(keys))
		}
		Leave(m.tls)
		xDestroy(m.tls, m.cache)
		m.tls.Close()
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func (m *cacheModel) step(key uint32) {
	switch n := m.rand.IntN(1000); {
	case n < 500:
		m.fetch(key, int32(m.rand.IntN(3)))
	case n < 900:
		m.unpin(m.pinned(), m.rand.IntN(10) > 0)
	case n < 960:
		m.rekey(m.pinned(), key)
	case n < 980:
		m.truncate(key)
	case n < 985:
		m.resize(m.rand.IntN(100))
	case n < 988:
		xShrink(m.tls, m.cache)
		for m.purgeable && len(m.unpinned) > 0 {
			m.forget(m.unpinned[0])
		}
	default:
		m.compare()
	}
	check(m, "pages", int(xPagecount(m.tls, m.cache)), len(m.pages))
}

// pinned returns the key of a page that is pinned, or 0.
func (m *cacheModel) pinned() uint32 {
	var keys []uint32
	for key := range m.pages {
		if !slices.Contains(m.unpinned, key) {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return 0
	}
	slices.Sort(keys)
	return keys[m.rand.IntN(len(keys))]
}

func (m *cacheModel) forget(key uint32) {
	delete(m.pages, key)
	m.pin(key)
}

func (m *cacheModel) pin(key uint32) {
	m.unpinned = slices.DeleteFunc(m.unpinned, func(k uint32) bool { return k == key })
}

func (m *cacheModel) fetch(key uint32, create int32) {
	p := xFetch(m.tls, m.cache, key, create)
	known := m.pages[key]
	switch {
	case known != nil:
		m.pin(key)
		check(m, "page", p, known.p)
		return
	case create == 0, create == 1 && len(m.pages)-len(m.unpinned) >= m.max*9/10:
		check(m, "no page", p, 0)
		return
	case p == 0:
		m.Fatal("no page was made")
	}
	if m.purgeable && len(m.pages) >= m.max && len(m.unpinned) > 0 {
		m.forget(m.unpinned[0])
	}
	m.pages[key] = &modelPage{p, byte(1 + m.rand.IntN(255))}
	check(m, "SQLite's bytes of a new page", slices.Max(cmem.View(headerAt(p).FpExtra, modelExtraSize)), 0)
	check(m, "alignment", (headerAt(p).FpBuf|headerAt(p).FpExtra)%8, 0)
	for _, b := range m.bytes(key) {
		for i := range b {
			b[i] = m.pages[key].fill
		}
	}
}

// bytes returns what SQLite may write to of a page.
func (m *cacheModel) bytes(key uint32) [2][]byte {
	page := headerAt(m.pages[key].p)
	return [2][]byte{cmem.View(page.FpBuf, modelPageSize), cmem.View(page.FpExtra, modelExtraSize)}
}

func (m *cacheModel) unpin(key uint32, keep bool) {
	if key == 0 {
		return
	}
	xUnpin(m.tls, m.cache, m.pages[key].p, libc.BoolInt32(!keep))
	if !keep || m.purgeable && len(m.pages) > m.max {
		m.forget(key)
		return
	}
	m.unpinned = append(m.unpinned, key)
}

func (m *cacheModel) rekey(from, to uint32) {
	if from == 0 || m.pages[to] != nil && !slices.Contains(m.unpinned, to) {
		return // SQLite doesn't ask for that
	}
	page := m.pages[from]
	xRekey(m.tls, m.cache, page.p, from, to)
	delete(m.pages, from)
	m.pin(to)
	m.pages[to] = page
}

func (m *cacheModel) truncate(from uint32) {
	xTruncate(m.tls, m.cache, from)
	for key := range m.pages {
		if key >= from {
			m.forget(key)
		}
	}
}

func (m *cacheModel) resize(pages int) {
	xCachesize(m.tls, m.cache, int32(pages))
	if !m.purgeable {
		return
	}
	m.max = pages
	for len(m.pages) > m.max && len(m.unpinned) > 0 {
		m.forget(m.unpinned[0])
	}
}

// compare looks at all pages.
func (m *cacheModel) compare() {
	c := owned(m.cache)
	check(m, "pages that aren't pinned", int(c.unpinned), len(m.unpinned))
	if free := int(c.freePages); free > 0 && free+len(m.pages) > m.max {
		m.Errorf("%d pages and %d free ones in a cache of %d", len(m.pages), free, m.max)
	}
	for key, page := range m.pages {
		if c.find(key) != page.p {
			m.Fatalf("page %d isn't where it was", key)
		}
		for _, b := range m.bytes(key) {
			if slices.Min(b) != page.fill || slices.Max(b) != page.fill {
				m.Fatalf("page %d has changed", key)
			}
		}
	}
	p := c.lru.newer
	for _, key := range m.unpinned {
		check(m, "key in the list", headerAt(p).key, key)
		p = headerAt(p).newer
	}
	check(m, "end of the list", p, c.self)
}

// TestBudget fills two caches that share a budget.
func TestBudget(t *testing.T) {
	t.Parallel()
	const pageSize, shared = 512, 100
	tls := libc.NewTLS()
	defer tls.Close()
	size := pageSize + modelExtraSize + int(headerSize)
	budget := NewBudget(int64(shared*size + size/2))
	Use(tls, budget)
	defer Leave(tls)
	a, b := xCreate(tls, pageSize, modelExtraSize, 1), xCreate(tls, pageSize, modelExtraSize, 1)
	fill := func(p uintptr, pages uint32) {
		t.Helper()
		xTruncate(tls, p, 1)
		for key := uint32(1); key <= pages; key++ {
			xUnpin(tls, p, xFetch(tls, p, key, 2), 0)
		}
	}
	want := func(when string, pagesOfA, pagesOfB, left int) {
		t.Helper()
		if gotA, gotB := int(xPagecount(tls, a)), int(xPagecount(tls, b)); gotA != pagesOfA || gotB != pagesOfB {
			t.Errorf("%s: %d and %d pages, want %d and %d", when, gotA, gotB, pagesOfA, pagesOfB)
		}
		if got := int(budget.Left()) / size; got != left {
			t.Errorf("%s: %d pages are left, want %d", when, got, left)
		}
	}
	xCachesize(tls, a, 10)
	xCachesize(tls, b, 10)
	fill(a, 10)
	want("within cache_size", 10, 0, shared)
	fill(a, 70)
	want("beyond it", 70, 0, shared-60)
	fill(b, 1000)
	want("another cache", 70, 50, 0)
	fill(a, 1000)
	want("none left", 70, 50, 0)
	xTruncate(tls, a, 1) // as after another connection's commit
	want("emptied, with the memory kept", 0, 50, 0)
	xShrink(tls, a)
	want("shrunk", 0, 50, 60)
	for key := range uint32(200) { // dirty pages stay pinned until SQLite has written them
		if xFetch(tls, a, key+1, 1) == 0 {
			if key != 63 {
				t.Errorf("page %d is the first that SQLite should make room for, want 63", key)
			}
			break
		}
	}
	xDestroy(tls, a)
	xDestroy(tls, b)
	if got := int(budget.Left()) / size; got != shared {
		t.Errorf("after the end %d pages are left, want all %d", got, shared)
	}
}
