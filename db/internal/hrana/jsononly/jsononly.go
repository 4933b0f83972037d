// Package jsononly has servers without protobuf, for tests.
package jsononly

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
)

// Start starts a proxy in front of a server that has the endpoints of protobuf, and returns the proxy's URL. It
// answers as a server that has JSON only. It ends with the test.
func Start(tb testing.TB, server string) string {
	tb.Helper()
	target, err := url.Parse(server)
	if err != nil {
		tb.Fatalf("jsononly: %v", err)
	}
	forward := httputil.NewSingleHostReverseProxy(target)
	transport := &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}
	forward.Transport, forward.FlushInterval, forward.ErrorLog = transport, -1, log.New(io.Discard, "", 0)
	// Clients that go away are normal in tests.
	forward.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "protobuf") {
			http.NotFound(w, r)
			return
		}
		forward.ServeHTTP(w, r)
	}))
	tb.Cleanup(func() {
		front.CloseClientConnections()
		front.Close()
		transport.CloseIdleConnections()
	})
	return front.URL
}
