package soak_test

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/db/dbtest"
)

// TestServerCrash kills the server while a program writes, after it has lost some of its
// last answers. sqld doesn't wait for the
// disk at a commit (PRAGMA synchronous is 1, NORMAL), so what it acknowledged is safe
// from its own end, not from that of the machine.
func TestServerCrash(t *testing.T) {
	t.Parallel()
	d := newServer(t)
	s, l := newSeed(t), newLedger()
	p := startProxy(t, d.Server)
	pool := open(t, d, writtenSchema...)
	pools := []*sql.DB{pool, open(t, p.database(d))}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		var id atomic.Int64
		together(6, func(number int) {
			w := crashWriter{t, pools[number%len(pools)], l}
			rng := s.rand(number)
			for ctx.Err() == nil {
				w.write(newOperation(rng, id.Add(1), slices.Concat(oneRequest, severalRequests)))
			}
		})
	}()
	rng := s.rand(-1)
	for range killCount(t) {
		time.Sleep(pause(rng, 200*time.Millisecond))
		p.crash(d.Server, rng)
	}
	stop()
	<-finished
	l.check(t, pool)
}

// crash kills a server after some answers were lost, and starts it again.
func (p *proxy) crash(server *dbtest.Server, rng *rand.Rand) {
	p.Lose()
	time.Sleep(pause(rng, 20*time.Millisecond))
	server.Kill()
	p.Cut()
	server.Restart()
}

// A crashWriter writes to a server that comes and goes.
type crashWriter struct {
	t    *testing.T
	pool *sql.DB
	l    *ledger
}

func (w crashWriter) write(op operation) {
	err := op.write(w.t.Context(), w.pool)
	// By its key an operation may be repeated until it is known to be done.
	for op.way == "once" && err != nil && (isOutage(err) || fateOf(err) == unknown) {
		err = op.write(w.t.Context(), w.pool)
	}
	if err != nil && !isOutage(err) && fateOf(err) != unknown {
		w.t.Errorf("operation %d by %s: %v", op.id, op.way, err)
	}
	w.l.note(op.id, op.rows, fateOf(err))
	if err != nil {
		time.Sleep(5 * time.Millisecond) // there is nothing to be had just now
	}
}
