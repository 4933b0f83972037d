package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

// A Server can be killed. [dbtest.Server] implements it.
//
// [dbtest.Server]: https://pkg.go.dev/github.com/duolite/duolite/db/dbtest#Server
type Server interface {
	URL() string
	// Kill ends the server as a crash does. Restart starts it again with the same URL and
	// data.
	Kill()
	Restart()
}

// Crash runs random workloads without a proxy, while it kills and restarts the server the
// given number of times. At the end it counts the applied operations.
func Crash(tb testing.TB, server Server, engine Engine, rounds int, opts Options) *Results {
	tb.Helper()
	opts.Duration, opts.Operations = time.Hour, 0 // until it is stopped
	opts = opts.complete(tb, "crash")
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	results := &Results{}
	ledger := OpenLedger(tb, server.URL())
	lanes := make([]*lane, opts.Workers)
	var workers sync.WaitGroup
	for i := range lanes {
		lanes[i] = newDirectLane(tb, server.URL(), ledger, engine, results)
		workers.Go(func() { lanes[i].runUntil(ctx, opts, i) })
	}
	rng := rand.New(rand.NewPCG(opts.Seed, 1<<32))
	for range rounds {
		time.Sleep(time.Duration(30+rng.IntN(150)) * time.Millisecond)
		server.Kill()
		time.Sleep(time.Duration(rng.IntN(20)) * time.Millisecond)
		server.Restart()
	}
	stop()
	workers.Wait()
	for i, l := range lanes {
		if err := l.countAll(context.Background(), rounds); err != nil {
			tb.Fatalf("faults: worker %d: %v", i, err)
		}
	}
	for _, promise := range []Promise{Once, Known, Whole, Usable} {
		results.checked(promise, engine.Name, rounds, 0)
	}
	results.strays(context.Background(), tb, ledger, engine)
	return results
}

// newDirectLane returns a lane without a proxy.
func newDirectLane(tb testing.TB, url string, ledger *Ledger, engine Engine, results *Results) *lane {
	tb.Helper()
	l := &lane{engine: engine, ledger: ledger, results: results, client: &client{engine: engine, release: func() {}, direct: true}}
	if err := l.client.open(context.Background(), url); err != nil {
		tb.Fatalf("faults: %v", err)
	}
	tb.Cleanup(func() {
		if !l.hung {
			l.client.pool.Close()
		}
	})
	return l
}

// runUntil runs operations until stop ends, ignoring their errors.
func (l *lane) runUntil(stop context.Context, opts Options, worker int) {
	ctx := context.Background()
	l.client.ctx = ctx
	all := l.engine.workloads()
	opts.turns(worker, func(turn int, rng *rand.Rand) bool {
		if stop.Err() != nil {
			return false
		}
		d := done{workload: all[rng.IntN(len(all))]}
		var err error
		if d.op, err = l.ledger.Next(ctx); err != nil { // the server is down
			time.Sleep(5 * time.Millisecond)
			return true
		}
		l.name = fmt.Sprintf("crash, %s=%d, worker %d, turn %d", SeedVariable, opts.Seed, worker, turn)
		l.client.violated = func(text string) { l.violate(Whole, d, text) }
		d.outcome.err = guard(func() error { return d.workload.run(ctx, l.client, d.op) })
		l.done = append(l.done, d)
		l.hung = isHang(d.outcome.err)
		if d.outcome.err != nil {
			time.Sleep(5 * time.Millisecond)
		}
		return !l.hung
	})
}

// countAll counts the applied operations after all workers have ended.
func (l *lane) countAll(ctx context.Context, kills int) error {
	all := l.done
	l.name = fmt.Sprintf("the server killed %d times", kills)
	for _, d := range all {
		var err error
		if d.outcome.counts, err = l.ledger.Count(ctx, d.op, d.workload.mark, d.workload.ledgerParts()); err != nil {
			return fmt.Errorf("the ledger: %w", err)
		}
		l.judge(d, 0)
		l.failure(d)
	}
	l.client.ctx = ctx
	l.results.checked(Usable, l.engine.Name, 0, 1)
	if err := guard(func() error { return l.client.drain(l.client.pool, "SELECT 1") }); err != nil {
		l.results.violate(Usable, l.engine.Name, fmt.Sprintf("%s: the next call fails: %v", l.name, err))
	}
	return nil
}
