package replica

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/replica/walog"
)

// await calls wait with a context that also ends with the database.
func (d *database) await(ctx context.Context, wait func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(d.ctx, cancel)()
	err := wait(ctx)
	if err != nil && d.ctx.Err() != nil {
		return engine.ErrClosed
	}
	return err
}

// awaitWrites waits until the copy has the writes of this process that have returned. Each reply to a
// write has the number of a frame of the log, with which the write is there. If a reply was lost, the
// server is asked how far its log goes.
func (d *database) awaitWrites(ctx context.Context, f *follower) error {
	if d.cfg.StaleReads {
		return nil
	}
	if _, known := d.shared.index.Last(); known && f.has() {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, d.cfg.Local.BusyTimeout)
	defer cancel()
	err := d.await(limited, func(ctx context.Context) error { return d.awaitIndex(ctx, f) })
	if err != nil && err != engine.ErrClosed && limited.Err() != nil && ctx.Err() == nil {
		return d.behind(f)
	}
	return err
}

func (d *database) awaitIndex(ctx context.Context, f *follower) error {
	index := d.shared.index
	for {
		_, _, changed := f.at()
		switch _, known := index.Last(); {
		case !known:
			sent := index.Now()
			if err := d.awaitServer(ctx, f, d.cfg.Local.BusyTimeout); err != nil {
				return err
			}
			index.Known(sent)
		case f.has():
			return nil
		default:
			if err := f.awaitChange(ctx, changed); err != nil {
				return err
			}
		}
	}
}

// awaitServer waits until the copy has all that the server has now. The server has the time contact to
// answer.
func (d *database) awaitServer(ctx context.Context, f *follower, contact time.Duration) error {
	if f.pulling.Load() {
		return f.awaitPull(ctx)
	}
	hello, cancel := context.WithTimeout(ctx, contact)
	defer cancel()
	session, err := f.log.Hello(hello)
	if errors.Is(err, walog.ErrUnsupported) { // the follower is about to find that out
		return f.awaitPull(ctx)
	}
	if err != nil {
		return err
	}
	return f.awaitAll(ctx, session)
}

// awaitAll waits until the copy has all that the server had when a session was opened.
func (f *follower) awaitAll(ctx context.Context, session *walog.Session) error {
	f.heard(session.Next)
	for {
		has, changed := f.hasAll(session)
		if has {
			return nil
		}
		if err := f.awaitChange(ctx, changed); err != nil {
			return err
		}
	}
}

// hasAll reports whether the copy has what the server had when a session was opened. changed is closed
// when that may have changed.
func (f *follower) hasAll(session *walog.Session) (has bool, changed <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return session.Same(f.session) && f.pos.Next >= session.Next, f.changed
}

// awaitChange waits for a change of the follower, which ends its pause.
func (f *follower) awaitChange(ctx context.Context, changed <-chan struct{}) error {
	f.hurry()
	select {
	case <-changed:
		return nil
	case <-f.done:
		return engine.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// awaitCopy waits until there is a copy. It fails if the follower does, since a program that is just
// opening a database shouldn't wait for a server that may never answer.
func (f *follower) awaitCopy(ctx context.Context) error {
	for {
		_, copied, changed := f.at()
		if copied {
			return nil
		}
		if err := f.State().Err; err != nil {
			return err
		}
		select {
		case <-changed:
		case <-f.done: // another pool had the same failure
			return cmp.Or[error](f.State().Err, engine.ErrClosed)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// contactTime is how long a new pool waits for the server's first answer.
const contactTime = 2 * time.Second

// catchUp brings the copy to the server's state when a pool is opened, so that a program sees what it
// wrote in an earlier run. The wait is limited, and without the server there is none.
func (d *database) catchUp(ctx context.Context, f *follower) error {
	if d.cfg.StaleReads || d.caughtUp.Swap(true) {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, d.cfg.Local.BusyTimeout)
	defer cancel()
	_ = d.await(limited, func(ctx context.Context) error { return d.awaitServer(ctx, f, contactTime) })
	return ctx.Err()
}

// behind is the error of a read that has waited for a write in vain.
func (d *database) behind(f *follower) error {
	s := f.State()
	how := fmt.Sprintf("it has %d frames of the server's log", s.Next)
	if f.pulling.Load() {
		how = "no pull of the server's changes has ended since"
	}
	e := &engine.Error{Kind: engine.ErrUnavailable, Err: s.Err, Message: fmt.Sprintf(
		"%s doesn't have this program's last write yet: %s (last contact: %s)", d.cfg.Local.Path, how, when(s.Contact))}
	if s.Err != nil {
		e.Message += ": " + s.Err.Error()
	}
	return e
}

// offline adds to an error of the server that reads go on. It replaces the error of a server that only
// replicates.
func (d *database) offline(f *follower, err error) error {
	if isPullOnly(f, err) {
		return errPullOnly(err)
	}
	e, is := err.(*engine.Error)
	if !is || e.Kind != engine.ErrUnavailable || e.OutcomeUnknown {
		return err
	}
	added := *e
	added.Message += fmt.Sprintf("; reads go on from %s (last contact with the server: %s)", d.cfg.Local.Path, when(f.State().Contact))
	return &added
}

func when(t time.Time) string {
	if t.IsZero() {
		return "none"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}
