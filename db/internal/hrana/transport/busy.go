package transport

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
)

// The first pause for a busy server is about busyFirst. Each later one is twice as long, up to
// busyLast.
const (
	busyFirst = 20 * time.Millisecond
	busyLast  = 500 * time.Millisecond
)

// A BusyWait counts the pauses of one call. It begins with a Meter alone.
type BusyWait struct {
	Meter       *engine.Meter // counts the pauses and the repeats after them
	next, total time.Duration
}

// Pause waits before a refused request is sent again. It returns refusal, at once, if the pauses
// of w would take longer than Config.BusyTimeout. It returns an error early if the context ends or
// the pool is closed. The length is random within bounds, so that clients that were refused
// together don't come back together.
func (c *Client) Pause(ctx context.Context, w *BusyWait, refusal error) error {
	w.next = min(max(2*w.next, busyFirst), busyLast)
	pause := w.next/2 + rand.N(w.next)
	if w.total += pause; w.total > c.cfg.BusyTimeout {
		return refusal
	}
	defer w.Meter.Wait(time.Now())
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-c.interrupted.Done():
	}
	if c.interrupted.Err() != nil {
		return engine.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	w.Meter.Repeats++
	return nil
}
