package replica

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana"
	"github.com/duolite/duolite/db/internal/replica/call"
	"github.com/duolite/duolite/db/internal/replica/localfile"
	"github.com/duolite/duolite/db/internal/replica/pull"
	"github.com/duolite/duolite/db/internal/replica/walog"
)

const (
	// The pause after a failure begins with minPause and doubles up to maxPause.
	minPause = 50 * time.Millisecond
	maxPause = 30 * time.Second
	// maxBroken is the number of answers in a row that may break off before it counts as a failure.
	maxBroken = 6
	// maxIdle is how long to wait for a frame before asking whether the server is still there. A
	// proxy may have dropped the connection without a word. While a read waits for a write, it is
	// patience.
	maxIdle  = 30 * time.Second
	patience = time.Second
)

// A follower brings the server's log to the copy, on one goroutine.
type follower struct {
	cfg   *Config
	log   *walog.Client
	pull  *pull.Client
	index *hrana.Index
	file  *localfile.File // used by run
	wake  chan struct{}   // ends a pause
	done  chan struct{}   // closed at the end of run

	mu      sync.Mutex
	pos     localfile.Position
	copied  bool // the file has a position
	state   State
	changed chan struct{} // closed and replaced when a field above changes

	next atomic.Uint64 // pos.Next
	// live: the server sends the log of the copy's history. When a server is replaced, this ends
	// before its successor can answer a write.
	live atomic.Bool
	// asked is the number of writes that had returned when the last session was opened, and seen the
	// number of writes that the copy has, if they belong to its history.
	asked, seen atomic.Uint64
	// opened is the value of the index's Histories when the last session was opened, and histories
	// when the last one was that continued the copy.
	opened, histories atomic.Uint64
	wait              atomic.Pointer[wait] // for frames, or nil
	session           *walog.Session       // whose log continues the copy, or nil; guarded by mu

	// pulling: the server speaks the second protocol, and not the first one.
	pulling atomic.Bool
	pulls   pulls // guarded by mu
}

// A wait is a wait for frames.
type wait struct {
	stop    func() // ends the wait, so that a session is opened
	timer   *time.Timer
	hurried atomic.Bool // the timer is set to patience
}

func newWait(stop func()) *wait {
	return &wait{stop: stop, timer: time.AfterFunc(maxIdle, stop)}
}

// heard begins the wait for the next frame.
func (w *wait) heard() {
	w.hurried.Store(false)
	w.timer.Reset(maxIdle)
}

// hurry bounds the wait by patience.
func (w *wait) hurry() {
	if !w.hurried.Swap(true) {
		w.timer.Reset(patience)
	}
}

// State is the state of a copy.
type State struct {
	// Next is the number of the first frame of the server's log that the copy doesn't have. Server is
	// the same number for the server, at Contact.
	Next, Server uint64
	// Committed is the time of the last commit in the copy by the server's clock, or zero if the
	// server hasn't said it.
	Committed time.Time
	// Contact is the time of the last message from the server, or zero.
	Contact time.Time
	// Err is the reason why the copy doesn't follow the server now, or nil.
	Err error
}

// start sets the position before run.
func (f *follower) start(pos localfile.Position) {
	f.pos, f.copied = pos, true
	f.next.Store(pos.Next)
	f.pulling.Store(pos.HasRevision())
}

// run follows the log until ctx ends.
func (f *follower) run(ctx context.Context) {
	defer close(f.done)
	a, p := &applier{f: f}, &puller{f: f, client: f.pull}
	pause, broken := minPause, 0
	for ctx.Err() == nil {
		progress, err := f.round(ctx, a, p)
		if ctx.Err() != nil {
			break
		}
		if progress || err == nil {
			pause, broken = minPause, 0
		}
		switch {
		case err == nil && f.poll() > 0:
			f.sleep(ctx, 0, f.poll())
		case err == nil, errors.Is(err, localfile.ErrMoved), errors.Is(err, walog.ErrNeedHello) && progress:
		default:
			if broken++; !progress && (a.session == nil || broken >= maxBroken) {
				f.failed(err)
			}
			f.sleep(ctx, minPause/2, pause/2+rand.N(pause/2))
			pause = min(2*pause, maxPause)
		}
	}
	a.drop()
}

