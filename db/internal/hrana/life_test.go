package hrana

import (
	"context"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"runtime"
	"sync"
	"testing"
	"time"
)

// TestLife ends requests of a connection in all ways, at any time: the next one of it
// doesn't end with them.
func TestLife(t *testing.T) {
	t.Parallel()
	c := newConn(t, Config{URL: script(t, always200(okReply))})
	next := func(what string) {
		t.Helper()
		for range 3 {
			if err := execContext(context.Background(), t, c, insertOne); err != nil {
				t.Fatalf("after %s: %v", what, err)
			}
		}
	}
	next("nothing")
	first := c.life
	next("a request that went well")
	if c.life != first {
		t.Error("each request has a life of its own")
	}
	for range 300 {
		ctx, cancel := context.WithCancel(context.Background())
		go cancel()
		execContext(ctx, t, c, insertOne)
		next("a caller that ends at any time")
	}
	for range 300 {
		c.db.cfg.RequestTimeout = 400 * time.Microsecond
		execContext(context.Background(), t, c, insertOne)
		c.db.cfg.RequestTimeout = 0
		next("a time limit that ends at any time")
	}
	for range 300 {
		var pool sync.WaitGroup
		pool.Go(c.db.Interrupt)
		execContext(context.Background(), t, c, insertOne)
		pool.Wait()
		c.db.ending = make(chan struct{}) // as if it hadn't been closed
		next("a pool that ends at any time")
	}
}

// TestCallersContext has what the program put into its context: values, and a trace.
func TestCallersContext(t *testing.T) {
	t.Parallel()
	type valueKey struct{}
	var value any
	c := newConn(t, Config{
		URL: script(t, always200(okReply)),
		Proxy: func(r *http.Request) (*url.URL, error) {
			value = r.Context().Value(valueKey{})
			return nil, nil
		},
	})
	traced := 0
	ctx := context.WithValue(t.Context(), valueKey{}, "a value")
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { traced++ }})
	for range 2 {
		if err := execContext(ctx, t, c, insertOne); err != nil {
			t.Fatal(err)
		}
	}
	if err := exec(t, c, insertOne); err != nil {
		t.Fatal(err)
	}
	if traced != 2 || !c.life.connected.Load() {
		t.Errorf("the program's trace was called %d times, want 2, and ours: %v", traced, c.life.connected.Load())
	}
	if value != nil {
		t.Errorf("a request has the value of an earlier one: %v", value)
	}
	if err := execContext(ctx, t, c, insertOne); err != nil || value != "a value" {
		t.Errorf("the value is %v, error %v", value, err)
	}
}

// TestSpoiltLife has a caller end just before its request does: a life that is about to end
// serves no other request, whether it has ended by then or not.
func TestSpoiltLife(t *testing.T) {
	t.Parallel()
	c := newConn(t, Config{URL: script(t, always200(okReply))})
	for range 1000 {
		l := newLife(c.db)
		ctx, cancel := context.WithCancel(t.Context())
		l.begin(ctx, false)
		cancel()
		l.end()
		if l.serves() {
			t.Fatal("a life serves that its caller ends")
		}
	}
}

// TestCallerIsForgotten looks at what an idle connection keeps of a call that its context
// has ended.
func TestCallerIsForgotten(t *testing.T) {
	t.Parallel()
	c := newConn(t, Config{URL: script(t, func(w http.ResponseWriter, r *http.Request, n int, _ string) {
		if n == 1 {
			w.Write([]byte(okReply))
			return
		}
		<-r.Context().Done()
	})})
	if err := exec(t, c, insertOne); err != nil {
		t.Fatal(err)
	}
	freed := make(chan struct{})
	func() {
		type valueKey struct{}
		value := new([64]byte)
		runtime.AddCleanup(value, func(freed chan struct{}) { close(freed) }, freed)
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), valueKey{}, value))
		time.AfterFunc(5*time.Millisecond, cancel)
		if err := execContext(ctx, t, c, insertOne); err == nil {
			t.Error("no error")
		}
	}()
	for deadline := time.Now().Add(10 * time.Second); ; {
		runtime.GC()
		select {
		case <-freed:
			runtime.KeepAlive(c)
			return
		case <-time.After(time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatal("the connection keeps the context")
		}
	}
}
