package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"github.com/duolite/duolite/db/internal/sqlite/pagecache"
	"github.com/duolite/duolite/internal/sqltext"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// Tests that change SQLite's configuration, which is possible only before it is in use, run again in
// a process of their own. The variable says how.
const pageCacheTestEnv = "DUOLITE_TEST_PAGE_CACHE"

func init() {
	if os.Getenv(pageCacheTestEnv) != "count memory" {
		return
	}
	tls := libc.NewTLS()
	defer tls.Close()
	p := libc.Xcalloc(tls, 1, 16)
	defer libc.Xfree(tls, p)
	sqlite3.Xsqlite3_config(tls, sqlite3.SQLITE_CONFIG_MEMSTATUS, libc.VaList(p, int32(1)))
}

// again runs a test in another process.
func again(t *testing.T, name, how string) {
	t.Helper()
	cmd := osexec.Command(os.Args[0], "-test.v", "-test.run=^"+name+"$")
	cmd.Env = append(os.Environ(), pageCacheTestEnv+"="+how)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+name) {
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestPageCacheSameAsDefault does the same by chance with SQLite's own page cache: what
// is read, and in the end the file, is the same.
func TestPageCacheSameAsDefault(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		check(t, fmt.Sprintf("digest %d", seed), fmt.Sprintf("%x", work(t, seed, false)), fmt.Sprintf("%x", work(t, seed, true)))
	}
}

// work changes a file by chance, with a cache of few pages, and returns a digest of all
// that it reads, and of the file.
func work(t *testing.T, seed uint64, plain bool) []byte {
	path := filepath.Join(t.TempDir(), "app.db")
	cfg := Config{Path: path, Mode: ReadWriteCreate, Plain: plain}
	c, random, digest := connect(t, New(cfg)), rand.New(rand.NewPCG(seed, 1)), sha256.New()
	pragma := func(text string) { exec(t, c, sqltext.Pragma, "PRAGMA "+text) }
	pragma(fmt.Sprintf("page_size = %d", 512<<random.IntN(4)))
	pragma("journal_mode = DELETE") // so that page_size and auto_vacuum take effect
	pragma("auto_vacuum = INCREMENTAL")
	exec(t, c, sqltext.Outside, "VACUUM")
	pragma("journal_mode = WAL")
	pragma("cache_size = 10")
	mustExec(t, c, "CREATE TABLE t (id INTEGER PRIMARY KEY, n, x)", "CREATE INDEX by_n ON t (n)")
	read := func() {
		fmt.Fprintln(digest, query(t, c, "SELECT count(*), sum(id), sum(n), total(length(x)), max(x) FROM t"), query(t, c, "SELECT id, x FROM t ORDER BY n DESC LIMIT 20"))
	}
	write := func() {
		const values = "SELECT ?1 + i, (?1 + i) * 7919 % 1000, printf('%.*c', 20 + (?1 * i) % 900, char(65 + (?1 + i) % 26)) FROM n"
		switch random.IntN(4) {
		case 0, 1:
			exec(t, c, sqltext.Insert, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2) INSERT OR REPLACE INTO t "+values, random.Int64N(3000), random.Int64N(400))
		case 2:
			exec(t, c, sqltext.Change, "UPDATE t SET n = n + 1, x = x || 'y' WHERE id % 17 = ?", random.Int64N(17))
		case 3:
			exec(t, c, sqltext.Change, "DELETE FROM t WHERE id > ? AND id % 5 = 1", random.Int64N(4000))
		}
	}
	for range 40 {
		switch random.IntN(11) {
		case 0:
			exec(t, c, sqltext.Outside, "VACUUM")
		case 1:
			pragma(fmt.Sprintf("incremental_vacuum(%d)", random.IntN(30)))
		case 2:
			pragma(fmt.Sprintf("cache_spill = %d", random.IntN(2)))
		case 3:
			pragma("shrink_memory")
		case 4:
			pragma(fmt.Sprintf("cache_size = %d", random.IntN(40)-8))
		case 5:
			read()
		default:
			must(t, c.Begin(t.Context(), engine.Write))
			for range random.IntN(5) {
				mustExec(t, c, "SAVEPOINT s")
				write()
				if random.IntN(3) == 0 {
					mustExec(t, c, "ROLLBACK TO s")
				}
				mustExec(t, c, "RELEASE s")
				read()
			}
			if random.IntN(4) == 0 {
				must(t, c.Rollback(t.Context()))
			} else {
				must(t, c.Commit(t.Context()))
			}
		}
	}
	checkIntegrity(t, c)
	read()
	exec(t, c, sqltext.Outside, "VACUUM") // what is left in free pages may be anything
	pragma("wal_checkpoint(TRUNCATE)")
	file, err := os.ReadFile(path)
	must(t, err)
	const changes, changesAt = 24, 92 // counters of how often the first page was written
	clear(file[changes : changes+4])
	clear(file[changesAt : changesAt+4])
	digest.Write(file)
	return digest.Sum(nil)
}

