package soak_test

import (
	"errors"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A logProxy is a network between replicas and a server that treats the server's log in another way
// than statements.
type logProxy struct {
	URL    string
	target atomic.Pointer[url.URL]
	// delay bounds the pause before each piece of the log.
	delay atomic.Int64
	// cut bounds the bytes of every other answer about the log, after which the connection is cut; 0 is
	// no bound.
	cut atomic.Int64
	// lose: the answers to one in so many requests with statements are lost; 0 is none.
	lose atomic.Int64
	// twice sends each request about the log twice, of which the first answer is dropped.
	twice atomic.Bool
	// token replaces the token of requests about the log, if it isn't "".
	token atomic.Pointer[string]
	// silent holds back all answers about the log, or only the ones with frames.
	silent atomic.Pointer[string]

	transport *http.Transport

	requests, snapshots, frames, cuts, lost atomic.Int64
}

const (
	logService = "/wal_log.ReplicationLog/"
	everything = logService
	allFrames  = logService + "LogEntries"
)

func startLogProxy(t *testing.T, target string) *logProxy {
	t.Helper()
	transport := &http.Transport{}
	p := &logProxy{transport: transport}
	p.target.Store(parse(t, target))
	proxy := &httputil.ReverseProxy{
		Rewrite:        p.rewrite,
		Transport:      transport,
		FlushInterval:  -1,
		ModifyResponse: p.answer,
		ErrorHandler:   func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		ErrorLog:       log.New(io.Discard, "", 0),
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.count(r.URL.Path)
		if isLog(r) && p.twice.Load() {
			first := r.Clone(r.Context())
			body, _ := io.ReadAll(r.Body)
			first.Body, r.Body = io.NopCloser(strings.NewReader(string(body))), io.NopCloser(strings.NewReader(string(body)))
			first.URL, first.RequestURI = p.target.Load().JoinPath(r.URL.Path), ""
			if resp, err := transport.RoundTrip(first); err == nil {
				resp.Body.Close()
			}
		}
		proxy.ServeHTTP(w, r)
	}))
	server.Config.ErrorLog = proxy.ErrorLog
	server.Start()
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		transport.CloseIdleConnections()
	})
	p.URL = server.URL
	return p
}

// idle closes the proxy's connections to the server that nobody uses.
func (p *logProxy) idle() { p.transport.CloseIdleConnections() }

func parse(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func isLog(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, logService) }

func (p *logProxy) count(path string) {
	p.requests.Add(1)
	switch path {
	case logService + "Snapshot":
		p.snapshots.Add(1)
	case allFrames:
		p.frames.Add(1)
	}
}

func (p *logProxy) rewrite(r *httputil.ProxyRequest) {
	r.SetURL(p.target.Load())
	if token := p.token.Load(); token != nil && isLog(r.In) {
		r.Out.Header.Set("Authorization", "Bearer "+*token)
	}
}

var errCut = errors.New("the test cuts the connection")

// answer is called with each answer before it is passed on.
func (p *logProxy) answer(resp *http.Response) error {
	if isLog(resp.Request) {
		body := &logBody{ReadCloser: resp.Body, proxy: p, request: resp.Request}
		if n := p.cut.Load(); n > 0 && rand.IntN(2) == 0 {
			body.left = 1 + rand.Int64N(n)
		}
		resp.Body = body
		return nil
	}
	if n := p.lose.Load(); n > 0 && rand.Int64N(n) == 0 {
		io.Copy(io.Discard, resp.Body)
		p.lost.Add(1)
		return errCut
	}
	return nil
}

// A logBody is an answer about the log.
type logBody struct {
	io.ReadCloser
	proxy   *logProxy
	request *http.Request
	left    int64 // bytes until it is cut, or 0
}

func (b *logBody) Read(to []byte) (int, error) {
	n, err := b.ReadCloser.Read(to)
	for silent := b.proxy.silent.Load(); silent != nil && strings.HasPrefix(b.request.URL.Path, *silent); silent = b.proxy.silent.Load() {
		if b.request.Context().Err() != nil {
			return 0, errCut
		}
		time.Sleep(time.Millisecond)
	}
	if delay := b.proxy.delay.Load(); delay > 0 && b.request.URL.Path == allFrames {
		time.Sleep(time.Duration(rand.Int64N(delay)))
	}
	if b.left == 0 {
		return n, err
	}
	if int64(n) >= b.left {
		b.proxy.cuts.Add(1)
		return int(b.left), errCut
	}
	b.left -= int64(n)
	return n, err
}
