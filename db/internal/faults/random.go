package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
)

// Random runs random workloads with random faults, with several workers at the same time on
// one server. The seed determines each worker's operations, but not the order between workers.
func Random(tb testing.TB, target Target, engine Engine, opts Options) *Results {
	tb.Helper()
	opts = opts.complete(tb, "random")
	ctx := context.Background()
	results := &Results{}
	ledger := OpenLedger(tb, target.URL)
	lanes := make([]*lane, opts.Workers)
	errs := make([]error, opts.Workers)
	for i := range lanes {
		lanes[i] = newLane(tb, "", target, ledger, engine, results)
		lanes[i].shared = true
	}
	var workers sync.WaitGroup
	for i, l := range lanes {
		workers.Go(func() { errs[i] = l.random(ctx, opts, i) })
	}
	workers.Wait()
	for i, l := range lanes {
		if errs[i] == nil {
			errs[i] = l.audit(ctx)
		}
		if errs[i] != nil {
			tb.Fatalf("faults: worker %d: %v", i, errs[i])
		}
	}
	results.strays(ctx, tb, ledger, engine)
	return results
}

// auditEach is the number of operations between two audits of a lane.
const auditEach = 1000

func (l *lane) random(ctx context.Context, opts Options, worker int) (err error) {
	all := l.engine.workloads()
	opts.turns(worker, func(turn int, rng *rand.Rand) bool {
		l.name = fmt.Sprintf("%s=%d, worker %d, turn %d", SeedVariable, opts.Seed, worker, turn)
		w := all[rng.IntN(len(all))]
		if err = l.run(ctx, w, randomPlan(rng, w.requests)); err == nil && len(l.done) >= auditEach {
			err = l.audit(ctx)
		}
		return err == nil && !l.hung
	})
	return err
}

// randomPlan usually has a fault, and sometimes several.
func randomPlan(rng *rand.Rand, requests int) plan {
	hits := []int{0, 1, 1, 1, 1, 1, 2, 3}[rng.IntN(8)]
	p := make(plan, hits)
	for i := range p {
		p[i] = hit{Fault(1 + rng.IntN(int(faultCount)-1)), 1 + rng.IntN(requests)}
	}
	return p
}
