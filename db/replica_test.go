package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// replicaURL returns the URL of a server with a replica at path.
func replicaURL(server *dbtest.Server, path string) string {
	return server.URL() + "?replica=" + url.QueryEscape(path)
}

func count(t *testing.T, pool *sql.DB, table string) (n int) {
	t.Helper()
	if err := pool.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestReplica writes by a pool with a replica and reads its writes at once, in all ways, and writes of
// another pool after Sync.
func TestReplica(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t)
	direct := open(t, server.URL())
	execute(t, direct, "CREATE TABLE t (a)", "INSERT INTO t VALUES (1)")
	pool := open(t, replicaURL(server, filepath.Join(t.TempDir(), "replica.db")))
	if n := count(t, pool, "t"); n != 1 {
		t.Fatalf("%d rows in a new replica, want 1", n)
	}
	rows := 1
	for i := range 30 {
		switch i % 4 {
		case 0:
			execute(t, pool, "INSERT INTO t VALUES (1)")
		case 1:
			execute(t, pool, "INSERT INTO t VALUES (1); UPDATE t SET a = a")
		case 2:
			if err := db.InTx(t.Context(), pool, func(tx *sql.Tx) error {
				if _, err := tx.Exec("INSERT INTO t VALUES (1)"); err != nil {
					return err
				}
				var n int
				return errors.Join(tx.QueryRow("SELECT count(*) FROM t").Scan(&n), wantInt(n, rows+1))
			}); err != nil {
				t.Fatal(err)
			}
		case 3:
			execute(t, pool, fmt.Sprintf("CREATE TABLE t%d (a)", i), "INSERT INTO t VALUES (1)")
			count(t, pool, fmt.Sprintf("t%d", i))
		}
		rows++
		if n := count(t, pool, "t"); n != rows {
			t.Errorf("%d rows after write %d, want %d", n, i, rows)
		}
		if err := db.InReadTx(t.Context(), pool, func(tx *sql.Tx) error {
			var n int
			return errors.Join(tx.QueryRow("SELECT count(*) FROM t").Scan(&n), wantInt(n, rows))
		}); err != nil {
			t.Error(err)
		}
	}
	for range 10 {
		execute(t, direct, "INSERT INTO t VALUES (2)")
		rows++
		state, err := db.Sync(t.Context(), pool)
		if err != nil || state.Behind != 0 || state.Err != nil || state.Frames == 0 || state.Contact.IsZero() {
			t.Fatalf("Sync: %+v, %v", state, err)
		}
		if n := count(t, pool, "t"); n != rows {
			t.Errorf("%d rows after Sync, want %d", n, rows)
		}
	}
	copied := filepath.Join(t.TempDir(), "detached.db")
	if err := db.Detach(t.Context(), pool, copied); err != nil {
		t.Fatal(err)
	}
	own := open(t, copied)
	execute(t, own, "INSERT INTO t VALUES (3)")
	if n := count(t, own, "t"); n != rows+1 {
		t.Errorf("%d rows in the detached file, want %d", n, rows+1)
	}
	if _, err := pool.ExecContext(t.Context(), "INSERT INTO t VALUES (3)"); err != nil {
		t.Errorf("after Detach: %v", err)
	}
}

func wantInt(is, want int) error {
	if is != want {
		return fmt.Errorf("%d, want %d", is, want)
	}
	return nil
}

// TestReplicaOffline: a program starts and reads without the server, and follows it again when it is
// back.
func TestReplicaOffline(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t)
	path := filepath.Join(t.TempDir(), "replica.db")
	first := open(t, replicaURL(server, path))
	execute(t, first, "CREATE TABLE t (a)", "INSERT INTO t VALUES (1)")
	if n := count(t, first, "t"); n != 1 {
		t.Fatalf("%d rows, want 1", n)
	}
	first.Close()
	server.Stop()

	if _, err := db.Open(t.Context(), replicaURL(server, filepath.Join(t.TempDir(), "new.db"))); !errors.Is(err, db.ErrUnavailable) {
		t.Errorf("a new replica without the server: %v, want ErrUnavailable", err)
	}
	pool := open(t, replicaURL(server, path))
	if n := count(t, pool, "t"); n != 1 {
		t.Errorf("%d rows without the server, want 1", n)
	}
	_, err := pool.ExecContext(t.Context(), "INSERT INTO t VALUES (2)")
	if !errors.Is(err, db.ErrUnavailable) || errors.Is(err, db.ErrOutcomeUnknown) || !strings.Contains(err.Error(), "reads go on from "+path) {
		t.Errorf("a write without the server: %v", err)
	}
	if state, err := db.Sync(t.Context(), pool); !errors.Is(err, db.ErrUnavailable) || state.Err == nil {
		t.Errorf("Sync without the server: %+v, %v", state, err)
	}
	server.Restart()
	execute(t, pool, "INSERT INTO t VALUES (2)")
	if n := count(t, pool, "t"); n != 2 {
		t.Errorf("%d rows, want 2", n)
	}
}

// TestReplicaOfCrashedServer: a server that crashed begins a new log, which the replica adopts.
func TestReplicaOfCrashedServer(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t)
	pool := open(t, replicaURL(server, filepath.Join(t.TempDir(), "replica.db")))
	execute(t, pool, "CREATE TABLE t (a)")
	for i := range 4 {
		for range 5 {
			execute(t, pool, "INSERT INTO t VALUES (1)")
		}
		if n := count(t, pool, "t"); n != 5*(i+1) {
			t.Errorf("%d rows, want %d", n, 5*(i+1))
		}
		server.Kill()
		server.Restart()
	}
}

// TestReplicaConcurrently: goroutines write and read at once, and each sees its own writes.
func TestReplicaConcurrently(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t)
	pool := open(t, replicaURL(server, filepath.Join(t.TempDir(), "replica.db")))
	execute(t, pool, "CREATE TABLE t (worker, n)")
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for n := range 25 {
				if _, err := pool.ExecContext(t.Context(), "INSERT INTO t VALUES (?, ?)", worker, n); err != nil {
					t.Error(err)
					return
				}
				var rows int
				if err := pool.QueryRowContext(t.Context(), "SELECT count(*) FROM t WHERE worker = ?", worker).Scan(&rows); err != nil || rows != n+1 {
					t.Errorf("worker %d: %d rows, %v; want %d", worker, rows, err, n+1)
				}
			}
		})
	}
	group.Wait()
}

// TestReplicaRefused: a file that isn't a replica, and options that need one.
func TestReplicaRefused(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t)
	path := filepath.Join(t.TempDir(), "own.db")
	execute(t, open(t, path), "CREATE TABLE t (a)")
	if _, err := db.Open(t.Context(), replicaURL(server, path)); err == nil || !strings.Contains(err.Error(), "is a database of its own") {
		t.Errorf("a database: %v", err)
	}
	if _, err := db.Open(t.Context(), server.URL(), db.WithStaleReads()); !errors.Is(err, db.ErrConfig) {
		t.Errorf("an option for a replica: %v", err)
	}
	if _, err := db.ReplicaStatus(t.Context(), open(t, server.URL())); err == nil || !strings.Contains(err.Error(), "isn't a replica") {
		t.Errorf("the status of no replica: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	pool, err := db.Open(ctx, replicaURL(server, filepath.Join(t.TempDir(), "r.db")), db.WithReplicaPoll(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	execute(t, pool, "CREATE TABLE t (a)")
	count(t, pool, "t") // the read ends the pause
}
