package memvfs

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

func check[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// TestFile compares a file with a slice of bytes, through random calls.
func TestFile(t *testing.T) {
	t.Parallel()
	tls := libc.NewTLS()
	defer tls.Close()
	random := rand.New(rand.NewPCG(1, 2))
	var f file
	defer f.free(tls)
	var want []byte
	for range 500 {
		offset, n := random.IntN(4*chunkSize), random.IntN(chunkSize*3/2)
		switch random.IntN(4) {
		case 0:
			f.truncate(tls, int64(offset))
			want = want[:min(offset, len(want))]
		case 1:
			from := bytes.Repeat([]byte{byte(1 + random.IntN(255))}, n)
			check(t, "write", f.write(tls, from, int64(offset)), true)
			if n > 0 || offset > len(want) {
				longer := make([]byte, max(len(want), offset+n))
				copy(longer, want)
				copy(longer[offset:], from)
				want = longer
			}
		default:
			to, wanted := bytes.Repeat([]byte{7}, n), make([]byte, n)
			there := copy(wanted, want[min(offset, len(want)):])
			check(t, "read all", f.read(to, int64(offset)), there == n)
			check(t, "bytes", bytes.Equal(to, wanted), true)
		}
		check(t, "size", f.length(), int64(len(want)))
		check(t, "chunks", len(f.chunks), (len(want)+chunkSize-1)/chunkSize)
	}
}

func TestLocks(t *testing.T) {
	t.Parallel()
	const (
		none      = sqlite3.SQLITE_LOCK_NONE
		shared    = sqlite3.SQLITE_LOCK_SHARED
		reserved  = sqlite3.SQLITE_LOCK_RESERVED
		pending   = sqlite3.SQLITE_LOCK_PENDING
		exclusive = sqlite3.SQLITE_LOCK_EXCLUSIVE
	)
	var f file
	a, b, c := &handle{file: &f}, &handle{file: &f}, &handle{file: &f}
	lock := func(what string, h *handle, level int32, ok bool) {
		t.Helper()
		check(t, what, h.lock(level) == sqlite3.SQLITE_OK, ok)
	}
	lock("SHARED", a, shared, true)
	lock("SHARED again", a, shared, true)
	lock("SHARED beside it", b, shared, true)
	check(t, "reserved", f.locks.reserved(), false)
	lock("RESERVED", a, reserved, true)
	check(t, "reserved", f.locks.reserved(), true)
	lock("RESERVED beside it", b, reserved, false)
	lock("EXCLUSIVE beside it", b, exclusive, false)
	check(t, "who was refused has", b.level, int32(shared))
	lock("SHARED beside RESERVED", c, shared, true)
	c.unlock(none)
	lock("EXCLUSIVE beside SHARED", a, exclusive, false)
	check(t, "who waits has", a.level, int32(pending))
	lock("SHARED beside PENDING", c, shared, false)
	b.unlock(none)
	lock("EXCLUSIVE", a, exclusive, true)
	lock("SHARED beside EXCLUSIVE", b, shared, false)
	a.unlock(shared)
	check(t, "reserved", f.locks.reserved(), false)
	lock("SHARED after EXCLUSIVE", b, shared, true)
	a.unlock(none)
	lock("EXCLUSIVE without RESERVED", b, exclusive, true)
	b.unlock(none)
	check(t, "locks", f.locks.shared, 0)
}

func TestShm(t *testing.T) {
	t.Parallel()
	tls := libc.NewTLS()
	defer tls.Close()
	const share, alone, unlock = sqlite3.SQLITE_SHM_LOCK | sqlite3.SQLITE_SHM_SHARED, sqlite3.SQLITE_SHM_LOCK | sqlite3.SQLITE_SHM_EXCLUSIVE, sqlite3.SQLITE_SHM_UNLOCK
	var f file
	a, b := &handle{file: &f}, &handle{file: &f}
	lock := func(what string, h *handle, first, n int, flags int32, ok bool) {
		t.Helper()
		check(t, what, h.lockShm(first, n, flags) == sqlite3.SQLITE_OK, ok)
	}
	p, _ := a.region(tls, 0, 32768, false)
	check(t, "a region that isn't there", p, 0)
	p, _ = a.region(tls, 1, 32768, true)
	check(t, "it is zero", bytes.Count(cmem.View(p, 32768), []byte{0}), 32768)
	again, _ := b.region(tls, 1, 32768, false)
	check(t, "one for both", again, p)

	lock("alone", a, 0, 3, alone, true)
	lock("alone beside it", b, 2, 2, alone, false)
	lock("the rest", b, 3, 2, alone, true)
	lock("shared beside it", b, 1, 1, share, false)
	lock("unlock", a, 0, 3, unlock|sqlite3.SQLITE_SHM_EXCLUSIVE, true)
	lock("shared", a, 1, 1, share, true)
	lock("shared by both", b, 1, 1, share, true)
	lock("alone beside shared", b, 0, 2, alone, false)
	a.unmap(tls)
	lock("unlock", b, 1, 1, unlock|sqlite3.SQLITE_SHM_SHARED, true)
	lock("alone after shared", b, 0, 3, alone, true)
	b.unmap(tls)
	check(t, "slots", f.shm.slots, [8]int{})
	check(t, "regions", len(f.shm.regions), 0)
}
