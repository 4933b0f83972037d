package replica

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/db/internal/replica/call"
	"github.com/duolite/duolite/db/internal/replica/localfile"
	"github.com/duolite/duolite/db/internal/replica/pull"
)

// pullPause is the time between two pulls, unless the program has set another one. The server answers a
// pull at once, so it can't be followed without asking.
const pullPause = time.Second

// A puller brings the server's changes to the copy by the second protocol (package pull), in place of an
// applier. Each answer is one transaction of the copy.
type puller struct {
	f      *follower
	client *pull.Client

	pos    localfile.Position // of the file
	copied bool               // the file has a position
}

// round pulls once. progress reports whether the copy has changed.
func (p *puller) round(ctx context.Context) (progress bool, err error) {
	number, start := p.f.startPull()
	before := p.pos
	for {
		err = p.pull(ctx)
		if !errors.Is(err, localfile.ErrMoved) || ctx.Err() != nil {
			break
		} // by another process, so its content is newer
	}
	p.f.endPull(number, start, err)
	return p.pos != before, err
}

// pull looks at the file's position, which another process may have moved, and brings the changes since
// then. If they don't continue the copy, it brings the whole database.
func (p *puller) pull(ctx context.Context) (err error) {
	if p.pos, p.copied, err = p.f.file.Position(ctx); err != nil {
		return err
	}
	history := p.history()
	if !p.copied || p.pos.History != history || p.pos.Revision == "" {
		return p.apply(ctx, pull.Whole, 0)
	}
	p.f.reached(p.pos, time.Time{})
	size, err := p.f.file.Size(ctx)
	if err != nil {
		return err
	}
	err = p.apply(ctx, p.pos.Revision, size)
	if errors.Is(err, pull.ErrDiverged) {
		return p.apply(ctx, pull.Whole, 0)
	}
	return err
}

// history returns the history of the copy. The protocol has no name for it, so it is the address.
func (p *puller) history() localfile.History {
	return localfile.HistoryOf(p.f.cfg.Server.URL, p.f.cfg.Server.Namespace)
}

// apply writes the changes since a revision, at which the copy has a number of pages. Of a whole database
// it doesn't write the pages that the copy has already.
func (p *puller) apply(ctx context.Context, since string, size uint32) error {
	answer, err := p.client.Pull(ctx, since, size)
	if err != nil {
		return err
	}
	defer answer.Close()
	p.f.heard(0)
	var tx *localfile.Tx
	begin := func() error {
		if tx == nil {
			if tx, err = p.f.file.Begin(ctx, p.pos, p.copied); err != nil {
				return err
			}
			tx.Compare = answer.Whole && p.copied
		}
		return nil
	}
	done := uint64(0)
	for page, err := range answer.Pages() {
		if err == nil {
			err = begin()
		}
		if err == nil {
			err = tx.Put(ctx, page.Number, page.Data)
		}
		if err != nil {
			return rollback(tx, err)
		}
		if done++; answer.Whole && p.f.cfg.Progress != nil {
			p.f.cfg.Progress(done, max(done, uint64(answer.Size)))
		}
	}
	if answer.Revision == since {
		return nil // without pages
	}
	if err := begin(); err != nil {
		return err
	}
	pos := localfile.AtRevision(p.history(), answer.Revision)
	pos.Epoch = p.pos.Epoch
	if tx.Compare {
		pos.Epoch++
	}
	if err := tx.Commit(ctx, answer.Size, pos); err != nil {
		return err
	}
	p.pos, p.copied = pos, true
	p.f.reached(pos, time.Time{})
	p.f.heard(0)
	return nil
}

func rollback(tx *localfile.Tx, err error) error {
	if tx == nil {
		return err
	}
	return cmp.Or(err, tx.Rollback())
}

// Pulls are the pulls of a follower.
type pulls struct {
	begun uint64 // the number of pulls that have begun
	ended uint64 // the number of the last one that has ended
	err   error  // of that
}

func (f *follower) startPull() (number uint64, start sessionStart) {
	start = f.newStart()
	f.update(func() {
		f.pulls.begun++
		number = f.pulls.begun
	})
	return number, start
}

// endPull records the end of a pull. Without an error the copy has all writes that had returned before the
// pull. A pull is the only proof of that: the server's revisions can't be compared with the replies to
// writes.
func (f *follower) endPull(number uint64, start sessionStart, err error) {
	if err == nil {
		f.index.Known(start.sent)
	}
	f.update(func() {
		f.pulls.ended, f.pulls.err = number, err
		if err == nil {
			f.asked.Store(start.writes)
			f.histories.Store(start.histories)
		}
	})
}

// awaitPull waits for the end of a pull that begins from now on, and returns its error.
func (f *follower) awaitPull(ctx context.Context) error {
	f.mu.Lock()
	number := f.pulls.begun + 1
	f.mu.Unlock()
	for {
		f.mu.Lock()
		last, changed := f.pulls, f.changed
		f.mu.Unlock()
		if last.ended >= number {
			return last.err
		}
		if err := f.awaitChange(ctx, changed); err != nil {
			return err
		}
	}
}

// errNoReplication is the error of a server that speaks neither protocol.
func errNoReplication(log, pulls error) error {
	return call.Failure(call.ErrUnsupported, log.Error()+"; nor has it POST /pull-updates: "+pulls.Error(), nil)
}

// isPullOnly reports whether the error shows that the server speaks the second protocol, and not Hrana 3.
func isPullOnly(f *follower, err error) bool {
	var status *transport.StatusError
	return f.pulling.Load() && errors.As(err, &status) && status.NoEndpoint()
}

// errPullOnly is the error of a statement for a server that speaks the second protocol and not Hrana 3.
func errPullOnly(cause error) *engine.Error {
	return &engine.Error{Kind: engine.ErrReadOnly, Code: engine.CodeReadOnly, Err: cause, Message: "the server runs no statements of this program, since it doesn't speak version 3 of Hrana " +
		"(tursodb with --sync-server is such a server): read outside of a transaction or in a read-only one, and write by the server's own tools"}
}
