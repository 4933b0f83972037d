package db_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

func stats(t *testing.T, pool *sql.DB) db.DBStats {
	t.Helper()
	s, err := db.Stats(pool)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStats(t *testing.T) {
	t.Parallel()
	pool, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "app.db"), db.WithMaxOpenConns(2))
	if err != nil {
		t.Fatal(err)
	}
	execute(t, pool, "CREATE TABLE t (x TEXT)")
	before := stats(t, pool)
	for range 10 {
		execute(t, pool, "INSERT INTO t VALUES (hex(randomblob(2000)))")
		if err := pool.QueryRow("SELECT count(*) FROM t").Scan(new(int)); err != nil {
			t.Fatal(err)
		}
	}
	after := stats(t, pool)
	if calls, compiled := after.Calls-before.Calls, after.Compiled-before.Compiled; calls != 20 || compiled != 2 {
		t.Errorf("%d calls, %d compiled, want 20 and 2", calls, compiled)
	}
	if after.MaxOpenConnections != 2 || after.PageHits <= before.PageHits || after.Requests != 0 {
		t.Errorf("the counts are %+v", after)
	}
	execute(t, pool, "PRAGMA wal_checkpoint(TRUNCATE)")
	if got := stats(t, pool).Checkpoints; runtime.GOOS == "linux" && got != before.Checkpoints+1 {
		t.Errorf("%d checkpoints, want %d", got, before.Checkpoints+1)
	}
	b := newBatch(pool)
	for range 5 {
		queueText(b, "INSERT INTO t VALUES ('a')")
	}
	if err := b.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := stats(t, pool).Calls - after.Calls; got != 6 {
		t.Errorf("%d calls, want 6", got)
	}
	if text, err := json.Marshal(stats(t, pool)); err != nil || !strings.Contains(string(text), `"OpenConnections":1`) {
		t.Errorf("as JSON %s, error %v", text, err)
	}
	last := stats(t, pool)
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
	if closed := stats(t, pool); closed.Calls != last.Calls || closed.PageHits < last.PageHits {
		t.Errorf("after Close %+v, want the counts of before, %+v", closed, last)
	}
}

func TestStatsOfServer(t *testing.T) {
	t.Parallel()
	pool, err := db.Open(t.Context(), dbtest.StartServer(t).URL())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	before := stats(t, pool)
	execute(t, pool, "SELECT 1")
	after := stats(t, pool)
	if after.Requests != before.Requests+1 || after.Repeats != 0 || after.Sent <= before.Sent || after.Received <= before.Received || after.PageHits != 0 {
		t.Errorf("the counts were %+v and are %+v, want one request more", before, after)
	}
}

// TestStatsWhileBusy reads the counts while calls run. A call that takes long is counted after its end.
func TestStatsWhileBusy(t *testing.T) {
	t.Parallel()
	pool, err := db.Open(t.Context(), ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	ctx, cancel := context.WithCancel(t.Context())
	var work sync.WaitGroup
	// On a connection that none of the reads has used: its calls are counted after the long one.
	busy, err := pool.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	work.Go(func() {
		defer busy.Close()
		_ = busy.QueryRowContext(ctx, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n").Scan(new(int))
	})
	const reads = 200
	for range 4 {
		work.Go(func() {
			for range reads {
				_ = pool.QueryRow("SELECT 1").Scan(new(int))
			}
		})
	}
	last := db.DBStats{}
	for last.Calls < 4*reads {
		now := stats(t, pool)
		if now.Calls < last.Calls || now.PageHits < last.PageHits {
			t.Fatalf("the counts fell from %+v to %+v", last, now)
		}
		last = now
		time.Sleep(time.Millisecond) // the only processor may be needed for the calls
	}
	cancel()
	work.Wait()
}

func TestStatsOfOtherDrivers(t *testing.T) {
	t.Parallel()
	connector, err := db.NewConnector(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	own := sql.OpenDB(connector)
	defer own.Close()
	stats(t, own)
	other, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for _, pool := range []*sql.DB{other, nil} {
		if _, err := db.Stats(pool); err == nil || !strings.HasPrefix(err.Error(), "Stats: the pool") {
			t.Errorf("error %v, want one about the pool", err)
		}
	}
}

// TestStatsDetach: the counts of a file that a connection detaches remain.
func TestStatsDetach(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pool, err := db.Open(t.Context(), filepath.Join(dir, "app.db"), db.WithMaxOpenConns(1))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	c, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	run := func(text string, args ...any) {
		t.Helper()
		if _, err := c.ExecContext(t.Context(), text, args...); err != nil {
			t.Fatal(err)
		}
	}
	run("ATTACH ? AS other", filepath.Join(dir, "other.db"))
	run("CREATE TABLE other.t (x)")
	run("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 10000) INSERT INTO other.t SELECT i FROM n")
	before := stats(t, pool)
	run("DETACH other")
	if after := stats(t, pool); after.PageHits < before.PageHits || after.PageMisses < before.PageMisses {
		t.Errorf("the counts fell from %+v to %+v", before, after)
	}
}

// TestStatsOfClose: the requests that close the connections are counted.
func TestStatsOfClose(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	counting := startProxy(t, dbtest.StartServer(t).URL(), func(p *proxy, w http.ResponseWriter, r *http.Request, _ []byte) {
		if r.Method == http.MethodPost {
			requests.Add(1)
		}
		p.forward.ServeHTTP(w, r)
	})
	pool, err := db.Open(t.Context(), counting.URL)
	if err != nil {
		t.Fatal(err)
	}
	execute(t, pool, "SELECT 1")
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
	if got, want := stats(t, pool).Requests, requests.Load(); got != want {
		t.Errorf("%d requests, want %d", got, want)
	}
}

// TestStatsOfRefused: a request that isn't sent again, since its context ends before, is no repeat.
func TestStatsOfRefused(t *testing.T) {
	t.Parallel()
	var refuse atomic.Bool
	busy := startProxy(t, dbtest.StartServer(t).URL(), func(p *proxy, w http.ResponseWriter, r *http.Request, _ []byte) {
		if refuse.Load() {
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		p.forward.ServeHTTP(w, r)
	})
	pool, err := db.Open(t.Context(), busy.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	refuse.Store(true)
	before := stats(t, pool)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := pool.ExecContext(ctx, "SELECT 1"); err == nil {
		t.Fatal("a refused request succeeded")
	}
	after := stats(t, pool)
	requests, repeats, waits := after.Requests-before.Requests, after.Repeats-before.Repeats, after.Waits-before.Waits
	// The context ends in a wait, or in a request, which no wait follows.
	if requests < 2 || repeats != requests-1 || waits < requests-1 || waits > requests {
		t.Errorf("%d requests, %d repeats, %d waits; want each request but the first as a repeat, and a wait after each but perhaps the last", requests, repeats, waits)
	}
}

// TestStatsCalls: the variant of a dynamic statement is compiled, and a backup is no call of Exec.
func TestStatsCalls(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pool, err := db.Open(t.Context(), filepath.Join(dir, "app.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	execute(t, pool, "CREATE TABLE t (x)")
	before := stats(t, pool)
	for range 2 {
		if _, err := pool.Exec("-- db:dynamic\nSELECT x FROM t WHERE (?1 IS NULL OR x = ?1)", 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Backup(t.Context(), pool, filepath.Join(dir, "copy.db")); err != nil {
		t.Fatal(err)
	}
	after := stats(t, pool)
	if calls, compiled := after.Calls-before.Calls, after.Compiled-before.Compiled; calls != 2 || compiled != 2 {
		t.Errorf("%d calls, %d compiled, want 2 and 2", calls, compiled)
	}
}
