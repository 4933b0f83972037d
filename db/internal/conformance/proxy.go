package conformance

import (
	"bytes"
	"context"
	"database/sql"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
)

// A proxy forwards requests to the server, and applies a fault to them.
type proxy struct {
	server  *httptest.Server
	forward http.Handler

	mu    sync.Mutex
	fault func(w http.ResponseWriter, r *http.Request, body string) (done bool)
}

// through opens a pool that reaches the server through a proxy.
func (t *tester) through() (*proxy, *sql.DB) {
	t.Helper()
	d := t.fixture.database
	target, err := url.Parse(d.Server.URL())
	if err != nil {
		t.Fatal(err)
	}
	forward := httputil.NewSingleHostReverseProxy(target)
	// A connection for each request: a kept one may be closed by the server at any moment, such as after a
	// refusal, and a request on it would be a fault for which no test asked.
	transport := &http.Transport{DisableKeepAlives: true}
	forward.Transport, forward.FlushInterval = transport, -1
	forward.ErrorLog = log.New(io.Discard, "", 0) // disconnecting clients are expected
	p := &proxy{forward: forward}
	p.server = httptest.NewUnstartedServer(p)
	p.server.Config.ErrorLog = forward.ErrorLog
	p.server.Start()
	t.Cleanup(func() {
		p.server.CloseClientConnections()
		p.server.Close()
	})
	if !strings.Contains(d.URL, d.Server.URL()) {
		t.Fatalf("the database's URL doesn't have the server's in it")
	}
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	pool, err := t.fixture.engine.Open(ctx, strings.Replace(d.URL, d.Server.URL(), p.server.URL, 1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.set(nil)
		if err := pool.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return p, pool
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	p.mu.Lock()
	fault := p.fault
	p.mu.Unlock()
	r.Body = io.NopCloser(bytes.NewReader(body))
	if fault == nil || !fault(w, r, string(body)) {
		p.forward.ServeHTTP(w, r)
	}
}

// set sets the proxy's fault, or removes it.
func (p *proxy) set(fault func(http.ResponseWriter, *http.Request, string) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = fault
}

// loseAnswers forwards requests that contain mark, and closes the connection instead of
// sending the reply. count returns the number of such requests.
func (p *proxy) loseAnswers(mark string) (count func() int) {
	var mu sync.Mutex
	n := 0
	p.set(func(_ http.ResponseWriter, r *http.Request, body string) bool {
		if !strings.Contains(body, mark) {
			return false
		}
		mu.Lock()
		n++
		mu.Unlock()
		p.forward.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	})
	return func() int {
		mu.Lock()
		defer mu.Unlock()
		return n
	}
}

// beSilent makes the proxy accept requests and never reply.
func (p *proxy) beSilent() {
	p.set(func(_ http.ResponseWriter, r *http.Request, _ string) bool {
		<-r.Context().Done()
		return true
	})
}
