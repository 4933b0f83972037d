package db_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestDoneIsNoError ends contexts at about the time at which a write is done: either the
// call has the context's error and nothing was written, or it has none. SQLite calls the
// progress handler each thousand steps at a jump or at the end of the statement. The update has
// that many, and no jump, so that the handler is called when the update is done.
func TestDoneIsNoError(t *testing.T) {
	t.Parallel()
	for _, url := range []string{":memory:", filepath.Join(t.TempDir(), "app.db")} {
		pool := open(t, url)
		execute(t, pool, "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)", "INSERT INTO t VALUES (1, 0)")
		update := "UPDATE t SET n = n + 1" + strings.Repeat(" + n * 0", 500) + " WHERE id = 1"
		const calls = 100
		begin := time.Now()
		for range calls {
			execute(t, pool, update)
		}
		canceler := startCanceler(t, 2*time.Since(begin)/calls)
		done, ended := calls, 0
		for range rounds(1000) {
			ctx, cancel := context.WithCancel(t.Context())
			canceler.Store(&cancel)
			_, err := pool.ExecContext(ctx, update)
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

// startCanceler cancels the contexts that are put in, each after a random time up to a limit.
// Timers and new goroutines are too coarse for that.
func startCanceler(t *testing.T, limit time.Duration) *atomic.Pointer[context.CancelFunc] {
	next, stop := new(atomic.Pointer[context.CancelFunc]), new(atomic.Bool)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ; !stop.Load(); runtime.Gosched() {
			if cancel := next.Load(); cancel != nil {
				begin, wait := time.Now(), rand.N(limit)
				for next.Load() == cancel && time.Since(begin) < wait {
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