// TestPageCacheSize scans a table and looks at how many pages are kept.
func TestPageCacheSize(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, d engine.Database) {
		c := connect(t, d)
		check(t, "in use", pagecache.Install(), true)
		mustExec(t, c, "CREATE TABLE t (i, x)")
		exec(t, c, sqltext.Insert, insertMany, int64(2000))
		for _, size := range []int{500, 50, 10, 300, 1} {
			exec(t, c, sqltext.Pragma, fmt.Sprintf("PRAGMA cache_size = %d", size))
			check(t, "rows", get(t, c, "SELECT count(x) FROM t"), any(int64(2000)))
			check(t, fmt.Sprintf("pages in a cache of %d", size), cacheOf(t, c).Pages, size)
		}
		exec(t, c, sqltext.Pragma, "PRAGMA cache_size = -400") // KiB
		check(t, "rows", get(t, c, "SELECT count(x) FROM t"), any(int64(2000)))
		if pages := cacheOf(t, c).Pages; pages < 80 || pages > 100 {
			t.Errorf("%d pages of 4 KiB in a cache of 400 KiB", pages)
		}
		exec(t, c, sqltext.Pragma, "PRAGMA shrink_memory")
		check(t, "pages after it", cacheOf(t, c), pagecache.Stats{})
	})
}

// eachKind runs a test on a file and in memory.
func eachKind(t *testing.T, run func(*testing.T, engine.Database)) {
	t.Run("file", func(t *testing.T) {
		run(t, New(Config{Path: filepath.Join(t.TempDir(), "app.db"), Mode: ReadWriteCreate}))
	})
	t.Run("memory", func(t *testing.T) { run(t, New(Config{Memory: true})) })
}

// TestPageCacheIsFreed counts SQLite's memory.
func TestPageCacheIsFreed(t *testing.T) {
	if os.Getenv(pageCacheTestEnv) != "count memory" {
		t.Parallel()
		again(t, t.Name(), "count memory")
		return
	}
	tls := libc.NewTLS()
	defer tls.Close()
	used := func() int64 { return sqlite3.Xsqlite3_memory_used(tls) }
	var before int64
	for round := range 3 {
		d := New(Config{Path: filepath.Join(t.TempDir(), "app.db"), Mode: ReadWriteCreate})
		var conns []*conn
		for range 3 {
			c, err := d.Connect(t.Context())
			must(t, err)
			conns = append(conns, c.(*conn))
		}
		mustExec(t, conns[0], "CREATE TABLE t (i, x)")
		empty := used()
		exec(t, conns[0], sqltext.Insert, insertMany, int64(3000))
		exec(t, conns[0], sqltext.Change, "DELETE FROM t WHERE i > 2000")
		for _, c := range conns {
			check(t, "rows", get(t, c, "SELECT count(x) FROM t"), any(int64(2000)))
			check(t, "rows", len(query(t, c, "SELECT DISTINCT x FROM t ORDER BY x")), 2000)
		}
		// Three caches of 2,000 KiB.
		if grown := used() - empty; grown < 5_500_000 || grown > 6_500_000 {
			t.Errorf("%d bytes in three caches", grown)
		}
		for _, c := range conns {
			must(t, c.Close())
		}
		must(t, d.Close())
		if round == 0 {
			before = used() // with what is allocated once
		}
		check(t, "memory after all were closed", used(), before)
	}
}

