package hrana_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/internal/sqltext"
)

// A counter is a reverse proxy that counts requests and TCP connections.
type counter struct {
	url                   string
	requests, connections atomic.Int64
}

// count checks the number of requests that do sends.
func (c *counter) count(t *testing.T, what string, want int64, do func()) {
	t.Helper()
	before := c.requests.Load()
	do()
	check(t, what+": requests", c.requests.Load()-before, want)
}

func newCounter(t *testing.T, serverURL string) *counter {
	t.Helper()
	target, err := url.Parse(serverURL)
	if err != nil {
		t.Fatal(err)
	}
	c := &counter{}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.Transport = &http.Transport{MaxIdleConnsPerHost: 100}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.requests.Add(1)
		proxy.ServeHTTP(w, r)
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			c.connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

func TestRequests(t *testing.T) {
	t.Parallel()
	counter := newCounter(t, dbtest.StartServer(t).URL())
	d := hrana.New(transport.Config{URL: counter.url})
	hrana.AssumeTransactions(d)
	t.Cleanup(func() { d.Close() })
	c, err := d.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	must(t, c, "CREATE TABLE t (x)")
	counter.count(t, "100 queries", 100, func() {
		for range 100 {
			checkRow(t, c, "SELECT 1", int64(1))
		}
	})
	for _, mode := range []engine.Mode{engine.Write, engine.Read} {
		counter.count(t, "a transaction of 3 statements", 4, func() {
			begin(t, c, mode)
			must(t, c, "SELECT 1", "SELECT 2", "SELECT 3")
			if err := c.Commit(t.Context()); err != nil {
				t.Error(err)
			}
		})
		counter.count(t, "a transaction of none", 0, func() {
			begin(t, c, mode)
			if err := c.Commit(t.Context()); err != nil {
				t.Error(err)
			}
			begin(t, c, mode)
			if err := c.Rollback(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	counter.count(t, "a script", 1, func() {
		st := statement("INSERT INTO t VALUES (1)")
		if _, err := c.ExecAll(t.Context(), []sqltext.Statement{st, st, st}); err != nil {
			t.Error(err)
		}
	})
	counter.count(t, "Check, twice", 1, func() {
		for range 2 {
			if err := prepare(t, c, statement("SELECT x FROM t")).Check(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
	counter.count(t, "Prepare", 0, func() { prepare(t, c, statement("SELECT x FROM t")) })
	check(t, "TCP connections", counter.connections.Load(), int64(1))
	counter.count(t, "Close, twice", 1, func() {
		for range 2 {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	counter.count(t, "Connect and Close", 0, func() {
		if err := connect(t, d).Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestConcurrentRequests(t *testing.T) {
	t.Parallel()
	counter := newCounter(t, dbtest.StartServer(t).URL())
	d := open(t, transport.Config{URL: counter.url, MaxConns: 16})
	counter.count(t, "16 times 100 queries", 1600, func() {
		var wg sync.WaitGroup
		for range 16 {
			c := connect(t, d)
			wg.Go(func() {
				for range 100 {
					st := sqltext.Statement{Text: "SELECT 1", Kind: sqltext.Read}
					s, err := c.Prepare(t.Context(), &st)
					if err == nil {
						_, err = s.Query(t.Context(), nil)
					}
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
	})
	if n := counter.connections.Load(); n > 20 {
		t.Errorf("%d TCP connections for 16 at a time", n)
	}
}

// TestManyPools opens and closes more connections than the server has streams.
func TestManyPools(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t)
	for range 300 {
		d := hrana.New(transport.Config{URL: server.URL()})
		c, err := d.Connect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		must(t, c, "SELECT 1")
		c.Close()
		d.Close()
	}
}

// TestManyStreams sends more requests at once than the server accepts.
func TestManyStreams(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t)
	d := open(t, transport.Config{URL: server.URL(), MaxConns: 200})
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			c, err := d.Connect(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			if err := c.Ping(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
