package sqlite

import (
	"context"
	"database/sql/driver"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"github.com/duolite/duolite/db/internal/sqlite/filevfs"
	"github.com/duolite/duolite/internal/sqltext"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// sweepEvery is the time between two sweeps of filevfs.
const sweepEvery = 10 * time.Millisecond

// keptLock returns the lock that a connection keeps, or 0.
func keptLock(t testing.TB, c *conn) int32 {
	t.Helper()
	return filevfs.KeptLock(fileOf(t, c))
}

// TestReadKeepsItsLock: from the end of a read to the next one, and not for long. The
// test is tried again when it was too slow for that.
func TestReadKeepsItsLock(t *testing.T) {
	c := connect(t, New(fileConfig(t, 0)))
	mustExec(t, c, "CREATE TABLE t (x)", "INSERT INTO t VALUES (1), (2)")
	s := prepare(t, c, sqltext.Read, "SELECT x FROM t")
	defer s.Close()
	keeps := func() bool {
		rows, err := s.Query(context.Background(), nil)
		must(t, err)
		must(t, rows.Next(make([]driver.Value, 1)))
		check(t, "lock that is kept while rows are read", keptLock(t, c), 0)
		must(t, rows.Close())
		return keptLock(t, c) != 0
	}
	for again := 100; !keeps(); again-- {
		if again == 0 {
			t.Fatal("no lock is kept after a read")
		}
	}
	for keptLock(t, c) != 0 { // until the test takes too long
		time.Sleep(sweepEvery)
	}
}

// TestNoLockIsKeptBesideOthers: a connection of another driver in this process can't ask for one.
func TestNoLockIsKeptBesideOthers(t *testing.T) {
	cfg := fileConfig(t, 0)
	c := connect(t, New(cfg))
	mustExec(t, c, "CREATE TABLE t (x)")
	execOutside(t, outsider(t, cfg.Path), "SELECT count(*) FROM t")
	for again := 100; ; again-- { // until it is noticed, by a sweep
		get(t, c, "SELECT count(*) FROM t")
		if keptLock(t, c) == 0 {
			return
		}
		if again == 0 {
			t.Fatal("a lock is kept")
		}
		time.Sleep(sweepEvery / 4)
	}
}

// TestLockThatIsKeptAfterABubble: a timer that a test in a bubble starts ends with the bubble, and
// is no sweep that others can count on.
func TestLockThatIsKeptAfterABubble(t *testing.T) {
	d := New(fileConfig(t, 0))
	c := connect(t, d)
	mustExec(t, c, "CREATE TABLE t (x)")
	for keptLock(t, c) != 0 {
		time.Sleep(sweepEvery)
	}
	synctest.Test(t, func(t *testing.T) { get(t, c, "SELECT count(*) FROM t") })
	get(t, reconnect(t, d), "SELECT count(*) FROM t")
	get(t, c, "SELECT count(*) FROM t")
	for keptLock(t, c) != 0 { // until the test takes too long
		time.Sleep(sweepEvery)
	}
}

// diskMethods returns the default file system's methods of a file that is open. The file has methods of
// filevfs, which are followed by the address of these. All files of its kind have them.
func diskMethods(file uintptr) *sqlite3.Tsqlite3_io_methods {
	own := cmem.Load(file)
	return cmem.As[sqlite3.Tsqlite3_io_methods](cmem.Load(own + uintptr(cmem.Size[sqlite3.Tsqlite3_io_methods]())))
}

// shmLocks counts the locks that are asked of the default file system, which are system calls.
var shmLocks atomic.Int64

func countShmLock(tls *libc.TLS, file uintptr, first, n, flags int32) int32 {
	shmLocks.Add(1)
	return cmem.FuncAt[func(*libc.TLS, uintptr, int32, int32, int32) int32](uncountedShmLock)(tls, file, first, n, flags)
}

var uncountedShmLock uintptr

// TestReadsTakeNoLock, after the first one, even if there are commits between. It is tried again when
// a sweep came between.
func TestReadsTakeNoLock(t *testing.T) {
	d := New(fileConfig(t, 0))
	first := connect(t, d)
	mustExec(t, first, "CREATE TABLE t (x)", "INSERT INTO t VALUES (1)")
	methods := diskMethods(fileOf(t, first)) // no other test runs beside this one
	must(t, first.Close())
	uncountedShmLock = methods.FxShmLock
	methods.FxShmLock = cmem.AddressOf(countShmLock)
	t.Cleanup(func() { methods.FxShmLock = uncountedShmLock }) // when the next connection is closed

	c, writer := reconnect(t, d), reconnect(t, d)
	for what, between := range map[string]func(){
		"one after the other": func() {},
		"after commits":       func() { mustExec(t, writer, "UPDATE t SET x = x + 1") },
	} {
		free := func() bool {
			get(t, c, "SELECT x FROM t")
			for range 10 {
				between()
				before := shmLocks.Load()
				get(t, c, "SELECT x FROM t")
				if shmLocks.Load() != before {
					return false
				}
			}
			return true
		}
		for again := 100; !free(); again-- {
			if again == 0 {
				t.Fatal("reads take locks, ", what)
			}
		}
	}
}

// TestKeptMarkIsNear runs checkpoints during a read of a connection that has kept its mark for a while.
func TestKeptMarkIsNear(t *testing.T) {
	t.Parallel()
	d := New(fileConfig(t, 0))
	writer := connect(t, d)
	mustExec(t, writer, "CREATE TABLE t (x)", "INSERT INTO t VALUES (0), (0)")
	c := reconnect(t, d)
	s := prepare(t, c, sqltext.Read, "SELECT x FROM t")
	for range 10 {
		for range 200 { // a frame each
			mustExec(t, writer, "UPDATE t SET x = x + 1")
			get(t, c, "SELECT max(x) FROM t")
		}
		rows, err := s.Query(t.Context(), nil)
		must(t, err)
		must(t, rows.Next(make([]driver.Value, 1)))
		state := query(t, writer, "PRAGMA wal_checkpoint")[0]
		must(t, rows.Close())
		if left := state[1].(int64) - state[2].(int64); state[0] != int64(0) || left > 64 {
			t.Errorf("checkpoint %v: %d frames were left in the log, want at most 64", state, left)
		}
	}
}

// TestCheckpointDuringEachRead wants a connection that begins a read right after another one to keep its mark
// from one checkpoint only: a checkpoint that waits would never find it without a read.
func TestCheckpointDuringEachRead(t *testing.T) {
	t.Parallel()
	d := New(fileConfig(t, 0))
	writer := connect(t, d)
	mustExec(t, writer, "CREATE TABLE t (x)", "INSERT INTO t VALUES (0), (0)")
	c := reconnect(t, d)
	s := prepare(t, c, sqltext.Read, "SELECT x FROM t")
	for range 10 {
		get(t, c, "SELECT max(x) FROM t")
		mustExec(t, writer, "UPDATE t SET x = x + 1")
		var state []driver.Value
		for range 2 {
			rows, err := s.Query(t.Context(), nil)
			must(t, err)
			must(t, rows.Next(make([]driver.Value, 1)))
			state = query(t, writer, "PRAGMA wal_checkpoint")[0]
			must(t, rows.Close())
		}
		check(t, "frames that the second checkpoint left", state[1].(int64)-state[2].(int64), int64(0))
	}
}

// TestKeptLockIsInNobodysWay wants what a connection asks SQLite to do at once, without
// a wait for those that have read before.
func TestKeptLockIsInNobodysWay(t *testing.T) {
	t.Parallel()
	d := New(fileConfig(t, 0))
	writer := connect(t, d)
	mustExec(t, writer, "CREATE TABLE t (x)")
	var readers []*conn
	for range 3 {
		readers = append(readers, reconnect(t, d))
	}
	for range 100 {
		for _, c := range readers { // each with a mark of its own
			mustExec(t, writer, "INSERT INTO t VALUES (1)")
			get(t, c, "SELECT count(*) FROM t")
		}
		mustExec(t, writer, "INSERT INTO t VALUES (1)")
		result := query(t, writer, "PRAGMA wal_checkpoint(TRUNCATE)")
		check(t, "busy, pages in the log, pages written", result, [][]driver.Value{{int64(0), int64(0), int64(0)}})
	}
}

// TestKeptLocksAtOnce reads, writes, checkpoints, opens and closes at once.
func TestKeptLocksAtOnce(t *testing.T) {
	t.Parallel()
	d := New(fileConfig(t, 5*time.Second))
	writer := connect(t, d)
	mustExec(t, writer, "CREATE TABLE t (a, b)", "INSERT INTO t VALUES (0, 0)")
	const rounds = 300
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			c, err := d.Connect(context.Background())
			if err != nil {
				t.Error(err)
				return
			}
			for range rounds {
				// A page of the log that another took for itself would show in the sum.
				if got := get(t, c.(*conn), "SELECT a + b FROM t"); got != int64(0) {
					t.Errorf("read a sum of %v, want 0", got)
				}
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	for range rounds {
		mustExec(t, writer, "UPDATE t SET a = a + 1, b = b - 1", "PRAGMA wal_checkpoint(RESTART)")
	}
	all.Wait()
	check(t, "integrity", get(t, writer, "PRAGMA integrity_check"), any("ok"))
}
