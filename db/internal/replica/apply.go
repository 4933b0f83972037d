package replica

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/duolite/duolite/db/internal/replica/localfile"
	"github.com/duolite/duolite/db/internal/replica/walog"
)

// commitPages is the number of pages after which a transaction of the copy ends at the next commit of
// the server, although more commits have arrived.
const commitPages = 4096

// An applier writes the frames of the log to the copy. What has arrived together becomes one
// transaction of the copy, with the last version of each page. The transaction stays open when the
// connection to the server breaks off between two frames, and goes on with the next frame.
type applier struct {
	f       *follower
	session *walog.Session // nil if the server doesn't answer
	start   sessionStart
	history localfile.History
	// verified is a session in which the log was seen to have the history of what has been applied.
	verified *walog.Session

	at     localfile.Position // of the file
	copied bool               // the file has a position
	tx     *localfile.Tx      // nil between transactions
	next   uint64             // the number of the next frame
	chain  walog.Chain
	until  uint64 // no transaction ends before this frame; 0 if any may
	frames uint64 // written in the transaction
}

// A reach is how far an applier has come.
type reach struct {
	at   localfile.Position
	next uint64 // of an open transaction
}

func (a *applier) reach() reach {
	if a.tx == nil {
		return reach{at: a.at}
	}
	return reach{a.at, a.next}
}

// round opens a session and applies the log: up to its end when the session was opened if the copy polls
// or isn't there yet, otherwise until an error. progress reports whether it has come further.
func (a *applier) round(ctx context.Context) (progress bool, err error) {
	// The position comes before the session: no other process can then be further than the session.
	if a.tx == nil {
		if err := a.look(ctx); err != nil {
			return false, err
		}
	}
	before := a.reach()
	a.start, a.session = a.f.newStart(), nil
	if a.session, err = a.f.log.Hello(ctx); err != nil {
		return false, err
	}
	a.f.opened.Store(a.start.histories)
	a.f.heard(a.session.Next)
	if err = a.begin(ctx); err == nil {
		err = a.apply(ctx)
	}
	return a.reach() != before, err
}

// apply applies the log of the session.
func (a *applier) apply(ctx context.Context) error {
	if err := a.copyEmpty(ctx); err != nil {
		return err
	}
	if a.until == 0 { // the copy has the session's history
		a.follows()
		defer a.f.ended()
	}
	err := a.entries(ctx)
	if errors.Is(err, walog.ErrNeedSnapshot) {
		err = a.snapshot(ctx)
	}
	if !errors.Is(err, walog.ErrDiverged) {
		return err
	}
	if a.until > 0 { // a copy that began with the log's first frame
		a.drop()
		return err
	}
	return a.restart(ctx)
}

// begin finds out where to go on: after the last frame of an open transaction, at the file's position,
// or at the beginning if the log has another history.
func (a *applier) begin(ctx context.Context) error {
	history := localfile.HistoryOf(a.session.LogID, a.f.cfg.Server.Namespace)
	if a.tx != nil && history != a.history {
		if err := a.look(ctx); err != nil {
			return err
		}
	}
	a.history = history
	if a.tx == nil && (!a.copied || a.at.History != history) {
		return a.restart(ctx)
	}
	if continues, err := a.verify(ctx); err != nil {
		return err
	} else if !continues {
		return a.restart(ctx)
	}
	a.verified = a.session
	return nil
}

// verify reports whether the log of a new session has the history of what has been applied. A server's
// data may have been replaced by an older copy, which has the same name and then other frames. If the
// server no longer has the last frame, but later ones, nothing tells.
func (a *applier) verify(ctx context.Context) (continues bool, err error) {
	switch {
	case a.next > a.session.Next:
		return false, nil
	case a.next == 0 || a.session.Same(a.verified):
		return true, nil
	}
	continues, err = a.isLast(a.f.log.Entries(ctx, a.session, a.next-1, a.next))
	if errors.Is(err, walog.ErrNeedSnapshot) {
		if a.next < a.session.Next {
			return false, nil
		}
		continues, err = a.isLast(a.f.log.Snapshot(ctx, a.session, a.next-1))
	}
	return continues, err
}

// isLast reports whether the first of some frames is the last one that was applied.
func (a *applier) isLast(frames iter.Seq2[*walog.Frame, error]) (is bool, err error) {
	for frame, err := range frames {
		if err != nil {
			return false, err
		}
		return frame.No == a.next-1 && frame.Checksum == a.chain.Sum, nil
	}
	return false, nil
}

// look reads the file's position, which another process may have moved, and goes on from there.
func (a *applier) look(ctx context.Context) error {
	a.drop()
	at, copied, err := a.f.file.Position(ctx)
	if err != nil {
		return err
	}
	if copied && at != a.at {
		a.verified = nil
		a.f.reached(at, time.Time{})
	}
	a.at, a.copied = at, copied
	a.next, a.chain = at.Next, walog.Chain{Sum: at.Checksum}
	return nil
}

// follows records that the log continues the copy.
func (a *applier) follows() {
	a.caughtUp()
	a.f.began(a.start, a.session)
}

// caughtUp records that the copy has all that the server had before the session, if it does. Nobody has
// to ask the server for the writes whose replies were lost before.
func (a *applier) caughtUp() {
	if a.verified == a.session && a.at.Next >= a.session.Next {
		a.f.index.Known(a.start.sent)
	}
}

// restart begins at the first frame, and makes the copy in one transaction. Pages that the copy has
// already aren't written.
func (a *applier) restart(ctx context.Context) error {
	a.drop()
	a.next, a.chain, a.until = 0, walog.Chain{}, max(a.session.Next, 1)
	a.verified = a.session
	a.f.left()
	return a.open(ctx)
}

// open opens the transaction, unless it is open.
func (a *applier) open(ctx context.Context) (err error) {
	if a.tx != nil {
		return nil
	}
	a.frames = 0
	if a.tx, err = a.f.file.Begin(ctx, a.at, a.copied); err == nil {
		a.tx.Compare = a.until > 0 && a.copied
	}
	return err
}

// copyEmpty makes the copy of a database without pages.
func (a *applier) copyEmpty(ctx context.Context) error {
	if a.session.Next > 0 || a.until == 0 {
		return nil
	}
	if err := a.open(ctx); err != nil {
		return err
	}
	a.tx.Clear()
	return a.commit(ctx, 1, localfile.Position{}, time.Time{})
}
