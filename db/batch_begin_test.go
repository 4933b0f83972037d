package db_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
)

// A lateContext is done, but says so only from its second Err on: it ends while the first
// call of a batch is being started.
type lateContext struct {
	context.Context
	asked atomic.Int64
}

func (c *lateContext) Done() <-chan struct{} {
	done := make(chan struct{})
	close(done)
	return done
}

func (c *lateContext) Err() error {
	if c.asked.Add(1) == 1 {
		return nil
	}
	return context.Canceled
}

// TestNoCallBeginsAfterRun ends the context of Run while its first call is being started. With
// one processor the call's goroutine has to wait until Run has returned: its function mustn't
// begin then.
func TestNoCallBeginsAfterRun(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	pool := open(t, ":memory:")
	var late atomic.Int64
	for range 50 {
		var returned atomic.Bool
		b := db.NewBatch(pool, newItems)
		db.Queue(b, func(q *itemQueries) (int64, error) {
			if returned.Load() {
				late.Add(1)
			}
			return 0, nil
		})
		if err := b.Run(&lateContext{Context: t.Context()}); err == nil {
			t.Fatal("Run succeeds although its context has ended")
		}
		returned.Store(true)
		time.Sleep(time.Millisecond) // in which the goroutine runs
	}
	if n := late.Load(); n > 0 {
		t.Errorf("%d functions began after Run had returned", n)
	}
}
