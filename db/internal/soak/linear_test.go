package soak_test

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// TestOneAfterAnother is about linearizability: whatever many goroutines see of a key,
// they could have seen if their operations had taken place one after another.
func TestOneAfterAnother(t *testing.T) {
	t.Parallel()
	t.Run("file", func(t *testing.T) {
		t.Parallel()
		newRegisters(t, newFile(t)).run(trouble{tx: 1})
	})
	t.Run("file with cancelled contexts", func(t *testing.T) {
		t.Parallel()
		newRegisters(t, newFile(t)).run(trouble{cancel: 4, tx: 1})
	})
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		newRegisters(t, newMemory(t)).run(trouble{cancel: 4, tx: 1})
	})
	t.Run("server", func(t *testing.T) {
		t.Parallel()
		newRegisters(t, newServer(t)).run(trouble{tx: 1})
	})
	t.Run("server with cancelled contexts", func(t *testing.T) {
		t.Parallel()
		newRegisters(t, newServer(t)).run(trouble{cancel: 10, tx: 10})
	})
	t.Run("server with lost answers", func(t *testing.T) {
		t.Parallel()
		d := newServer(t)
		p := startProxy(t, d.Server)
		newRegisters(t, p.database(d)).run(trouble{every: 50 * time.Millisecond, make: func(rng *rand.Rand) {
			p.Lose()
			time.Sleep(pause(rng, 10*time.Millisecond))
			p.Cut()
		}})
	})
	t.Run("server that is killed", func(t *testing.T) {
		t.Parallel()
		d := newServer(t)
		p := startProxy(t, d.Server)
		r := newRegisters(t, d)
		r.pools = append(r.pools, open(t, p.database(d)))
		r.run(trouble{every: 200 * time.Millisecond, tx: 1, make: func(rng *rand.Rand) { p.crash(d.Server, rng) }})
	})
}

// A trouble is what befalls operations.
type trouble struct {
	// cancel: one in so many has a context that ends soon. 0 is none.
	cancel int
	// make is called again and again, after pauses of up to every. nil is nothing.
	make  func(*rand.Rand)
	every time.Duration
	// tx: one history in so many has transactions, 0 is none. A server keeps one
	// that its program has lost for 5 s when others want its lock.
	tx int
}

// A history has a few hundred operations: enough to overlap in many ways, and few
// enough to be decided at once.
const (
	clients        = 8
	keysOfHistory  = 3
	stepsOfHistory = 40 // of each client
	// A client ends with so many operations of which the outcome is unknown: each of
	// them doubles the orders that are possible.
	maxUnknown = 4
)

// registers is a test with its database. Keys and values are new in each history.
type registers struct {
	t         *testing.T
	seed      seed
	local     bool
	pools     []*sql.DB // of which a client has one
	key       int64     // the history's first
	inTx      bool      // whether the history has transactions
	lastValue atomic.Int64
	fates     map[fate]int
}

func newRegisters(t *testing.T, d dbtest.Database) *registers {
	return &registers{t: t, seed: newSeed(t), local: d.Local(), pools: []*sql.DB{open(t, d, registerSchema)}, fates: map[fate]int{}}
}

// run makes and checks histories, one after another.
func (r *registers) run(what trouble) {
	end := time.Now().Add(runTime(r.t, 400*time.Millisecond))
	number := 0
	for ; number == 0 || time.Now().Before(end) && !r.t.Failed(); number++ {
		h := r.makeHistory(number, what)
		h.check(r.t)
		for f, n := range h.fates {
			r.fates[f] += n
		}
	}
	r.t.Logf("%d histories with operations of these outcomes: %v", number, r.fates)
	checkIntegrity(r.t, r.pools[0])
}

func (r *registers) makeHistory(number int, what trouble) *history {
	r.key = int64(number * keysOfHistory)
	r.insertKeys()
	h := newHistory()
	rng := r.seed.rand(-1 - number)
	r.inTx = what.tx > 0 && rng.IntN(what.tx) == 0
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		together(clients, func(client int) {
			r.runClient(h, client, r.seed.rand(number*clients+client), what)
		})
	}()
	what.befall(rng, finished)
	return h
}

// insertKeys makes the history's registers, before there is trouble.
func (r *registers) insertKeys() {
	r.t.Helper()
	err := db.InTx(r.t.Context(), r.pools[0], func(tx *sql.Tx) error {
		for i := range int64(keysOfHistory) {
			if _, err := tx.ExecContext(r.t.Context(), "INSERT INTO register VALUES (?, 0)", r.key+i); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
}

// befall makes trouble until the operations are finished. Restart wants to be called
// by the goroutine of the test.
func (what trouble) befall(rng *rand.Rand, finished <-chan struct{}) {
	for what.make != nil {
		select {
		case <-finished:
			return
		case <-time.After(pause(rng, what.every)):
			what.make(rng)
		}
	}
	<-finished
}

// runClient does one operation after another.
func (r *registers) runClient(h *history, client int, rng *rand.Rand, what trouble) {
	known := map[int64]int64{}
	outcomes := map[fate]int{}
	for step := 0; step < stepsOfHistory && outcomes[unknown] < maxUnknown; step++ {
		key := r.key + rng.Int64N(keysOfHistory)
		in := newInput(rng, key, r.lastValue.Add(1), known[key], r.inTx && rng.IntN(3) == 0)
		ctx, cancel := what.context(r.t.Context(), rng)
		call := h.now()
		out, err := in.run(ctx, r.pools[client%len(r.pools)])
		h.note(client, call, in, out)
		cancel()
		outcomes[out.fate]++
		switch {
		case err != nil:
			r.explain(in, err, what)
		case in.deed == read:
			known[key] = out.value
		case in.deed == write || out.set:
			known[key] = in.value
		}
	}
}

// explain fails the test unless the trouble is a reason for the error.
func (r *registers) explain(in input, err error, what trouble) {
	expected := what.cancel > 0 && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded))
	if what.make != nil && (isOutage(err) || fateOf(err) == unknown) {
		expected = true
		time.Sleep(5 * time.Millisecond) // there is nothing to be had just now
	}
	// A server refuses a write at times, with nothing wrong: see TestContention.
	if !r.local && errors.Is(err, db.ErrBusy) {
		expected = true
	}
	if !expected {
		r.t.Errorf("%s: %v", describe(in, output{fate: fateOf(err)}), err)
	}
}

// context returns one that, now and then, ends while the operation runs, or before.
func (what trouble) context(ctx context.Context, rng *rand.Rand) (context.Context, context.CancelFunc) {
	if what.cancel == 0 || rng.IntN(what.cancel) > 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, pause(rng, 2*time.Millisecond))
}
