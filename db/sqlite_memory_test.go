package db_test

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
)

// TestMemoryIsOneDatabase wants all connections of a pool to be to the same database,
// which plain SQLite doesn't give: there each has its own.
func TestMemoryIsOneDatabase(t *testing.T) {
	t.Parallel()
	for _, url := range []string{":memory:", "file::memory:", "file:TestMemoryIsOneDatabase?mode=memory"} {
		pool := open(t, url)
		execute(t, pool, "CREATE TABLE t (x)", "INSERT INTO t VALUES (7)")
		for range 4 {
			conn, err := pool.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close() // all are held until the end, so each is another
			check(t, url, get[int](t, conn, "SELECT x FROM t"), 7)
		}
	}
}

// TestMemorySurvives is about the times at which a pool has no connection.
func TestMemorySurvives(t *testing.T) {
	t.Parallel()
	pool := open(t, ":memory:")
	pool.SetMaxIdleConns(0)
	pool.SetConnMaxLifetime(time.Nanosecond)
	execute(t, pool, "CREATE TABLE t (x)", "INSERT INTO t VALUES (7)")
	check(t, "open connections", pool.Stats().OpenConnections, 0)
	check(t, "value", get[int](t, pool, "SELECT x FROM t"), 7)
}

// TestMemoryIsPrivate is about databases in memory that have no name.
func TestMemoryIsPrivate(t *testing.T) {
	t.Parallel()
	for _, url := range []string{":memory:", "file::memory:", "file::memory:?mode=memory"} {
		first, second := open(t, url), open(t, url)
		execute(t, first, "CREATE TABLE t (x)")
		check(t, url+": tables of another pool", get[int](t, second, "SELECT count(*) FROM sqlite_master"), 0)
	}
}

// TestMemoryByName is about those that have one: it is shared, and the database ends
// with the last pool.
func TestMemoryByName(t *testing.T) {
	t.Parallel()
	const url = "file:TestMemoryByName%20%C3%A9?mode=memory"
	first, err := db.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	second, err := db.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	execute(t, first, "CREATE TABLE t (x)", "INSERT INTO t VALUES (7)")
	check(t, "value in the other pool", get[int](t, second, "SELECT x FROM t"), 7)
	check(t, "tables of another name", get[int](t, open(t, "file:TestMemoryByName?mode=memory"), "SELECT count(*) FROM sqlite_master"), 0)

	first.Close()
	check(t, "value after one pool is closed", get[int](t, second, "SELECT x FROM t"), 7)
	second.Close()
	check(t, "tables after both are closed", get[int](t, open(t, url), "SELECT count(*) FROM sqlite_master"), 0)
}

// TestMemoryOfConnector is about a pool that somebody else makes, as otelsql does.
func TestMemoryOfConnector(t *testing.T) {
	t.Parallel()
	const url = "file:TestMemoryOfConnector?mode=memory"
	connector, err := db.NewConnector(url)
	if err != nil {
		t.Fatal(err)
	}
	pool := sql.OpenDB(connector)
	execute(t, pool, "CREATE TABLE t (x)")
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	check(t, "tables after Close", get[int](t, open(t, url), "SELECT count(*) FROM sqlite_master"), 0)
}

// TestMemoryWriters lets goroutines write at the same time: they wait for each other.
func TestMemoryWriters(t *testing.T) {
	t.Parallel()
	const writers, rows = 8, 25
	pool := open(t, ":memory:", db.WithBusyTimeout(time.Minute))
	execute(t, pool, "CREATE TABLE t (x)")
	var group sync.WaitGroup
	for range writers {
		group.Go(func() {
			for range rows {
				if _, err := pool.ExecContext(context.Background(), "INSERT INTO t VALUES (1)"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	check(t, "rows", get[int](t, pool, "SELECT count(*) FROM t"), writers*rows)
}

// TestMemoryClosedMeanwhile opens connections while the pool is closed.
func TestMemoryClosedMeanwhile(t *testing.T) {
	t.Parallel()
	for _, url := range []string{":memory:", "file:TestMemoryClosedMeanwhile?mode=memory", filepath.Join(t.TempDir(), "app.db")} {
		for range rounds(10) {
			connector, err := db.NewConnector(url)
			if err != nil {
				t.Fatal(err)
			}
			var group, connected sync.WaitGroup
			connected.Add(4)
			for range 4 {
				group.Go(func() {
					for first := true; ; first = false {
						conn, err := connector.Connect(context.Background())
						switch {
						case err == nil:
							conn.Close()
							if first {
								connected.Done()
							}
						case errors.Is(err, sql.ErrConnDone):
							return
						default:
							t.Errorf("%s: error %v, want %v", url, err, sql.ErrConnDone)
							return
						}
					}
				})
			}
			connected.Wait()
			if err := connector.(io.Closer).Close(); err != nil {
				t.Error(err)
			}
			group.Wait()
		}
	}
}
