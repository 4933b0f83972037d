package faults

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

// A Target is the server under test.
type Target struct {
	// URL is the URL of the server, http:// or https://. Its database gets the table
	// duolite_once and tables whose names begin with fault_.
	URL string
	// KeepLocks leaves lost transactions to the server, which takes their lock for another
	// client after 5 s (sqld). Otherwise the proxy closes them, so that a run doesn't consist
	// of waiting.
	KeepLocks bool
	// OnlyJSON makes the server one that has no protobuf.
	OnlyJSON bool
}

// Matrix runs each workload with each fault at each of its requests, one after the other.
// Workloads that continue after a fault also get a second fault. The results contain the
// violations, which aren't yet errors of the test.
func Matrix(tb testing.TB, target Target, engine Engine, faults ...Fault) *Results {
	tb.Helper()
	if len(faults) == 0 {
		faults = All()
	}
	ctx := context.Background()
	results := &Results{}
	ledger := OpenLedger(tb, target.URL)
	l := newLane(tb, "matrix", target, ledger, engine, results)
	for _, w := range engine.workloads() {
		if err := l.try(ctx, w); err != nil && engine.Foreign {
			tb.Logf("faults: %s can't run the workload %q: %v", engine.Name, w.name, err)
			continue
		}
		requests, err := l.requests(ctx, w)
		if err != nil {
			tb.Fatalf("faults: %s: %v", w.name, err)
		}
		for _, p := range plans(faults, requests, w.ours) {
			if err := l.cell(ctx, w, p); err != nil {
				tb.Fatalf("faults: %s: %v", w.name, err)
			}
			if l.hung {
				return results
			}
		}
	}
	if err := l.audit(ctx); err != nil {
		tb.Fatalf("faults: %v", err)
	}
	results.strays(ctx, tb, ledger, engine)
	return results
}

// try runs a workload without a fault.
func (l *lane) try(ctx context.Context, w workload) error {
	op, err := l.ledger.Next(ctx)
	if err != nil {
		return err
	}
	l.client.ctx = ctx
	err = guard(func() error { return w.run(ctx, l.client, op) })
	if errors.Is(err, errMeant) {
		return nil
	}
	return err
}

// requests returns the number of requests of a workload without faults, in a pool that has run
// it before.
func (l *lane) requests(ctx context.Context, w workload) (int, error) {
	var before int
	for range 2 {
		before = l.proxy.Requests()
		if err := l.run(ctx, w, nil); err != nil {
			return 0, err
		}
	}
	return l.proxy.Requests() - before - 1, nil // without the request of goesOn
}

// plans returns the plans for an operation with the given number of requests. goesOn is set
// for an operation that continues after a fault.
func plans(faults []Fault, requests int, goesOn bool) []plan {
	var all []plan
	for n := 1; n <= requests; n++ {
		for _, fault := range faults {
			all = append(all, plan{{fault, n}})
		}
		if !goesOn {
			continue
		}
		for _, second := range []Fault{CutBefore, CutAfter, Swallow} {
			all = append(all, plan{{CutAfter, n}, {second, n + 1}})
		}
	}
	return all
}

// cell runs a workload with faults, and then a write that must succeed.
func (l *lane) cell(ctx context.Context, w workload, p plan) error {
	if err := l.run(ctx, w, p); err != nil {
		return err
	}
	if l.hung || p.harmless() {
		return nil
	}
	next := workload{name: fmt.Sprintf("INSERT after %s with %v", w.name, p), parts: 1, run: insert}
	return l.run(ctx, next, nil)
}

// strays counts the statements that ran outside of their transactions.
func (r *Results) strays(ctx context.Context, tb testing.TB, ledger *Ledger, engine Engine) {
	tb.Helper()
	n, err := ledger.Strays(ctx)
	if err != nil {
		tb.Fatalf("faults: %v", err)
	}
	if n > 0 {
		r.violate(Whole, engine.Name, fmt.Sprintf("%d rows were written outside of transactions that were over", n))
	}
}
