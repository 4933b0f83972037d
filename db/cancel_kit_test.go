package db_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"go.uber.org/goleak"
)

// hangs is the time after which a call counts as one that never returns.
const hangs = 20 * time.Second

// A site is a database with the pool under test.
type site struct {
	url     string
	opts    []db.Option
	pool    *sql.DB
	other   *sql.DB                 // a pool on the same database that nothing blocks
	proxy   *proxy                  // between the pool and the server
	server  string                  // the server's own URL
	serving sync.RWMutex            // read-locked while a request is served
	baton   atomic.Value            // of the last reply
	blocked atomic.Pointer[attempt] // the attempt for which requests and tokens wait
}

// A point is a place where calls wait until their context ends.
type point struct {
	name        string
	at          string           // the word of the operations that wait here
	except      string           // operations with the word that don't wait here, separated by commas
	exec, query string           // statements that wait
	hold        func(a *attempt) // makes calls wait; the default is block
	// serve treats requests so that their client waits.
	serve   func(a *attempt, w http.ResponseWriter, r *http.Request)
	cursors bool // serve treats only the requests for cursors
	tokens  bool // the token function waits
	fresh   bool // only the first call of a pool waits
	// locked is the word of the operations whose transaction the client can't end on the
	// server. A server ends it by itself if another one waits for the lock for 5 s.
	locked string
}

func (p point) stops(o operation) bool {
	return o.is(p.at) && !slices.Contains(strings.Split(p.except, ", "), o.name)
}

// An ending is the way in which a context ends: by a cancellation or a deadline, before the
// call or while it waits.
type ending struct {
	name    string
	timeout time.Duration // 0 for a cancellation
	during  bool
}

var endings = []ending{
	{"canceled before", 0, false},
	{"deadline before", -time.Second, false},
	{"canceled during", 0, true},
	{"deadline during", 30 * time.Millisecond, true},
}

// An attempt is one call at a point. Its context ends.
type attempt struct {
	*site
	point
	t       *testing.T
	ctx     context.Context
	waits   func()        // is called when the call waits
	waiting chan struct{} // closed by waits
	ended   chan struct{} // closed when requests need no longer wait
	release []func()
}

func newAttempt(t *testing.T, s *site, p point, e ending) *attempt {
	ctx, cancel := context.WithCancel(background)
	if e.timeout != 0 {
		ctx, cancel = context.WithTimeout(background, e.timeout)
	}
	t.Cleanup(cancel)
	if !e.during {
		cancel()
	}
	a := &attempt{site: s, point: p, t: t, ctx: ctx, waiting: make(chan struct{}), ended: make(chan struct{})}
	a.waits = sync.OnceFunc(func() {
		close(a.waiting)
		if e.timeout == 0 {
			cancel()
		}
	})
	return a
}

// arm makes later calls wait, until disarm.
func (a *attempt) arm() {
	if a.hold == nil {
		a.block()
		return
	}
	a.hold(a)
}

func (a *attempt) disarm() {
	for _, release := range slices.Backward(a.release) {
		release()
	}
	a.release = nil
}

// waitsSoon is for calls that wait where the test can't see it.
func (a *attempt) waitsSoon() {
	timer := time.AfterFunc(10*time.Millisecond, a.waits)
	a.release = append(a.release, func() { timer.Stop() })
}

// block makes requests and tokens wait.
func (a *attempt) block() {
	a.blocked.Store(a)
	a.release = append(a.release, func() {
		a.blocked.Store(nil)
		close(a.ended)
		a.serving.Lock() // after the requests that wait
		defer a.serving.Unlock()
	})
}

// wait keeps a request until the attempt has ended.
func (a *attempt) wait() {
	a.waits()
	<-a.ended
}

// send sends a part of a reply.
func send(w http.ResponseWriter, status int, text string) {
	w.WriteHeader(status)
	io.WriteString(w, text)
	w.(http.Flusher).Flush()
}

// testPoint makes each call that waits at a point, with each ending. Afterwards no goroutine
// may be left, so these tests aren't parallel.
func testPoint(t *testing.T, p point, newSite func(t *testing.T) *site) {
	for _, o := range operations {
		if !p.stops(o) {
			continue
		}
		t.Run(p.name+"/"+o.name, func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			t.Cleanup(func() { checkGoroutines(t, before) }) // after the pools are closed
			siteOf := newSite
			if !p.fresh {
				shared := newSite(t)
				siteOf = func(*testing.T) *site { return shared }
			}
			for _, e := range endings {
				t.Run(e.name, func(t *testing.T) {
					a := newAttempt(t, siteOf(t), p, e)
					checkEnds(t, a.ctx, func() error { return o.run(a) })
					a.disarm()
					if e.during && o.is(p.locked) {
						a.closeStream()
					}
					a.checkFree()
				})
			}
		})
	}
}

