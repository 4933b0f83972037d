package db_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
)

// TestDoneIsNoError ends contexts at about the time at which a write is done: either the
// call has the context's error and nothing was written, or it has none.
func TestDoneIsNoError(t *testing.T) {
	t.Parallel()
	for _, url := range []string{":memory:", filepath.Join(t.TempDir(), "app.db")} {
		pool := open(t, url)
		execute(t, pool, "CREATE TABLE t (n INTEGER NOT NULL)", "INSERT INTO t VALUES (0)")
		canceler := startCanceler(t)
		done, ended := 0, 0
		for range 20_000 {
			ctx, cancel := context.WithCancel(t.Context())
			canceler.Store(&cancel)
			_, err := pool.ExecContext(ctx, "UPDATE t SET n = n + 1")
			canceler.Store(nil)
			cancel()
			switch {
			case err == nil:
				done++
			case errors.Is(err, context.Canceled):
				ended++
			default:
				t.Fatal(err)
			}
		}
		check(t, url+": updates that are done", get[int](t, pool, "SELECT n FROM t"), done)
		t.Logf("%d done, %d ended", done, ended)
	}
}

// startCanceler cancels what is put in, a few microseconds later, for which timers and
// new goroutines are too coarse.
func startCanceler(t *testing.T) *atomic.Pointer[context.CancelFunc] {
	next, stop := new(atomic.Pointer[context.CancelFunc]), new(atomic.Bool)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ; !stop.Load(); runtime.Gosched() {
			if cancel := next.Load(); cancel != nil {
				for range rand.N(10_000) {
					if next.Load() != cancel {
						break // the call is over
					}
				}
				(*cancel)()
			}
		}
	}()
	t.Cleanup(func() {
		stop.Store(true)
		<-ended
	})
	return next
}
