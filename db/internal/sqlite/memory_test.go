package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite/memvfs"
	"github.com/duolite/duolite/internal/sqltext"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

func checkIntegrity(t *testing.T, c *conn) {
	t.Helper()
	check(t, "integrity", get(t, c, "PRAGMA integrity_check"), any("ok"))
}

const insertMany = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO t SELECT i, randomblob(1000) FROM n"

// TestMemoryIsFreed opens many databases. It isn't parallel: it looks at the memory of
// the process.
func TestMemoryIsFreed(t *testing.T) {
	const rows, each = 20, 250 // which are 20 KB, and as much in the log
	use := func() {
		d := New(Config{Memory: true})
		for range 2 {
			c, err := d.Connect(context.Background())
			must(t, err)
			mustExec(t, c.(*conn), "CREATE TABLE IF NOT EXISTS t (i, x)")
			exec(t, c.(*conn), sqltext.Insert, insertMany, int64(rows))
			must(t, c.Close())
		}
		must(t, d.Close())
	}
	for range 10 {
		use()
	}
	before := residentPages(t)
	for range 4 {
		for range each {
			use()
		}
		if grown := (residentPages(t) - before) * os.Getpagesize(); grown > 32<<20 {
			t.Fatalf("%d bytes more", grown)
		}
	}
	check(t, "databases and open files", memvfs.Count(), memvfs.Stats{})
}

func residentPages(t *testing.T) (pages int) {
	runtime.GC()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip(err)
	}
	_, err = fmt.Sscan(string(text), new(int), &pages)
	must(t, err)
	return pages
}

