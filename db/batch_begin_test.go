package db_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/duolite/duolite/db"
)

// TestNoCallBeginsAfterRun ends the context of Run while its calls are being started. After
// Run has returned, no function may begin.
func TestNoCallBeginsAfterRun(t *testing.T) {
	t.Parallel()
	pool := open(t, ":memory:")
	var late atomic.Int64
	var done atomic.Bool
	defer done.Store(true)
	for range 4 { // so that a goroutine that is started has to wait
		go func() {
			for !done.Load() {
			}
		}()
	}
	for i := range 100 {
		ctx, cancel := context.WithCancel(t.Context())
		var returned atomic.Bool
		b := db.NewBatch(pool, newItems)
		for range 3 {
			db.Queue(b, func(q *itemQueries) (int64, error) {
				if returned.Load() {
					late.Add(1)
				}
				return 0, nil
			})
		}
		go cancel()
		for range i % 3 {
			runtime.Gosched()
		}
		_ = b.Run(ctx)
		returned.Store(true)
	}
	for range 100 {
		runtime.Gosched()
	}
	if n := late.Load(); n > 0 {
		t.Errorf("%d functions began after Run had returned", n)
	}
}
