package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/internal/replica/tursotest"
)

func withReplica(server, path string) string { return server + "?replica=" + url.QueryEscape(path) }

// TestReplicaPulls: a server that only replicates, tursodb. Reads run on the copy, and nothing else.
func TestReplicaPulls(t *testing.T) {
	t.Parallel()
	server := tursotest.Start(t)
	path := filepath.Join(t.TempDir(), "replica.db")
	if _, err := db.Open(t.Context(), withReplica(server.URL(), path)); !errors.Is(err, db.ErrCantOpen) || !strings.Contains(err.Error(), "has no pages") {
		t.Errorf("an empty database: %v", err)
	}
	server.Exec("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)", "INSERT INTO t (a) VALUES ('x')")
	pool := open(t, withReplica(server.URL(), path))
	wantCount(t, pool, 1)
	for i := range 5 {
		server.Exec("INSERT INTO t (a) VALUES ('y')", fmt.Sprintf("CREATE TABLE t%d (a)", i))
		if state, err := db.Sync(t.Context(), pool); err != nil || state.Err != nil || state.Behind != 0 || state.Contact.IsZero() {
			t.Fatalf("Sync: %+v, %v", state, err)
		}
		wantCount(t, pool, i+2)
		if n := count(t, pool, fmt.Sprintf("t%d", i)); n != 0 {
			t.Errorf("%d rows in a new table", n)
		}
	}
	refused := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, db.ErrReadOnly) || errors.Is(err, db.ErrOutcomeUnknown) || !strings.Contains(err.Error(), "doesn't speak version 3 of Hrana") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", what, err)
		}
	}
	_, err := pool.ExecContext(t.Context(), "INSERT INTO t (a) VALUES ('z')")
	refused("a write", err)
	refused("a transaction", db.InTx(t.Context(), pool, func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT INTO t (a) VALUES ('z')")
		return err
	}))
	if _, err := pool.QueryContext(t.Context(), "SELECT * FROM nowhere"); err == nil || !strings.Contains(err.Error(), "no such table: nowhere") {
		t.Errorf("a table that doesn't exist: %v", err)
	}
	wantCount(t, pool, 6)

	server.Kill()
	if state, err := db.Sync(t.Context(), pool); !errors.Is(err, db.ErrUnavailable) || !errors.Is(state.Err, db.ErrUnavailable) {
		t.Errorf("Sync without a server: %+v, %v", state, err)
	}
	pool.Close()
	pool = open(t, withReplica(server.URL(), path)) // offline
	wantCount(t, pool, 6)
	server.Restart()
	server.Exec("INSERT INTO t (a) VALUES ('y')")
	if _, err := db.Sync(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	wantCount(t, pool, 7)
	if _, err := db.Open(t.Context(), withReplica("http://localhost:1", path)); err == nil || !strings.Contains(err.Error(), "replica of another database") {
		t.Errorf("another server's replica in the same file: %v", err)
	}
	if err := db.Detach(t.Context(), pool, path+".copy"); err != nil {
		t.Error(err)
	}
}

func wantCount(t *testing.T, pool *sql.DB, want int) {
	t.Helper()
	if n := count(t, pool, "t"); n != want {
		t.Errorf("%d rows, want %d", n, want)
	}
	var ok string
	if err := pool.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&ok); err != nil || ok != "ok" {
		t.Fatalf("integrity_check: %.200s, %v", ok, err)
	}
}

