package db_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// A cluster is a primary and two replicas behind a load balancer, which sends each new stream to any
// of them.
type cluster struct {
	servers []*dbtest.Server
	streams sync.Map // the server of a stream, by its baton
}

func startCluster(t *testing.T) *httptest.Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	grpc := l.Addr().String()
	l.Close()
	c := &cluster{}
	c.servers = append(c.servers, dbtest.StartServer(t, dbtest.WithArgs("--grpc-listen-addr", grpc)))
	for range 2 {
		c.servers = append(c.servers, dbtest.StartServer(t, dbtest.WithArgs("--primary-grpc-url", "http://"+grpc)))
	}
	balancer := httptest.NewServer(c)
	t.Cleanup(balancer.Close)
	return balancer
}

// ServeHTTP forwards a request to the server of its stream.
func (c *cluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	server := c.servers[rand.IntN(len(c.servers))]
	if of, ok := c.streams.Load(batonOf(body)); ok {
		server = of.(*dbtest.Server)
	}
	resp, err := http.Post(server.URL()+r.URL.Path, "application/json", bytes.NewReader(body))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if baton := batonOf(answer); baton != "" {
		c.streams.Store(baton, server)
	}
	w.Header().Set("Content-Type", resp.Header.Get("Content-Type"))
	w.WriteHeader(resp.StatusCode)
	w.Write(answer)
}

// TestCluster: a read on any server of a cluster sees the pool's writes that returned before it. With
// DUOLITE_SOAK set it makes 10,000 pairs of a write and a read.
func TestCluster(t *testing.T) {
	t.Parallel()
	pool := open(t, startCluster(t).URL)
	execute(t, pool, "CREATE TABLE t (worker, n)")
	pairs := 400
	if os.Getenv("DUOLITE_SOAK") != "" {
		pairs = 10_000
	}
	const workers = 16
	var stale, read atomic.Int64
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			for n := range pairs / workers {
				if _, err := pool.ExecContext(t.Context(), "INSERT INTO t VALUES (?, ?)", worker, n); err != nil {
					t.Error(err)
					return
				}
				var rows int
				if err := db.Lean(pool).QueryRowContext(t.Context(), "SELECT count(*) FROM t WHERE worker = ?", worker).Scan(&rows); err != nil {
					t.Error(err)
					return
				}
				read.Add(1)
				if rows != n+1 {
					stale.Add(1)
				}
			}
		})
	}
	group.Wait()
	t.Logf("%d of %d reads missed the write before them", stale.Load(), read.Load())
	if stale.Load() > 0 {
		t.Fail()
	}
}
