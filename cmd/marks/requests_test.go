package main

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/db/dbtest"
)

// TestRequests counts the requests of commands to a server that is 40 ms away, each in a
// process of its own, so that it opens the database first: that is 3 of them, and the
// end of the connection is 1.
//
//	go test -v -run TestRequests ./cmd/marks
func TestRequests(t *testing.T) {
	t.Parallel()
	server, requests := startCounted(t)
	bookmarks := largeCollection()
	pages := int64(len(bookmarks)/largestPage + 1)
	file := writeFile(t, "large.json", exportOf(bookmarks))
	s := shellOn(t, server)
	s.must("list")
	for _, test := range []struct {
		most int64
		args []string
	}{
		{12, []string{"import", file}},
		{3 + 1 + 1, []string{"list"}},
		{3 + 1 + 1, []string{"stats"}},
		// A page and its files are one each.
		{3 + 2*pages + 1, []string{"export", "-o", t.TempDir() + "/export.json"}},
	} {
		requests.Store(0)
		clock := startClock(t)
		s.must(test.args...)
		clock.lap(test.args[0])
		t.Logf("%s: %d requests for %d bookmarks", test.args[0], requests.Load(), len(bookmarks))
		if n := requests.Load(); n > test.most && len(bookmarks) <= 10_000 {
			t.Errorf("marks %s is %d requests, want at most %d", test.args[0], n, test.most)
		}
	}
}

// startCounted starts a server 40 ms away, and counts its requests.
func startCounted(t *testing.T) (address string, requests *atomic.Int64) {
	server := dbtest.StartServer(t)
	target, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	requests = new(atomic.Int64)
	forward := httputil.NewSingleHostReverseProxy(target)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		time.Sleep(40 * time.Millisecond)
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	return proxy.URL, requests
}