// TestReplicaPullsByItself: without Sync, a change arrives after some time.
func TestReplicaPullsByItself(t *testing.T) {
	t.Parallel()
	server := tursotest.Start(t)
	server.Exec("CREATE TABLE t (a)")
	pool := open(t, withReplica(server.URL(), filepath.Join(t.TempDir(), "replica.db")))
	server.Exec("INSERT INTO t VALUES (1)")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for count(t, pool, "t") != 1 {
		if ctx.Err() != nil {
			t.Fatal("the change hasn't arrived")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestReplicaPullsRestored: the server's files are replaced by an older copy, and the copy's second file
// gets lost. The copy has the server's content each time, also for a connection that was idle meanwhile.
func TestReplicaPullsRestored(t *testing.T) {
	t.Parallel()
	server := tursotest.Start(t)
	server.Exec("CREATE TABLE t (a)", "INSERT INTO t VALUES (1)")
	server.Stop()
	backup := map[string][]byte{}
	for _, name := range []string{server.Path, server.Path + "-wal"} {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		backup[name] = content
	}
	server.Restart()
	server.Exec("CREATE TABLE x (a)", "CREATE TABLE y (a)", "INSERT INTO x VALUES ('x of the first')", "INSERT INTO y VALUES ('y of the first')")
	for range 100 {
		server.Exec("INSERT INTO t VALUES (2)")
	}
	path := filepath.Join(t.TempDir(), "replica.db")
	pool := open(t, withReplica(server.URL(), path), db.WithReplicaPoll(time.Hour))
	wantCount(t, pool, 101)
	var is string
	read := func(want string) {
		t.Helper()
		if err := pool.QueryRowContext(t.Context(), "SELECT a FROM x").Scan(&is); err != nil || is != want {
			t.Errorf("got %q, %v; want %q", is, err, want)
		}
	}
	read("x of the first")
	idle, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	readIdle := func(want string) {
		t.Helper()
		if err := idle.QueryRowContext(t.Context(), "SELECT a FROM x").Scan(&is); err != nil || is != want {
			t.Errorf("an idle connection: got %q, %v; want %q", is, err, want)
		}
	}
	readIdle("x of the first")

	server.Stop()
	for name, content := range backup {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	server.Restart()
	server.Exec("CREATE TABLE y (a)", "CREATE TABLE x (a)", "INSERT INTO x VALUES ('x of the second')", "INSERT INTO y VALUES ('y of the second')")
	if _, err := db.Sync(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	wantCount(t, pool, 1)
	read("x of the second")
	server.Exec("INSERT INTO x VALUES ('another')", "CREATE TABLE z (a)")
	if _, err := db.Sync(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	readIdle("x of the second")
	idle.Close()
	pool.Close()

	if err := os.Remove(path + "-replica"); err != nil {
		t.Fatal(err)
	}
	server.Exec("INSERT INTO t VALUES (3)")
	pool = open(t, withReplica(server.URL(), path), db.WithReplicaPoll(time.Hour))
	if _, err := db.Sync(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	wantCount(t, pool, 2)
	read("x of the second")
}

// TestReplicaPullsWrites: writes go to the server by Hrana, whose replies have no replication index. Each
// read sees the writes before it.
func TestReplicaPullsWrites(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t)
	direct := open(t, server.URL())
	execute(t, direct, "CREATE TABLE t (worker, n)")
	front := tursotest.Front(t, server.URL())
	path := filepath.Join(t.TempDir(), "replica.db")
	pools := []*sql.DB{
		open(t, withReplica(front, path), db.WithReplicaPoll(time.Hour)),
		open(t, withReplica(front, path)),
	}
	var group sync.WaitGroup
	for worker := range 8 {
		group.Go(func() {
			for n := range 20 {
				var err error
				switch pool := pools[worker%2]; n % 3 {
				case 0:
					_, err = pool.ExecContext(t.Context(), "INSERT INTO t VALUES (?, ?)", worker, n)
				case 1:
					err = db.InTx(t.Context(), pool, func(tx *sql.Tx) error {
						_, err := tx.Exec("INSERT INTO t VALUES (?, ?)", worker, n)
						return err
					})
				case 2:
					_, err = pool.ExecContext(t.Context(), "INSERT INTO t VALUES (?, ?)", worker, n)
					err = errors.Join(err, execOne(t.Context(), pool, fmt.Sprintf("CREATE TABLE t%d_%d (a)", worker, n)))
				}
				if err != nil {
					t.Error(err)
					return
				}
				var rows int
				reader := pools[(worker+n)%2] // pools of one copy see each other's writes
				if err := reader.QueryRowContext(t.Context(), "SELECT count(*) FROM t WHERE worker = ?", worker).Scan(&rows); err != nil || rows != n+1 {
					t.Errorf("worker %d: %d rows, %v; want %d", worker, rows, err, n+1)
				}
			}
		})
	}
	group.Wait()
	wantCount(t, pools[0], 160)

	// A server that crashed has another log.
	server.Kill()
	server.Restart()
	execute(t, pools[0], "INSERT INTO t VALUES (9, 1)")
	wantCount(t, pools[0], 161)
}

func execOne(ctx context.Context, pool *sql.DB, text string) error {
	_, err := pool.ExecContext(ctx, text)
	return err
}

// TestReplicaPullsStale: a read waits for a pull after a write, and fails if there is none. With
// WithStaleReads it waits for nothing.
func TestReplicaPullsStale(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t)
	execute(t, open(t, server.URL()), "CREATE TABLE t (a)")
	front, err := url.Parse(tursotest.Front(t, server.URL()))
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	down := false
	gate := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		refuse := down && r.URL.Path == "/pull-updates"
		mu.Unlock()
		if refuse {
			http.Error(w, "not now", http.StatusServiceUnavailable)
			return
		}
		forward(w, r, front)
	}))
	defer gate.Close()
	path := filepath.Join(t.TempDir(), "replica.db")
	pool := open(t, withReplica(gate.URL, path), db.WithBusyTimeout(300*time.Millisecond))
	stale := open(t, withReplica(gate.URL, path), db.WithStaleReads())
	mu.Lock()
	down = true
	mu.Unlock()
	execute(t, pool, "INSERT INTO t VALUES (1)")
	var n int
	err = pool.QueryRowContext(t.Context(), "SELECT count(*) FROM t").Scan(&n)
	if !errors.Is(err, db.ErrUnavailable) || !strings.Contains(err.Error(), "doesn't have this program's last write yet") || !strings.Contains(err.Error(), "not now") {
		t.Errorf("a read after a write: %d, %v", n, err)
	}
	wantCount(t, stale, 0)
	mu.Lock()
	down = false
	mu.Unlock()
	wantCount(t, pool, 1)
}

func forward(w http.ResponseWriter, r *http.Request, to *url.URL) {
	r.URL.Scheme, r.URL.Host, r.RequestURI = to.Scheme, to.Host, ""
	transport := &http.Transport{DisableKeepAlives: true, DisableCompression: true}
	reply, err := transport.RoundTrip(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer reply.Body.Close()
	for name, values := range reply.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(reply.StatusCode)
	_, _ = io.Copy(w, reply.Body)
}

// TestReplicaOfNoServer: a server that speaks neither protocol.
func TestReplicaOfNoServer(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(http.NotFound))
	defer server.Close()
	_, err := db.Open(t.Context(), withReplica(server.URL, filepath.Join(t.TempDir(), "replica.db")))
	if !errors.Is(err, db.ErrCantOpen) || !strings.Contains(err.Error(), "nor has it POST /pull-updates") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
}