// round brings changes by the protocol that the server speaks.
func (f *follower) round(ctx context.Context, a *applier, p *puller) (progress bool, err error) {
	var unsupported error
	if !f.pulling.Load() {
		progress, err = a.round(ctx)
		if !errors.Is(err, call.ErrUnsupported) {
			return progress, err
		}
		unsupported = err
	}
	progress, err = p.round(ctx)
	f.pulling.Store(!errors.Is(err, call.ErrUnsupported))
	if unsupported != nil && !f.pulling.Load() {
		err = errNoReplication(unsupported, err)
	}
	return progress, err
}

// poll returns the pause between two rounds without an error.
func (f *follower) poll() time.Duration {
	if f.cfg.Poll == 0 && f.pulling.Load() {
		return pullPause
	}
	return f.cfg.Poll
}

// sleep waits for d. Somebody who wants the newest state ends the wait, but not before least.
func (f *follower) sleep(ctx context.Context, least, d time.Duration) {
	select {
	case <-ctx.Done():
		return
	case <-time.After(least):
	}
	timer := time.NewTimer(d - least)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-f.wake:
	}
}

// hurry ends a pause of the follower, and a session with a server that was replaced.
func (f *follower) hurry() {
	switch w := f.wait.Load(); {
	case w == nil:
	case f.opened.Load() != f.index.Histories():
		w.stop()
	default:
		w.hurry()
	}
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// failed records why the copy doesn't follow. A snapshot that the server still writes is no failure,
// nor is another process that writes the file.
func (f *follower) failed(err error) {
	e, is := err.(*engine.Error)
	if errors.Is(err, walog.ErrSnapshotNotReady) || is && e.Kind == engine.ErrBusy {
		return
	}
	f.update(func() { f.state.Err = err })
}

// has reports whether the copy has all writes that have returned. The index of the last one counts in
// the history in which it was made, and so only if the server hasn't changed since.
func (f *follower) has() bool {
	writes := f.index.Writes()
	if f.seen.Load() >= writes {
		return true
	}
	if f.histories.Load() != f.index.Histories() {
		return false
	}
	last, _ := f.index.Last()
	if f.pulling.Load() {
		last = 0 // the copy's position has no number to compare it with
	}
	if last > 0 && f.next.Load() <= last || !f.live.Load() && f.asked.Load() < writes {
		return false
	}
	f.seen.Store(writes)
	return true
}

// A sessionStart is the state of the index before a session was opened.
type sessionStart struct {
	writes, histories uint64
	sent              hrana.Moment
}

func (f *follower) newStart() sessionStart {
	return sessionStart{f.index.Writes(), f.index.Histories(), f.index.Now()}
}

// began records that the server sends the log of the copy's history from now on.
func (f *follower) began(start sessionStart, session *walog.Session) {
	f.update(func() {
		f.session = session
		f.histories.Store(start.histories)
		f.asked.Store(start.writes)
		f.live.Store(f.cfg.Poll == 0)
	})
}

// left records that the log no longer continues the copy, which is made anew.
func (f *follower) left() { f.update(func() { f.session = nil }) }

// ended records that the server sends the log no longer. What has been sent until now is the copy's
// history.
func (f *follower) ended() {
	f.has()
	f.live.Store(false)
}

// heard records a message from the server, which has the log up to next.
func (f *follower) heard(next uint64) {
	f.update(func() {
		f.state.Contact, f.state.Err = time.Now(), nil
		f.state.Server = max(next, f.state.Server)
	})
}

// reached records that the copy has a position.
func (f *follower) reached(pos localfile.Position, committed time.Time) {
	other := false
	f.update(func() {
		other = f.copied && (f.pos.History != pos.History || f.pos.Epoch != pos.Epoch)
		f.pos, f.copied = pos, true
		f.next.Store(pos.Next)
		if other {
			f.state, f.session = State{Server: pos.Next}, nil
		}
		f.state.Next, f.state.Server = pos.Next, max(f.state.Server, pos.Next)
		if !committed.IsZero() {
			f.state.Committed = committed
		}
	})
	if other {
		f.index.Forget()
	}
	if pos.Next > 0 {
		f.index.Reached(pos.Next - 1)
	}
}

// update changes fields, and wakes all who wait for a change.
func (f *follower) update(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
	close(f.changed)
	f.changed = make(chan struct{})
}

// at returns the position, whether there is one, and a channel that is closed when it changes.
func (f *follower) at() (pos localfile.Position, copied bool, changed <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.pos, f.copied, f.changed
}

// State returns the state of the copy.
func (f *follower) State() State {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.state
	s.Next = f.pos.Next
	return s
}
