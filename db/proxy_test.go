package db_test

import (
	"bytes"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"sync/atomic"
	"testing"
)

// A proxy is in front of a server. The function serve gets each request with its body, and
// passes it on by forward.
type proxy struct {
	*httptest.Server
	forward http.Handler
	conns   atomic.Int64 // connections of clients so far
}

func startProxy(t *testing.T, server string, serve func(p *proxy, w http.ResponseWriter, r *http.Request, body []byte)) *proxy {
	t.Helper()
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	// Its own limits must not be what a test measures, and its clients may go away.
	transport, quiet := &http.Transport{MaxIdleConnsPerHost: 64}, log.New(io.Discard, "", 0)
	forward := httputil.NewSingleHostReverseProxy(target)
	forward.Transport, forward.FlushInterval, forward.ErrorLog = transport, -1, quiet
	p := &proxy{forward: forward}
	p.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, err := io.ReadAll(r.Body); err == nil {
			r.Body = io.NopCloser(bytes.NewReader(body))
			serve(p, w, r, body)
		}
	}))
	p.Config.ErrorLog = quiet
	p.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			p.conns.Add(1)
		}
	}
	p.Start()
	t.Cleanup(func() {
		p.CloseClientConnections()
		p.Close()
		transport.CloseIdleConnections()
	})
	return p
}

// batonFields find the baton in a request or a reply of either encoding. In protobuf it is the first field.
var batonFields = []*regexp.Regexp{regexp.MustCompile(`"baton": ?"([^"]+)"`), regexp.MustCompile(`^(?:.|)\x0a.([A-Za-z0-9+/=]{32,})`)}

// batonOf returns the baton in a body, or "".
func batonOf(body []byte) string {
	for _, field := range batonFields {
		if found := field.FindSubmatch(body); found != nil {
			return string(found[1])
		}
	}
	return ""
}
