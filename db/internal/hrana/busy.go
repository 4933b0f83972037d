package hrana

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
)

// A server that has too much to do is asked again after busyFirst, then after twice as
// long, and so on to busyLast.
const (
	busyFirst = 20 * time.Millisecond
	busyLast  = 500 * time.Millisecond
)

// busyWait is the wait for a server that has too much to do.
type busyWait struct {
	next, total time.Duration
}

// pause waits, or returns refusal when that would be for longer than Config.BusyTimeout in
// all. It is a little longer or shorter each time, so that those who wait don't come
// back all at once. It ends with the pool: no request is under way that would.
func (d *database) pause(ctx context.Context, w *busyWait, refusal error) error {
	w.next = min(max(2*w.next, busyFirst), busyLast)
	pause := w.next/2 + rand.N(w.next)
	if w.total += pause; w.total > d.cfg.BusyTimeout {
		return refusal
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-d.ending:
	}
	select {
	case <-d.ending:
		return engine.ErrClosed
	default:
		return ctx.Err()
	}
}
