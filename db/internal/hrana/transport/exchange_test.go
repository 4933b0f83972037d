package transport

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/wire"
)

// TestExchangeEnds ends requests in each way, at any time. No later request ends with them.
func TestExchangeEnds(t *testing.T) {
	t.Parallel()
	c := newClient(t, Config{URL: serve(t, answerOK)})
	next := func(end string) {
		t.Helper()
		if err := send(context.Background(), c); err != nil {
			t.Fatalf("after %s: %v", end, err)
		}
	}
	for range 300 {
		ctx, cancel := context.WithCancel(context.Background())
		go cancel()
		if err := send(ctx, c); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatalf("a canceled request: %v", err)
		}
		next("the end of the caller's context")
	}
	for range 300 {
		c.cfg.RequestTimeout = 400 * time.Microsecond
		if err := send(context.Background(), c); err != nil && !errors.Is(err, ErrTimeout) {
			t.Fatalf("a request with a time limit: %v", err)
		}
		c.cfg.RequestTimeout = 0
		next("a timeout")
	}
	for range 300 {
		var pool sync.WaitGroup
		pool.Go(c.Interrupt)
		if err := send(context.Background(), c); err != nil && !errors.Is(err, ErrClosed) {
			t.Fatalf("a request when the pool is closed: %v", err)
		}
		pool.Wait()
		if err := send(context.Background(), c); !errors.Is(err, ErrClosed) {
			t.Fatalf("a request of a closed pool: %v", err)
		}
		c.interrupted, c.interrupt = context.WithCancel(context.Background()) // undoes Interrupt
		next("the end of the pool")
	}
}

// TestCallersContext checks that a request has the values and the trace of its caller's context.
func TestCallersContext(t *testing.T) {
	t.Parallel()
	type valueKey struct{}
	var value any
	c := newClient(t, Config{
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
		if err := send(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	a, err := c.Send(ctx, c.site.Pipeline(wire.JSON), []byte(`{"requests":[]}`), false, new(engine.Meter))
	if err != nil {
		t.Fatal(err)
	}
	a.Close()
	if err := send(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if traced != 3 || !a.exchange.connected.Load() {
		t.Errorf("the caller's trace was called %d times, want 3, and ours: %v", traced, a.exchange.connected.Load())
	}
	if value != nil {
		t.Errorf("a request has the value of an earlier one: %v", value)
	}
	if err := send(ctx, c); err != nil || value != "a value" {
		t.Errorf("the value is %v, error %v", value, err)
	}
}

// TestCallerIsForgotten checks that an idle client doesn't keep the context of its last request.
func TestCallerIsForgotten(t *testing.T) {
	t.Parallel()
	c := newClient(t, Config{URL: serve(t, func(w http.ResponseWriter, r *http.Request, n int, _ string) {
		if n == 1 {
			w.Write([]byte("OK"))
			return
		}
		<-r.Context().Done()
	})})
	if err := send(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	freed := make(chan struct{})
	func() {
		type valueKey struct{}
		value := new([64]byte)
		runtime.AddCleanup(value, func(freed chan struct{}) { close(freed) }, freed)
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), valueKey{}, value))
		time.AfterFunc(5*time.Millisecond, cancel)
		if err := send(ctx, c); err == nil {
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
			t.Fatal("the client keeps the context")
		}
	}
}
