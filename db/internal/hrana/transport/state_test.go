package transport

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

// TestRequestState ends requests of a sender in each way, at any time. The sender's next requests
// must not end with them.
func TestRequestState(t *testing.T) {
	t.Parallel()
	s := newSender(t, Config{URL: serve(t, answerOK)})
	c := s.client
	next := func(what string) {
		t.Helper()
		for range 3 {
			if err := send(context.Background(), s); err != nil {
				t.Fatalf("after %s: %v", what, err)
			}
		}
	}
	next("the start")
	first := s.state
	next("a request that succeeded")
	if s.state != first {
		t.Error("each request has a state of its own")
	}
	for range 300 {
		ctx, cancel := context.WithCancel(context.Background())
		go cancel()
		send(ctx, s)
		next("the end of the caller's context")
	}
	for range 300 {
		c.cfg.RequestTimeout = 400 * time.Microsecond
		send(context.Background(), s)
		c.cfg.RequestTimeout = 0
		next("a timeout")
	}
	for range 300 {
		var pool sync.WaitGroup
		pool.Go(c.Interrupt)
		send(context.Background(), s)
		pool.Wait()
		c.interrupted = make(chan struct{}) // undoes Interrupt
		next("the end of the pool")
	}
}

// TestCallersContext checks that a request has the values and the trace of its caller's context.
func TestCallersContext(t *testing.T) {
	t.Parallel()
	type valueKey struct{}
	var value any
	s := newSender(t, Config{
		URL: serve(t, answerOK),
		Proxy: func(r *http.Request) (*url.URL, error) {
			value = r.Context().Value(valueKey{})
			return nil, nil
		},
	})
	traced := 0
	ctx := context.WithValue(t.Context(), valueKey{}, "a value")
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { traced++ }})
	for range 2 {
		if err := send(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	if err := send(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if traced != 2 || !s.state.connected.Load() {
		t.Errorf("the caller's trace was called %d times, want 2, and ours: %v", traced, s.state.connected.Load())
	}
	if value != nil {
		t.Errorf("a request has the value of an earlier one: %v", value)
	}
	if err := send(ctx, s); err != nil || value != "a value" {
		t.Errorf("the value is %v, error %v", value, err)
	}
}

// TestStaleState ends the caller's context just before its request: no other request may use a state
// that is about to be canceled.
func TestStaleState(t *testing.T) {
	t.Parallel()
	c := newSender(t, Config{URL: "http://127.0.0.1:1"}).client
	for range 1000 {
		s := newRequestState(c)
		ctx, cancel := context.WithCancel(t.Context())
		s.begin(ctx, false)
		cancel()
		s.end()
		if s.reusable() {
			t.Fatal("a state is reusable that its caller's context cancels")
		}
	}
}

// TestCallerIsForgotten checks that an idle sender doesn't keep the context of its last request.
func TestCallerIsForgotten(t *testing.T) {
	t.Parallel()
	s := newSender(t, Config{URL: serve(t, func(w http.ResponseWriter, r *http.Request, n int, _ string) {
		if n == 1 {
			w.Write([]byte("OK"))
			return
		}
		<-r.Context().Done()
	})})
	if err := send(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	freed := make(chan struct{})
	func() {
		type valueKey struct{}
		value := new([64]byte)
		runtime.AddCleanup(value, func(freed chan struct{}) { close(freed) }, freed)
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), valueKey{}, value))
		time.AfterFunc(5*time.Millisecond, cancel)
		if err := send(ctx, s); err == nil {
			t.Error("no error")
		}
	}()
	for deadline := time.Now().Add(10 * time.Second); ; {
		runtime.GC()
		select {
		case <-freed:
			runtime.KeepAlive(s)
			return
		case <-time.After(time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatal("the sender keeps the context")
		}
	}
}
