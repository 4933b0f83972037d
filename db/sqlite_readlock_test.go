package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
)

func init() {
	orders["insert-many"] = insertRows(10_000, nil)
	orders["insert-and-truncate"] = insertRows(20, truncateLog)
}

// insertRows inserts rows, each by itself and with something after it.
func insertRows(n int, after func(context.Context, *sql.DB) error) func(context.Context, string) error {
	return func(ctx context.Context, path string) error {
		pool, err := db.Open(ctx, path)
		if err != nil {
			return err
		}
		defer pool.Close()
		for range n {
			if _, err := pool.ExecContext(ctx, "INSERT INTO t VALUES (1)"); err != nil {
				return err
			}
			if after != nil {
				if err := after(ctx, pool); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

// truncateLog writes all of the log to the file, for which nobody may read from it.
func truncateLog(ctx context.Context, pool *sql.DB) error {
	var busy, pages, written int
	if err := pool.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &written); err != nil {
		return err
	}
	if busy != 0 || pages != 0 {
		return fmt.Errorf("busy %d, %d pages left in the log", busy, pages)
	}
	return nil
}

// TestLogOfAnotherProcess wants the log of one that writes to start anew while another
// reads now and then: a lock that is kept from read to read would always be in its way.
func TestLogOfAnotherProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "app.db")
	pool := open(t, path)
	execute(t, pool, "CREATE TABLE t (x)")
	ctx, stop := context.WithCancel(t.Context())
	var reading sync.WaitGroup
	reading.Go(func() {
		for ; ctx.Err() == nil; time.Sleep(2 * time.Millisecond) {
			if _, err := pool.ExecContext(t.Context(), "SELECT 1 FROM t WHERE rowid = 1"); err != nil {
				t.Error(err)
			}
		}
	})
	check(t, "another process", order(t, startChildren(t, 1), "insert-many", path), []string{"ok"})
	stop()
	reading.Wait()
	info, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	// SQLite writes a log of 1,000 pages to the file; all that was written is over 40 MiB.
	if most := int64(20 << 20); info.Size() > most {
		t.Errorf("the log has %d bytes, want at most %d", info.Size(), most)
	}
}

// TestReadersInAnotherProcess: one that has read, or reads all the time, keeps no
// checkpoint of another process from its end.
func TestReadersInAnotherProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "app.db")
	pool := open(t, path)
	execute(t, pool, "CREATE TABLE t (x)")
	child := startChildren(t, 1)
	truncate := func(what string) {
		t.Helper()
		get[int](t, pool, "SELECT count(*) FROM t")
		check(t, what, order(t, child, "insert-and-truncate", path), []string{"ok"})
		info, err := os.Stat(path + "-wal")
		if err != nil || info.Size() != 0 {
			t.Errorf("%s: the log has %d bytes, error %v, want none", what, info.Size(), err)
		}
	}
	truncate("has read")

	ctx, stop := context.WithCancel(t.Context())
	var reading sync.WaitGroup
	for range 4 {
		reading.Go(func() {
			for ctx.Err() == nil {
				var n int
				err := pool.QueryRowContext(ctx, "SELECT count(*) FROM t").Scan(&n)
				if err != nil && !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			}
		})
	}
	truncate("reads all the time")
	stop()
	reading.Wait()
	check(t, "rows", get[int](t, pool, "SELECT count(*) FROM t"), 40)
}