// TestPageCacheConcurrent has eight readers and a writer, whose transactions are larger
// than their caches. The sum is the same in each snapshot.
func TestPageCacheConcurrent(t *testing.T) {
	t.Parallel()
	eachKind(t, func(t *testing.T, d engine.Database) {
		const rows = 300
		w := connect(t, d)
		exec(t, w, sqltext.Pragma, "PRAGMA cache_size = 10")
		mustExec(t, w, "CREATE TABLE t (i INTEGER PRIMARY KEY, x, n DEFAULT 100)", "CREATE TABLE more (x)", "CREATE INDEX by_n ON t (n)")
		exec(t, w, sqltext.Insert, strings.Replace(insertMany, "INTO t", "INTO t (i, x)", 1), int64(rows))
		var done atomic.Bool
		var readers sync.WaitGroup
		for i := range 8 {
			r := reconnect(t, d)
			exec(t, r, sqltext.Pragma, fmt.Sprintf("PRAGMA cache_size = %d", 10<<i))
			readers.Go(func() {
				for n := 0; n < 100 && !done.Load() && !t.Failed(); n++ {
					var err error
					switch text := "SELECT sum(n) FROM t WHERE length(x) >= 1000"; n % 20 {
					case 19:
						err = tryGet(r, "PRAGMA integrity_check", "ok")
					default:
						err = tryGet(r, text, int64(rows*100))
					}
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		random := rand.New(rand.NewPCG(1, 2))
		for range 20 {
			must(t, w.Begin(t.Context(), engine.Write))
			exec(t, w, sqltext.Change, "UPDATE t SET n = n + 1, x = randomblob(1100) WHERE i <= 200")
			mustExec(t, w, "SAVEPOINT s")
			exec(t, w, sqltext.Insert, "INSERT INTO more SELECT x FROM t")
			exec(t, w, sqltext.Change, "UPDATE t SET n = 0")
			mustExec(t, w, "ROLLBACK TO s", "RELEASE s")
			exec(t, w, sqltext.Change, "UPDATE t SET n = n - 1 WHERE i > 100")
			if random.IntN(3) == 0 {
				must(t, w.Rollback(t.Context()))
			} else {
				must(t, w.Commit(t.Context()))
			}
		}
		done.Store(true)
		readers.Wait()
		exec(t, w, sqltext.Outside, "VACUUM")
		checkIntegrity(t, w)
	})
}

// cacheAt returns the address of a connection's page cache.
func cacheAt(handle uintptr) uintptr {
	db := cmem.As[sqlite3.Tsqlite3](handle)
	tree := cmem.As[sqlite3.TBtree](cmem.As[sqlite3.TDb](db.FaDb).FpBt)
	pager := cmem.As[sqlite3.TPager](cmem.As[sqlite3.TBtShared](tree.FpBt).FpPager)
	return cmem.As[sqlite3.TPCache](pager.FpPCache).FpCache
}

func cacheOf(t *testing.T, c *conn) pagecache.Stats {
	t.Helper()
	stats, ours := pagecache.StatsOf(cacheAt(c.handle))
	if !ours {
		t.Fatal("the connection has SQLite's own page cache")
	}
	return stats
}

func tryGet(c *conn, text string, want any) error {
	s, err := c.Prepare(context.Background(), statement(sqltext.Read, text))
	if err != nil {
		return err
	}
	defer s.Close()
	r, err := s.Query(context.Background(), nil)
	if err != nil {
		return err
	}
	row := make([]driver.Value, 1)
	err = r.Next(row)
	if err = errors.Join(err, r.Close()); err == nil && row[0] != want {
		err = fmt.Errorf("%s: got %v, want %v", text, row[0], want)
	}
	return err
}

// TestPageCacheShared has a cache that several connections share, as those of another
// package in the process may.
func TestPageCacheShared(t *testing.T) {
	t.Parallel()
	pool, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "app.db")+"?cache=shared&_pragma=cache_size(10)&_pragma=read_uncommitted(1)")
	must(t, err)
	defer pool.Close()
	_, err = pool.Exec("CREATE TABLE t (i, x)")
	must(t, err)
	_, err = pool.Exec(insertMany, 300)
	must(t, err)
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for range 20 {
				var n int
				if err := pool.QueryRow("SELECT count(x) FROM t").Scan(&n); err != nil || n != 300 {
					t.Errorf("got %d rows and error %v", n, err)
				}
			}
		})
	}
	readers.Wait()
}
