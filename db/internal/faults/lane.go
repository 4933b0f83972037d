package faults

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
)

// shortHold is how long the Commit of a lane waits for a swallowed reply. Other calls give up
// when the reply is swallowed.
const shortHold = 50 * time.Millisecond

// A plan lists the requests of an operation that get a fault.
type plan []hit

type hit struct {
	fault   Fault
	request int // from 1
}

func (p plan) String() string {
	if len(p) == 0 {
		return "no fault"
	}
	var all []string
	for _, h := range p {
		all = append(all, fmt.Sprintf("%v at request %d", h.fault, h.request))
	}
	return strings.Join(all, ", ")
}

// harmless reports whether the operation must succeed.
func (p plan) harmless() bool {
	for _, h := range p {
		if !h.fault.harmless() {
			return false
		}
	}
	return true
}

// A lane runs operations one after the other with its own pool and proxy, so that an
// operation's faults depend on its plan only.
type lane struct {
	name    string // for violations
	engine  Engine
	ledger  *Ledger
	proxy   *Proxy
	client  *client
	results *Results
	done    []done
	hung    bool // a call hangs
	shared  bool // other lanes use the same server
}

// done is an operation that has run.
type done struct {
	op       int64
	workload workload
	plan     plan
	outcome  outcome
}

func newLane(tb testing.TB, name string, target Target, ledger *Ledger, engine Engine, results *Results) *lane {
	tb.Helper()
	l := &lane{name: name, engine: engine, ledger: ledger, results: results, proxy: StartProxy(tb, target.URL)}
	l.proxy.SetHold(shortHold)
	l.client = &client{engine: engine, release: l.proxy.Release}
	if target.OnlyJSON {
		l.proxy.OnlyJSON()
	}
	if target.KeepLocks {
		l.client.release = func() {}
	}
	if err := l.client.open(context.Background(), l.proxy.URL()); err != nil {
		tb.Fatalf("faults: %v", err)
	}
	tb.Cleanup(func() {
		l.proxy.Disarm()
		if l.hung {
			return
		}
		if err := l.client.pool.Close(); err != nil && !engine.Foreign {
			tb.Errorf("faults: close: %v", err)
		}
	})
	return l
}

// run runs an operation and compares its outcome with the promises. It returns an error of the
// ledger only.
func (l *lane) run(ctx context.Context, w workload, p plan) error {
	op, err := l.ledger.Next(ctx)
	if err != nil {
		return err
	}
	d := done{op: op, workload: w, plan: p}
	l.client.violated = func(text string) { l.violate(Whole, d, text) }
	met := l.runWithFaults(ctx, &d)
	l.goesOn(ctx, d, met)
	l.proxy.Settle()
	l.client.release()
	if d.outcome.counts, err = l.ledger.Count(ctx, op, w.mark, w.ledgerParts()); err != nil {
		return fmt.Errorf("the ledger: %w", err)
	}
	l.judge(d, met)
	if w.transaction && d.outcome.err != nil && !l.shared {
		return l.strays(ctx, d)
	}
	return nil
}

// runWithFaults runs the operation with its faults, and returns the number of faults that occurred.
func (l *lane) runWithFaults(ctx context.Context, d *done) (met int) {
	var giveUp context.CancelFunc
	l.client.ctx, giveUp = context.WithCancel(ctx)
	defer giveUp()
	var traps []*Trap
	for _, h := range d.plan {
		trap := l.proxy.Arm(h.fault, h.request, "")
		if h.fault == Swallow {
			defer onceDone(trap, giveUp)()
		}
		traps = append(traps, trap)
	}
	d.outcome.err = guard(func() error { return d.workload.run(ctx, l.client, d.op) })
	l.proxy.Disarm()
	for _, trap := range traps {
		if trap.Fired() {
			met++
		}
	}
	return met
}

// strays counts the rows that the operation wrote outside of its transaction.
func (l *lane) strays(ctx context.Context, d done) error {
	n, err := l.ledger.Strays(ctx)
	if err == nil && n > 0 {
		l.violate(Whole, d, fmt.Sprintf("%d rows were written outside of the transaction, after it was lost", n))
	}
	return err
}

// onceDone calls f when the trap's fault has occurred, unless stop is called first.
func onceDone(trap *Trap, f func()) (stop func()) {
	stopped := make(chan struct{})
	go func() {
		select {
		case <-trap.Done():
			f()
		case <-stopped:
		}
	}()
	return func() { close(stopped) }
}

// judge counts the operation, and reports violated promises.
func (l *lane) judge(d done, met int) {
	l.done = append(l.done, d)
	l.results.checked(Once, l.engine.Name, met, 1)
	if d.outcome.err != nil {
		l.results.checked(Known, l.engine.Name, met, 1)
	}
	if d.workload.transaction {
		l.results.checked(Whole, l.engine.Name, met, 1)
	}
	if promise, reason := d.workload.judge(d.outcome); promise != "" {
		l.violate(promise, d, reason)
	}
}

// goesOn checks that the pool can read immediately after the faults.
func (l *lane) goesOn(ctx context.Context, d done, met int) {
	l.results.checked(Usable, l.engine.Name, met, 1)
	l.failure(d)
	if l.hung {
		return
	}
	if err := d.outcome.err; d.plan.harmless() && err != nil && !l.excused(err) {
		l.violate(Usable, d, "fails without a reason")
	}
	l.client.ctx = ctx
	err := guard(func() error { return l.client.drain(l.client.pool, "SELECT 1") })
	if l.shared && errors.Is(err, db.ErrBusy) {
		// After a successful COMMIT sqld may report to a stream that another writer took the
		// lock, if that writer had waited as long. Nothing is lost by it.
		err = guard(func() error { return l.client.drain(l.client.pool, "SELECT 1") })
	}
	l.hung = isHang(err)
	if err != nil {
		l.violate(Usable, d, fmt.Sprintf("the next call fails: %v", err))
	}
}

// failure reports errors that no fault explains.
func (l *lane) failure(d done) {
	var panics *panicError
	switch err := d.outcome.err; {
	case isHang(err):
		l.hung = true
		l.violate(Usable, d, "hangs")
	case errors.As(err, &panics):
		l.violate(Usable, d, "panics")
	}
}

// excused reports whether an error may occur without a fault of the operation, because another
// worker held the lock too long.
func (l *lane) excused(err error) bool {
	return errors.Is(err, errMeant) || l.shared && (errors.Is(err, db.ErrBusy) || errors.Is(err, db.ErrTxLost))
}

func (l *lane) violate(promise Promise, d done, reason string) {
	l.results.violate(promise, l.engine.Name, fmt.Sprintf("%s: %s, %v: %s: %v", l.name, d.workload.name, d.plan, reason, d.outcome))
}
