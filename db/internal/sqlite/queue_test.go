package sqlite

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
)

// waiters waits until n are waiting in the queue.
func waiters(t *testing.T, q *queue, n int) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		q.mu.Lock()
		now := q.waiting.Len()
		q.mu.Unlock()
		if now == n {
			return
		}
	}
	t.Fatalf("%d don't wait", n)
}

func TestQueueIsFair(t *testing.T) {
	t.Parallel()
	const n = 20
	var q queue
	must(t, q.enter(callOf(t.Context()), time.Minute, nil, new(engine.Meter)))
	var group sync.WaitGroup
	var order []int // written by who has the turn
	for i := range n {
		group.Go(func() {
			if err := q.enter(callOf(context.Background()), time.Minute, nil, new(engine.Meter)); err != nil {
				t.Error(err)
			}
			order = append(order, i)
			q.leave()
		})
		waiters(t, &q, i+1)
	}
	q.leave()
	group.Wait()
	for i, got := range order {
		if got != i {
			t.Fatalf("got order %v", order)
		}
	}
	if q.held.Load() {
		t.Error("the queue is held by nobody")
	}
}

// TestQueueMoves lets each of many keep the queue for a part of the timeout, together
// for many times the timeout.
func TestQueueMoves(t *testing.T) {
	t.Parallel()
	const n, timeout = 12, 200 * time.Millisecond
	var q queue
	must(t, q.enter(callOf(t.Context()), timeout, nil, new(engine.Meter)))
	var group sync.WaitGroup
	for range n {
		group.Go(func() {
			if err := q.enter(callOf(context.Background()), timeout, nil, new(engine.Meter)); err != nil {
				t.Error(err)
				return
			}
			time.Sleep(timeout / 4)
			q.leave()
		})
	}
	waiters(t, &q, n)
	q.leave()
	group.Wait()
}

func TestQueueGivesUp(t *testing.T) {
	t.Parallel()
	var q queue
	must(t, q.enter(callOf(t.Context()), 0, nil, new(engine.Meter)))

	checkKind(t, "no wait", q.enter(callOf(t.Context()), 0, nil, new(engine.Meter)), engine.ErrBusy, 5)
	begin := time.Now()
	err := q.enter(callOf(t.Context()), 30*time.Millisecond, nil, new(engine.Meter))
	checkKind(t, "a wait", err, engine.ErrBusy, 5)
	check(t, "text", err.Error(), "database is locked")
	if waited := time.Since(begin); waited < 30*time.Millisecond {
		t.Errorf("gives up after %v", waited)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := q.enter(callOf(ctx), time.Minute, nil, new(engine.Meter)); err != context.DeadlineExceeded {
		t.Errorf("got error %v, want that of the context", err)
	}
	q.leave()
	must(t, q.enter(callOf(t.Context()), 0, nil, new(engine.Meter)))
}

// TestQueueLosesNoTurn ends waits while turns are handed over.
func TestQueueLosesNoTurn(t *testing.T) {
	t.Parallel()
	var q queue
	var inside atomic.Int32
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for range 200 {
				ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i)*20*time.Microsecond)
				err := q.enter(callOf(ctx), time.Duration(i+1)*30*time.Microsecond, nil, new(engine.Meter))
				var e *engine.Error
				if err == nil {
					if inside.Add(1) != 1 {
						t.Error("two have the turn")
					}
					time.Sleep(10 * time.Microsecond)
					inside.Add(-1)
					q.leave()
				} else if err != context.DeadlineExceeded && !errors.As(err, &e) {
					t.Error(err)
				}
				cancel()
			}
		})
	}
	group.Wait()
	must(t, q.enter(callOf(t.Context()), 0, nil, new(engine.Meter)))
}

func callOf(ctx context.Context) *call { return &call{ctx: ctx, done: ctx.Done()} }
