package replica

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/duolite/duolite/db/internal/replica/localfile"
	"github.com/duolite/duolite/db/internal/replica/walog"
)

// entries applies the frames of the log.
func (a *applier) entries(ctx context.Context) error {
	end := uint64(walog.Follow)
	if a.until > 0 || a.f.cfg.Poll > 0 {
		end = a.session.Next
	}
	request, stop := context.WithCancel(ctx)
	defer stop()
	wait := newWait(stop)
	defer wait.timer.Stop()
	a.f.wait.Store(wait)
	defer a.f.wait.Store(nil)
	for frame, err := range a.f.log.Entries(request, a.session, a.next, end) {
		switch {
		case err != nil && request.Err() != nil:
			return ctx.Err()
		case err != nil:
			return err
		}
		wait.heard()
		if err := a.frame(ctx, frame); err != nil {
			return err
		}
	}
	return nil
}

// frame writes a frame, and ends the transaction if it may end there.
func (a *applier) frame(ctx context.Context, frame *walog.Frame) error {
	if frame.No < a.next { // another process has written it
		return a.skipped(frame)
	}
	if err := a.chain.Extend(frame); err != nil {
		return err
	}
	if err := a.put(ctx, frame); errors.Is(err, localfile.ErrMoved) {
		return a.skip(ctx, frame)
	} else if err != nil {
		return err
	}
	a.next = frame.No + 1
	if !frame.Commit() || !a.endsAt(frame) {
		return nil
	}
	return a.commit(ctx, frame.SizeAfter, localfile.Position{Next: a.next, Checksum: frame.Checksum}, frame.CommitTime)
}

// endsAt reports whether the transaction ends at a commit frame. It goes on if the next frame is in this
// process already, or on the server since before the session.
func (a *applier) endsAt(frame *walog.Frame) bool {
	if a.until > 0 {
		return a.next >= a.until
	}
	return a.frames >= commitPages || !frame.More && a.next >= a.session.Next
}

// put writes a frame's page. After an error of the file, the transaction begins anew.
func (a *applier) put(ctx context.Context, frame *walog.Frame) error {
	if err := a.open(ctx); err != nil {
		return err
	}
	a.frames++
	if a.until > 0 {
		a.progress()
	}
	err := a.tx.Put(ctx, frame.Page, frame.Data)
	if err != nil {
		a.drop()
	}
	return err
}

// progress reports how much of the copy there is.
func (a *applier) progress() {
	if report := a.f.cfg.Progress; report != nil {
		report(a.frames, max(a.until, a.frames))
	}
}

// skip goes on at the position of another process, which has written the frame and perhaps more.
func (a *applier) skip(ctx context.Context, frame *walog.Frame) error {
	if err := a.look(ctx); err != nil {
		return err
	}
	if !a.copied || a.at.History != a.history || a.next <= frame.No {
		return localfile.ErrMoved // a new session decides
	}
	return a.skipped(frame)
}

// skipped checks a frame that another process has written. The last one of these tells whether it came
// from the same history.
func (a *applier) skipped(frame *walog.Frame) error {
	if frame.No != a.next-1 {
		return nil
	}
	if frame.Checksum != a.chain.Sum {
		return walog.ErrDiverged
	}
	a.verified = a.session
	return nil
}

// snapshot applies the server's snapshot in place of frames that its log no longer has.
func (a *applier) snapshot(ctx context.Context) error {
	if a.verified != a.session {
		return localfile.ErrMoved // by another process, and a snapshot can't be verified
	}
	pos, last, err := a.putAll(ctx, a.f.log.Snapshot(ctx, a.session, a.next))
	if err != nil {
		if pos.Next > 0 { // a part of a snapshot is no state
			a.drop()
		}
		return err
	}
	a.next, a.chain.Sum = pos.Next, pos.Checksum
	if a.next < a.until {
		return nil // the log goes on
	}
	return a.commit(ctx, last.size, pos, last.time)
}

// A commitFrame is what the last frame says about its commit.
type commitFrame struct {
	size uint32
	time time.Time
}

// putAll writes the frames of a snapshot. The first one has the position after it, and the last one the
// size.
func (a *applier) putAll(ctx context.Context, frames iter.Seq2[*walog.Frame, error]) (pos localfile.Position, last commitFrame, err error) {
	first := true
	for frame, err := range frames {
		if err != nil {
			return pos, last, err
		}
		if first {
			pos, first = localfile.Position{Next: frame.No + 1, Checksum: frame.Checksum}, false
		}
		last = commitFrame{frame.SizeAfter, frame.CommitTime}
		if err := a.put(ctx, frame); err != nil {
			return pos, last, err
		}
	}
	return pos, last, nil
}

// commit ends the transaction.
func (a *applier) commit(ctx context.Context, size uint32, pos localfile.Position, committed time.Time) error {
	tx := a.tx
	pos.History, pos.Epoch = a.history, a.at.Epoch
	if a.until > 0 && a.copied {
		pos.Epoch++
	}
	a.tx, a.until = nil, 0
	if err := tx.Commit(ctx, size, pos); err != nil {
		a.verified = nil
		return err
	}
	a.at, a.copied = pos, true
	a.f.heard(pos.Next)
	a.caughtUp()
	a.f.reached(pos, committed)
	return nil
}

// drop rolls an open transaction back.
func (a *applier) drop() {
	if a.tx != nil {
		_ = a.tx.Rollback() // the file's connection is closed after an error
		a.tx = nil
	}
	if a.until > 0 { // the file still has the former history
		a.until, a.verified = 0, nil
	}
}