// checkEnds makes a call, which must return with the error of its context.
func checkEnds(t *testing.T, ctx context.Context, call func() error) {
	t.Helper()
	checkReturns(t, func() {
		err := call()
		if ctx.Err() == nil || !errors.Is(err, ctx.Err()) {
			t.Errorf("the call returned %v, and the error of its context is %v", err, ctx.Err())
		}
		checkText(t, "error", err)
	})
}

// checkReturns makes a call, which must return. If it doesn't, the test shows where it waits.
func checkReturns(t *testing.T, call func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		call()
	}()
	select {
	case <-done:
	case <-time.After(hangs):
		stacks := make([]byte, 1<<20)
		t.Fatalf("the call hangs:\n%s", stacks[:runtime.Stack(stacks, true)])
	}
}

// checkFree checks that the pool reads and writes as before, and that no lock is left.
func (a *attempt) checkFree() {
	a.t.Helper()
	if a.pool == nil {
		return
	}
	checkReturns(a.t, func() {
		for a.pool.Stats().InUse > 0 {
			time.Sleep(time.Millisecond)
		}
		if err := a.pool.QueryRow("SELECT count(*) FROM t").Scan(new(int)); err != nil {
			a.t.Errorf("the pool can't read: %v", err)
		}
		if _, err := a.other.Exec("INSERT INTO t VALUES ('w')"); err != nil {
			a.t.Errorf("another can't write: %v", err)
		}
		if _, err := a.pool.Exec("DELETE FROM t"); err != nil {
			a.t.Errorf("the pool can't write: %v", err)
		}
	})
}

// checkGoroutines checks that no goroutine is left that wasn't there before.
func checkGoroutines(t *testing.T, before goleak.Option) {
	t.Helper()
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	err := goleak.Find(before)
	for begin := time.Now(); err != nil && time.Since(begin) < hangs; {
		err = goleak.Find(before)
	}
	if err != nil {
		t.Error(err)
	}
}

// servers starts a server, and returns a function that makes sites on it.
func servers(t *testing.T, opts ...dbtest.ServerOption) func(t *testing.T) *site {
	server := dbtest.StartServer(t, opts...).URL()
	execute(t, open(t, server), pointSchema, db.OnceSchema)
	return func(t *testing.T) *site {
		s := &site{other: open(t, server), server: server}
		s.proxy = startProxy(t, server, s.serveHTTP)
		s.url = s.proxy.URL
		s.pool = open(t, s.url, db.WithMaxOpenConns(4))
		return s
	}
}

func (s *site) serveHTTP(_ *proxy, w http.ResponseWriter, r *http.Request, body []byte) {
	s.serving.RLock()
	defer s.serving.RUnlock()
	a := s.blocked.Load()
	switch {
	case a == nil || a.serve == nil,
		a.cursors && !strings.HasSuffix(r.URL.Path, "/cursor") && r.URL.Path != "/elsewhere",
		bytes.Contains(body, []byte(`"requests":[{"type":"close"}]`)): // for which no call waits
		reply := s.reply(r)
		send(w, reply.Code, reply.Body.String())
	default:
		// The server's reply is read although the client goes away.
		a.serve(a, w, r.WithContext(context.WithoutCancel(r.Context())))
	}
}

// reply returns the server's reply.
func (s *site) reply(r *http.Request) *httptest.ResponseRecorder {
	reply := httptest.NewRecorder()
	s.proxy.forward.ServeHTTP(reply, r)
	if baton := batonOf(reply.Body.Bytes()); baton != "" {
		s.baton.Store(baton)
	}
	return reply
}

// closeStream ends the transaction of the stream that was used last.
func (a *attempt) closeStream() {
	reply, err := http.Post(a.server+"/v3/pipeline", "application/json", strings.NewReader(
		fmt.Sprintf(`{"baton":%q,"requests":[{"type":"close"}]}`, a.baton.Load())))
	if err != nil {
		a.t.Fatal(err)
	}
	reply.Body.Close()
}

func (s *site) token(ctx context.Context) (string, error) {
	if a := s.blocked.Load(); a != nil && a.tokens {
		a.waits()
		<-ctx.Done()
	}
	return "", ctx.Err()
}
