package db_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/dbtrace"
)

// ends is a Tracer that keeps the calls that have ended.
type ends struct {
	mu    sync.Mutex
	calls []dbtrace.Call
}

func (e *ends) Start(ctx context.Context, _ *dbtrace.Call) context.Context { return ctx }

func (e *ends) End(_ context.Context, call *dbtrace.Call) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls = append(e.calls, *call)
}

// of returns the calls of a kind.
func (e *ends) of(op dbtrace.Op) (found []dbtrace.Call) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, call := range e.calls {
		if call.Op == op {
			found = append(found, call)
		}
	}
	return found
}

// TestTraceWait shows the wait of a write for another connection's lock.
func TestTraceWait(t *testing.T) {
	t.Parallel()
	url := filepath.Join(t.TempDir(), "app.db")
	tracer := &ends{}
	pool, err := db.Open(t.Context(), url, db.WithTracer(tracer))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	execute(t, pool, "CREATE TABLE t (x)")
	tx, err := pool.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec("INSERT INTO t VALUES (1)"); err != nil {
		t.Fatal(err)
	}
	const wait = 30 * time.Millisecond
	time.AfterFunc(wait, func() { _ = tx.Commit() })
	execute(t, pool, "INSERT INTO t VALUES (2)")
	calls := tracer.of(dbtrace.Exec)
	last := calls[len(calls)-1]
	if last.Waited <= 0 || last.Waited > last.Duration {
		t.Errorf("the INSERT waited %v of %v, want some of it", last.Waited, last.Duration)
	}
	stats, err := db.Stats(pool)
	if err != nil || stats.Waits != 1 || stats.Waited != last.Waited {
		t.Errorf("Stats: %d waits, %v, error %v; want 1 wait, %v", stats.Waits, stats.Waited, err, last.Waited)
	}
}

// TestTraceServer shows the requests of calls to a server.
func TestTraceServer(t *testing.T) {
	t.Parallel()
	tracer := &ends{}
	pool, err := db.Open(t.Context(), dbtest.StartServer(t).URL()+"?authToken=secret", db.WithTracer(tracer))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	execute(t, pool, "CREATE TABLE t (x)")
	tx, err := pool.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := tx.Exec("INSERT INTO t VALUES (1)"); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		op       dbtrace.Op
		requests int64
	}{{dbtrace.Commit, 1}, {dbtrace.Transaction, 4}} {
		calls := tracer.of(tt.op)
		if len(calls) != 1 || calls[0].Requests != tt.requests || calls[0].Repeats != 0 {
			t.Errorf("%v: %+v, want one with %d requests", tt.op, calls, tt.requests)
		}
	}
	for _, call := range tracer.calls {
		if strings.Contains(call.Database, "secret") || call.Database == "" {
			t.Errorf("the database is %q", call.Database)
		}
	}
}

// TestTraceLog is a Logger on a pool: a slow query has its plan once.
func TestTraceLog(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := &dbtrace.Logger{Log: slog.New(slog.NewJSONHandler(&out, nil)), Slow: 1}
	pool, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "app.db"), db.WithTracer(log), db.WithMaxOpenConns(1))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	execute(t, pool, "CREATE TABLE t (x)")
	for range 2 {
		if _, err := pool.ExecContext(t.Context(), "-- name: Drop :exec\nDELETE FROM t WHERE x = ?", "secret"); err != nil {
			t.Fatal(err)
		}
	}
	text := out.String()
	if n := strings.Count(text, `"plan":"SCAN t"`); n != 1 {
		t.Errorf("the log has %d plans, want 1:\n%s", n, text)
	}
	if strings.Contains(text, "secret") {
		t.Errorf("the log has an argument:\n%s", text)
	}
}

func TestTracerIsNil(t *testing.T) {
	_, err := db.Open(t.Context(), ":memory:", db.WithTracer(nil))
	if !errors.Is(err, db.ErrConfig) {
		t.Errorf("error %v, want ErrConfig", err)
	}
}

// TestTracePlanOfSlowServer: a server that takes long for a plan doesn't cost the transaction.
func TestTracePlanOfSlowServer(t *testing.T) {
	t.Parallel()
	slow := startProxy(t, dbtest.StartServer(t).URL(), func(p *proxy, w http.ResponseWriter, r *http.Request, body []byte) {
		if bytes.Contains(body, []byte("EXPLAIN QUERY PLAN")) {
			time.Sleep(1200 * time.Millisecond)
		}
		p.forward.ServeHTTP(w, r)
	})
	var out bytes.Buffer
	log := &dbtrace.Logger{Log: slog.New(slog.NewTextHandler(&out, nil)), Slow: 1}
	pool, err := db.Open(t.Context(), slow.URL, db.WithTracer(log))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	execute(t, pool, "CREATE TABLE t (x)")
	tx, err := pool.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec("DELETE FROM t WHERE x = 1"); err != nil {
		t.Error(err)
	}
	if err := tx.Commit(); err != nil {
		t.Errorf("Commit after a plan: %v", err)
	}
	if !strings.Contains(out.String(), `plan="SCAN t"`) {
		t.Errorf("the log has no plan:\n%s", &out)
	}
}

// TestTracePanic: the call of Connect ends although the program's set-up panics.
func TestTracePanic(t *testing.T) {
	t.Parallel()
	tracer := &ends{}
	func() {
		defer func() { _ = recover() }()
		pool, err := db.Open(t.Context(), ":memory:", db.WithTracer(tracer),
			db.WithAfterConnectFunc(func(context.Context, *sql.Conn) error { panic("set-up") }))
		t.Errorf("Open returned %v, %v; want a panic", pool, err)
	}()
	if calls := tracer.of(dbtrace.Connect); len(calls) != 1 || calls[0].Err == nil {
		t.Errorf("the calls are %+v, want one of Connect with an error", calls)
	}
}