// TestMemoryTogether lets goroutines of two pools read and write at the same time: each
// moves money from one account to another, and wants there to be as much as ever.
func TestMemoryTogether(t *testing.T) {
	t.Parallel()
	cfg := Config{Memory: true, Path: "TestMemoryTogether", BusyTimeout: time.Minute}
	first, second := New(cfg), New(cfg)
	c := connect(t, first)
	connect(t, second)
	mustExec(t, c, "CREATE TABLE t (i INTEGER PRIMARY KEY, money, moves DEFAULT 0, pad DEFAULT (randomblob(500)))")
	exec(t, c, sqltext.Insert, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) INSERT INTO t (i, money) SELECT i, 100 FROM n")
	var group sync.WaitGroup
	var mu sync.Mutex
	moves := 0
	end := time.Now().Add(2 * time.Second)
	for i := range 8 {
		own := reconnect(t, []engine.Database{first, second}[i%2])
		exec(t, own, sqltext.Pragma, "PRAGMA cache_size = 5")
		group.Go(func() {
			for n := 0; time.Now().Before(end) && !t.Failed(); n++ {
				var err error
				if i < 5 {
					err = readMoney(own)
				} else if err = moveMoney(own, n); err == nil {
					mu.Lock()
					moves++
					mu.Unlock()
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	check(t, "moves", get(t, c, "SELECT sum(moves) FROM t"), any(int64(moves)))
	must(t, readMoney(c))
	checkIntegrity(t, c)
	t.Logf("%d moves", moves)
}

func moveMoney(c *conn, n int) error {
	ctx := context.Background()
	if err := c.Begin(ctx, engine.Write); err != nil {
		return err
	}
	for _, text := range []string{
		fmt.Sprintf("UPDATE t SET money = money - 1, moves = moves + 1 WHERE i = %d", 1+n%100),
		fmt.Sprintf("UPDATE t SET money = money + 1, pad = randomblob(%d) WHERE i = %d", 200+n%1500, 1+n*7%100),
	} {
		if _, err := tryExec(ctx, c, sqltext.Change, text); err != nil {
			return err
		}
	}
	return c.Commit(ctx)
}

// readMoney reads twice, with other statements in between, what may not change.
func readMoney(c *conn) error {
	ctx := context.Background()
	if err := c.Begin(ctx, engine.Read); err != nil {
		return err
	}
	defer c.Rollback(ctx)
	var before int64
	for i := range 2 {
		var sums [2]int64
		for column, text := range []string{"SELECT sum(money) FROM t", "SELECT sum(moves) + sum(length(pad)) FROM t"} {
			value, err := c.queryInt(text)
			if err != nil {
				return err
			}
			sums[column] = value
		}
		if sums[0] != 10000 || i > 0 && sums[1] != before {
			return fmt.Errorf("got sums %v, want 10000 and %d", sums, before)
		}
		before = sums[1]
	}
	return nil
}

func (c *conn) queryInt(text string) (n int64, err error) {
	if err := c.start(context.Background()); err != nil {
		return 0, err
	}
	defer c.end()
	value, err := c.queryText(text)
	if err != nil {
		return 0, err
	}
	_, err = fmt.Sscan(value, &n)
	return n, err
}

// TestMemoryComesAndGoes opens and closes connections while others do, so that the log
// begins and ends all the time.
func TestMemoryComesAndGoes(t *testing.T) {
	t.Parallel()
	const goroutines, times = 8, 40
	d := New(Config{Memory: true, BusyTimeout: time.Minute})
	c, err := d.Connect(t.Context())
	must(t, err)
	mustExec(t, c.(*conn), "CREATE TABLE t (x)")
	must(t, c.Close())
	var group sync.WaitGroup
	for range goroutines {
		group.Go(func() {
			for range times {
				c, err := d.Connect(context.Background())
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := tryExec(context.Background(), c.(*conn), sqltext.Insert, "INSERT INTO t VALUES (1)"); err != nil {
					t.Error(err)
				}
				if err := c.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	last := connect(t, d)
	check(t, "rows", get(t, last, "SELECT count(*) FROM t"), any(int64(goroutines*times)))
	checkIntegrity(t, last)
}

// TestMemorySpills is about transactions that are larger than SQLite's cache.
func TestMemorySpills(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"WAL", "DELETE", "TRUNCATE", "PERSIST", "MEMORY"} {
		d := New(Config{Memory: true, BusyTimeout: time.Minute})
		c := connect(t, d)
		mustExec(t, c, "CREATE TABLE t (i, x)", "CREATE INDEX ti ON t (x)")
		exec(t, c, sqltext.Pragma, "PRAGMA cache_size = 10")
		check(t, "mode", get(t, c, "PRAGMA journal_mode"), any("wal"))
		exec(t, c, sqltext.Pragma, "PRAGMA journal_mode = "+mode)
		exec(t, c, sqltext.Insert, insertMany, int64(200))

		must(t, c.Begin(t.Context(), engine.Write))
		exec(t, c, sqltext.Insert, insertMany, int64(600))
		exec(t, c, sqltext.Savepoint, "SAVEPOINT s")
		exec(t, c, sqltext.Change, "UPDATE t SET x = randomblob(900)")
		exec(t, c, sqltext.Savepoint, "ROLLBACK TO s")
		exec(t, c, sqltext.Change, "DELETE FROM t WHERE i % 2")
		must(t, c.Rollback(t.Context()))
		check(t, mode+": rows", get(t, c, "SELECT count(*) FROM t"), any(int64(200)))
		checkIntegrity(t, c)

		must(t, c.Begin(t.Context(), engine.Write))
		exec(t, c, sqltext.Insert, insertMany, int64(600))
		must(t, c.Commit(t.Context()))
		other := reconnect(t, d)
		exec(t, c, sqltext.Pragma, "PRAGMA journal_mode = "+mode)
		check(t, mode+": rows", get(t, other, "SELECT count(*) FROM t"), any(int64(800)))
		checkIntegrity(t, other)
		exec(t, other, sqltext.Change, "DELETE FROM t WHERE i > 100")
		check(t, mode+": rows", get(t, c, "SELECT count(*) FROM t"), any(int64(200)))
		checkIntegrity(t, c)
	}
}

// TestMemoryLog is about how large the log grows and how large the database stays.
func TestMemoryLog(t *testing.T) {
	t.Parallel()
	c := connect(t, New(Config{Memory: true}))
	mustExec(t, c, "CREATE TABLE t (i, x)")
	for range 6 { // each a large part of what a checkpoint waits for
		exec(t, c, sqltext.Insert, insertMany, int64(1500))
		exec(t, c, sqltext.Change, "DELETE FROM t")
	}
	if size := memvfs.FileSize(c.file + "-wal"); size > 6<<20 {
		t.Errorf("the log has %d bytes", size)
	}
	exec(t, c, sqltext.Pragma, "PRAGMA wal_checkpoint(TRUNCATE)")
	check(t, "size of the log", memvfs.FileSize(c.file+"-wal"), 0)
	exec(t, c, sqltext.Outside, "VACUUM")
	exec(t, c, sqltext.Pragma, "PRAGMA wal_checkpoint(TRUNCATE)")
	check(t, "size after VACUUM", memvfs.FileSize(c.file), 2*4096)
	checkIntegrity(t, c)

	exec(t, c, sqltext.Pragma, "PRAGMA journal_size_limit = 100000")
	exec(t, c, sqltext.Insert, insertMany, int64(1500))
	exec(t, c, sqltext.Pragma, "PRAGMA wal_checkpoint")
	exec(t, c, sqltext.Insert, insertMany, int64(1)) // begins the log anew
	check(t, "size of the log with a limit", memvfs.FileSize(c.file+"-wal"), 100000)
}

// TestMemoryRecovers is about a log that is left when the last connection closes.
func TestMemoryRecovers(t *testing.T) {
	t.Parallel()
	d := New(Config{Memory: true})
	connect(t, d).Close()
	c := reconnect(t, d)
	mustExec(t, c, "CREATE TABLE t (i, x)")
	check(t, "room", c.text.Grow(c.tls, 100), true)
	args := libc.VaList(c.text.At(0), int32(1), uintptr(0))
	sqlite3.Xsqlite3_db_config(c.tls, c.handle, sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, args)
	exec(t, c, sqltext.Insert, insertMany, int64(500))
	must(t, c.Close())
	if size := memvfs.FileSize(c.file + "-wal"); size < 500_000 {
		t.Errorf("the log has %d bytes", size)
	}
	c = reconnect(t, d)
	check(t, "rows", get(t, c, "SELECT count(*) FROM t"), any(int64(500)))
	checkIntegrity(t, c)
	must(t, c.Close())
	check(t, "size of the log after Close", memvfs.FileSize(c.file+"-wal"), -1)
}

// TestMemoryTemporary is about files without a name.
func TestMemoryTemporary(t *testing.T) {
	t.Parallel()
	c := connect(t, New(Config{Memory: true}))
	for _, text := range []string{"PRAGMA temp_store = FILE", "PRAGMA temp.cache_size = 10", "PRAGMA cache_size = 10"} {
		exec(t, c, sqltext.Pragma, text)
	}
	mustExec(t, c, "CREATE TEMP TABLE t (i, x)")
	must(t, c.Begin(t.Context(), engine.Write))
	exec(t, c, sqltext.Insert, insertMany, int64(500))
	must(t, c.Rollback(t.Context()))
	exec(t, c, sqltext.Insert, insertMany, int64(500))
	if memvfs.Count().Temporary == 0 {
		t.Error("no temporary file is open")
	}
	check(t, "sorted", get(t, c, "SELECT count(*) FROM (SELECT x FROM t ORDER BY x, i LIMIT -1 OFFSET 10)"), any(int64(490)))
	check(t, "integrity", get(t, c, "PRAGMA temp.integrity_check"), any("ok"))
}

// TestMemoryAttach attaches files to a database in memory, and wants them on the disk.
func TestMemoryAttach(t *testing.T) {
	t.Parallel()
	folder := t.TempDir() // it is removed after the connection is closed
	d := New(Config{Memory: true})
	c := connect(t, d)
	mustExec(t, c, "CREATE TABLE t (x)")
	path := func(name string) string { return filepath.Join(folder, name) }
	exec(t, c, sqltext.Other, "ATTACH '"+path("a.db")+"' AS a")
	mustExec(t, c, "CREATE TABLE a.ta (x)")
	must(t, c.Begin(t.Context(), engine.Write))
	exec(t, c, sqltext.Insert, "INSERT INTO t VALUES (1)")
	exec(t, c, sqltext.Insert, "INSERT INTO ta VALUES (2)")
	must(t, c.Commit(t.Context()))
	exec(t, c, sqltext.Outside, "VACUUM INTO '"+path("copy.db")+"'")
	check(t, "rows in the file", get(t, connect(t, New(Config{Path: path("a.db"), Mode: ReadWrite})), "SELECT x FROM ta"), any(int64(2)))
	check(t, "rows in the copy", get(t, connect(t, New(Config{Path: path("copy.db"), Mode: ReadWrite})), "SELECT x FROM t"), any(int64(1)))

	exec(t, c, sqltext.Other, "ATTACH ':memory:' AS m") // its own
	mustExec(t, c, "CREATE TABLE m.tm (x)")
	_, err := tryExec(t.Context(), c, sqltext.Other, "ATTACH ':memory:0' AS n")
	checkKind(t, "one that there isn't", err, engine.ErrCantOpen, 14)
}

// TestMemoryAttachTwo commits what would need a file to be safe if the process ended in
// the middle of it.
func TestMemoryAttachTwo(t *testing.T) {
	t.Parallel()
	folder := t.TempDir() // it is removed after the connection is closed
	c := connect(t, New(Config{Memory: true}))
	for _, name := range []string{"a", "b"} {
		exec(t, c, sqltext.Other, "ATTACH '"+filepath.Join(folder, name)+"' AS "+name)
		mustExec(t, c, "CREATE TABLE "+name+".t"+name+" (x)")
	}
	both := func() error {
		must(t, c.Begin(t.Context(), engine.Write))
		exec(t, c, sqltext.Insert, "INSERT INTO ta VALUES (1)")
		exec(t, c, sqltext.Insert, "INSERT INTO tb VALUES (1)")
		return c.Commit(t.Context())
	}
	var e *engine.Error
	if err := both(); !errors.As(err, &e) || e.Code != sqlite3.SQLITE_CANTOPEN {
		t.Errorf("got error %v, want that a file can't be opened", err)
	}
	must(t, c.Rollback(t.Context()))
	check(t, "rows", get(t, c, "SELECT count(*) FROM ta, tb"), any(int64(0)))
	exec(t, c, sqltext.Pragma, "PRAGMA a.journal_mode = WAL")
	exec(t, c, sqltext.Pragma, "PRAGMA b.journal_mode = WAL")
	must(t, both())
	check(t, "rows", get(t, c, "SELECT count(*) FROM ta, tb"), any(int64(1)))
}
