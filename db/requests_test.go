package db_test

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// A counter is a proxy that counts requests and connections.
type counter struct {
	*proxy
	requests atomic.Int64
}

func startCounter(t *testing.T, server *dbtest.Server) *counter {
	t.Helper()
	c := new(counter)
	c.proxy = startProxy(t, server.URL(), func(p *proxy, w http.ResponseWriter, r *http.Request, _ []byte) {
		c.requests.Add(1)
		p.forward.ServeHTTP(w, r)
	})
	return c
}

// count returns the requests and the TCP connections that work costs, with the end of
// the pool and without the request that Open makes.
func (c *counter) count(t *testing.T, work func(pool *sql.DB) error, opts ...db.Option) (requests, conns int64) {
	t.Helper()
	pool, err := db.Open(t.Context(), c.URL, opts...)
	if err != nil {
		t.Fatal(err)
	}
	before := c.requests.Load()
	if err := errors.Join(work(pool), pool.Close()); err != nil {
		t.Error(err)
	}
	http.DefaultTransport.(*http.Transport).CloseIdleConnections() // libsql-client-go's
	return c.requests.Load() - before, c.conns.Load()
}

// TestRequests counts round trips, side by side with libsql-client-go. The figures are
// those of docs/design.md:
//
//	go test -v -run TestRequests ./db
func TestRequests(t *testing.T) {
	server := dbtest.StartServer(t)
	execute(t, open(t, server.URL()), "CREATE TABLE t (id INTEGER PRIMARY KEY, x)", "INSERT INTO t VALUES (1, 'one')")
	for _, tt := range []struct {
		name            string
		work            func(ctx context.Context, pool *sql.DB) error
		requests, conns int64 // at most
	}{
		{"1 query", sequential(1), 2, 1},
		{"100 queries, one after the other", sequential(100), 101, 1},
		{"16 x 100 queries at once", concurrent(16, 100), 1616, 32}, // net/http may dial one while another becomes free
		{"a transaction of 3 statements", transaction, 5, 1},
		{"a batch of 1,000 inserts", batchOf(1000, "INSERT INTO t (x) VALUES ('one more')"), 2, 1},
		{"a batch of 6 reads", batchOf(6, "SELECT x FROM t WHERE id = 1"), 2, 1},
	} {
		work := func(pool *sql.DB) error { return tt.work(t.Context(), pool) }
		requests, conns := startCounter(t, server).count(t, work)
		theirRequests, theirConns := startCounter(t, server).count(t, work, db.WithLibSQLClientGo())
		t.Logf("%-34s %5d requests on %4d connections; libsql-client-go %5d on %4d", tt.name, requests, conns, theirRequests, theirConns)
		if requests > tt.requests || conns > tt.conns {
			t.Errorf("%s: %d requests on %d connections, want at most %d on %d", tt.name, requests, conns, tt.requests, tt.conns)
		}
	}
}

func sequential(n int) func(context.Context, *sql.DB) error {
	return func(ctx context.Context, pool *sql.DB) error {
		for range n {
			if err := pool.QueryRowContext(ctx, "SELECT x FROM t WHERE id = ?", 1).Scan(new(string)); err != nil {
				return err
			}
		}
		return nil
	}
}

func concurrent(goroutines, n int) func(context.Context, *sql.DB) error {
	return func(ctx context.Context, pool *sql.DB) error {
		errs := make([]error, goroutines)
		var group sync.WaitGroup
		for i := range goroutines {
			group.Go(func() { errs[i] = sequential(n)(ctx, pool) })
		}
		group.Wait()
		return errors.Join(errs...)
	}
}

func transaction(ctx context.Context, pool *sql.DB) error {
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for range 3 {
		if _, err := tx.ExecContext(ctx, "UPDATE t SET x = x || '.' WHERE id = ?", 1); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func batchOf(n int, text string) func(context.Context, *sql.DB) error {
	return func(ctx context.Context, pool *sql.DB) error {
		b := newBatch(pool)
		for range n {
			queueText(b, text)
		}
		return b.Run(ctx)
	}
}
