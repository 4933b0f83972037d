package hrana

import (
	"context"
	"sync/atomic"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/wire"
)

// A primary may have replicas, and a load balancer or a redirect may send a read to one of them. A
// replica is behind its primary, so a read could miss a write of the same pool that has returned
// before. Servers number their states by a replication index. Each write's reply has the index at
// which the write is visible, and each later read asks for that index: a replica then waits until
// it has it, and a primary ignores it.
//
// The index of a read isn't kept. If the server is replaced by another one, whose index is lower,
// then the next write finds out. A program that only reads would wait for an index that never comes.

// An Index is the replication index of a database's last write. It is safe for concurrent use.
type Index struct {
	last atomic.Uint64
	// writes counts the replies to writes. It changes after last.
	writes atomic.Uint64
	// lost counts the writes whose replies were lost. known is the part of them that the last index
	// includes, if they were applied.
	lost, known atomic.Uint64
	// histories counts how often an index was below an earlier one.
	histories atomic.Uint64
}

// A Moment is the state of an index when a request was sent.
type Moment struct{ last, lost uint64 }

// Now returns the current moment.
func (x *Index) Now() Moment { return Moment{x.last.Load(), x.lost.Load()} }

// Last returns the index of the last write, or 0. known is false if a later write may have been
// applied, of which only the server knows the index.
func (x *Index) Last() (last uint64, known bool) {
	last = x.last.Load()
	return last, x.known.Load() >= x.lost.Load()
}

// Writes returns the number of replies to writes, all of which are included in a later Last.
func (x *Index) Writes() uint64 { return x.writes.Load() }

// Histories changes when an index shows that the server has another history. A copy of the former one
// may have more frames than the index.
func (x *Index) Histories() uint64 { return x.histories.Load() }

// Answered records the index in the reply to a request that was sent at a moment to the primary. An
// index below the last one of that moment belongs to another server, or to another history of the
// same. Servers that have no index send 0.
func (x *Index) Answered(sent Moment, index uint64) {
	defer x.writes.Add(1)
	for index > 0 {
		last := x.last.Load()
		if index == last || sent.last <= index && index < last || x.last.CompareAndSwap(last, index) {
			break
		}
	}
	raise(&x.known, sent.lost)
	if 0 < index && index < sent.last {
		x.histories.Add(1)
	}
}

// Reached records that a copy of the database has an index. A write's reply with a lower one then
// belongs to another history.
func (x *Index) Reached(index uint64) { raise(&x.last, index) }

// Known records that a copy of the database has all that the server had after a moment.
func (x *Index) Known(asked Moment) { raise(&x.known, asked.lost) }

// Lost records that the reply of a write was lost.
func (x *Index) Lost() { x.lost.Add(1) }

// Forget drops the last index, which belongs to another history. Writes of the new one may have
// returned meanwhile, so the server has to be asked.
func (x *Index) Forget() {
	x.Lost()
	x.last.Store(0)
}

// raise makes a number at least n.
func raise(number *atomic.Uint64, n uint64) {
	for is := number.Load(); is < n && !number.CompareAndSwap(is, n); is = number.Load() {
	}
}

// withIndex sends a request that reads with the index of the last write, and keeps the index of a
// request that writes.
func (c *conn) withIndex(ctx context.Context, q *wire.Request, r risk, send func(context.Context, *wire.Request, risk) (*wire.Reply, error)) (*wire.Reply, error) {
	if !r.writes {
		if err := c.needIndex(ctx, q, r); err != nil {
			return nil, err
		}
		return send(ctx, q, r)
	}
	x := c.db.index
	sent := x.Now()
	q.WantIndex = true
	rep, err := send(ctx, q, r)
	switch e, is := err.(*engine.Error); {
	case err == nil && rep.Results[0].Err != nil && rep.Results[0].Err.Code == codeTooLarge:
		x.Lost() // the statements have run
	case err == nil && rep.Results[0].IndexLost:
		x.Lost()
	case err == nil:
		x.Answered(sent, rep.Results[0].Index)
	case is && e.OutcomeUnknown:
		x.Lost()
	}
	return rep, err
}

// needIndex sets the index that a read waits for. A transaction that is open, or that will write,
// isn't on a replica.
func (c *conn) needIndex(ctx context.Context, q *wire.Request, r risk) error {
	if r.bound || c.state == pending && c.mode == engine.Write {
		return nil
	}
	if _, known := c.db.index.Last(); !known {
		if err := c.askIndex(ctx); err != nil {
			return err
		}
	}
	q.Index, _ = c.db.index.Last()
	return nil
}

// askIndex gets the index of the primary, after the reply of a write was lost. A replica runs a request
// itself unless it may write or leaves a transaction open. BEGIN takes no lock on the primary.
func (c *conn) askIndex(ctx context.Context) error {
	sent := c.db.index.Now()
	rep, err := c.send(ctx, &wire.Request{Steps: []wire.Step{{SQL: "BEGIN"}}}, risk{repeat: true})
	if err != nil {
		return err
	}
	begun := &rep.Results[0]
	if begun.Err != nil {
		return convert(begun.Err, c.key)
	}
	if _, err := c.send(ctx, &wire.Request{Batch: true, Steps: []wire.Step{{SQL: "ROLLBACK"}}}, risk{bound: true}); err != nil {
		c.drop() // also if nothing was sent, as after the end of ctx: the stream has the transaction
		return err
	}
	c.db.index.Answered(sent, begun.Index)
	return nil
}
