package db_test

import (
	"database/sql"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
)

// TestWaitingWritersLeaveRoom: 40 writers wait for an open transaction, and reads go on. If the writers kept
// the reads from a connection, the transaction would end too late for them.
func TestWaitingWritersLeaveRoom(t *testing.T) {
	pool := open(t, filepath.Join(t.TempDir(), "app.db"))
	execute(t, pool, "CREATE TABLE t (n)")
	finish := startWriters(t, pool, 40)
	// All have come, some of them before the pool had room, and all connections but one wait for their turn.
	waitUntil(t, func() bool {
		stats := pool.Stats()
		return int64(stats.InUse)+stats.WaitCount >= 41 && stats.MaxOpenConnections == 16+stats.InUse-1
	})
	for range 100 {
		var n int
		if err := pool.QueryRowContext(t.Context(), "SELECT count(*) FROM t").Scan(&n); err != nil || n != 0 {
			t.Fatalf("%d rows, %v", n, err)
		}
	}
	finish()
	var n int
	if err := pool.QueryRowContext(t.Context(), "SELECT count(*) FROM t").Scan(&n); err != nil || n != 40 {
		t.Errorf("%d rows, %v", n, err)
	}
}

// TestProgramsLimitStays: a limit of the program's own counts connections that wait.
func TestProgramsLimitStays(t *testing.T) {
	for name, limit := range map[string]func(t *testing.T, path string) *sql.DB{
		"option": func(t *testing.T, path string) *sql.DB { return open(t, path, db.WithMaxOpenConns(4)) },
		"method": func(t *testing.T, path string) *sql.DB {
			pool := open(t, path)
			pool.SetMaxOpenConns(4)
			return pool
		},
	} {
		t.Run(name, func(t *testing.T) {
			pool := limit(t, filepath.Join(t.TempDir(), "app.db"))
			execute(t, pool, "CREATE TABLE t (n)")
			finish := startWriters(t, pool, 40)
			waitUntil(t, func() bool { return pool.Stats().WaitCount >= 37 })
			if stats := pool.Stats(); stats.MaxOpenConnections != 4 || stats.OpenConnections > 4 {
				t.Errorf("%d of %d connections", stats.OpenConnections, stats.MaxOpenConnections)
			}
			finish()
		})
	}
}

// startWriters starts writers that wait for a transaction, which finish ends. finish waits for the writers.
func startWriters(t *testing.T, pool *sql.DB, n int) (finish func()) {
	t.Helper()
	tx, err := pool.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(t.Context(), "DELETE FROM t"); err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	for range n {
		writers.Go(func() {
			if _, err := pool.ExecContext(t.Context(), "INSERT INTO t VALUES (1)"); err != nil {
				t.Error(err)
			}
		})
	}
	return func() {
		if err := tx.Commit(); err != nil {
			t.Error(err)
		}
		writers.Wait()
	}
}

// waitUntil waits for a state.
func waitUntil(t *testing.T, reached func() bool) {
	t.Helper()
	for range 20_000 {
		if reached() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("the state isn't reached")
}
