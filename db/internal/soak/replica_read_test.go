package soak_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
)

// TestReplicaReads has readers of a replica look at the states of a server, whose log is compacted all
// the time, while new replicas are made of it.
func TestReplicaReads(t *testing.T) {
	t.Parallel()
	for _, poll := range []time.Duration{0, 5 * time.Millisecond} {
		t.Run(fmt.Sprintf("poll=%v", poll), func(t *testing.T) {
			t.Parallel()
			w := newReplicaWorld(t, poll)
			for range 3 { // the log is compacted
				execute(t, w.server, "CREATE TABLE bulk AS SELECT randomblob(900000)", "DROP TABLE bulk")
			}
			w.run(runTime(t, 3*time.Second))
			if w.proxy.snapshots.Load() == 0 {
				t.Error("no snapshot was needed: the test tests something else")
			}
		})
	}
}

// TestReplicaCuts cuts the answers about the log anywhere, and sends requests twice.
func TestReplicaCuts(t *testing.T) {
	t.Parallel()
	for _, poll := range []time.Duration{0, 5 * time.Millisecond} {
		t.Run(fmt.Sprintf("poll=%v", poll), func(t *testing.T) {
			t.Parallel()
			w := newReplicaWorld(t, poll)
			w.proxy.cut.Store(60_000)
			w.proxy.twice.Store(true)
			w.run(runTime(t, 3*time.Second))
			if w.proxy.cuts.Load() == 0 {
				t.Error("nothing was cut: the test tests something else")
			}
		})
	}
}

// A replicaWorld is a server with a world, and replicas of it.
type replicaWorld struct {
	t      *testing.T
	seed   seed
	server *sql.DB
	proxy  *logProxy
	opts   []db.Option
	pool   *sql.DB
	// committed is the state that the server has at least, and begun the one that it has at most.
	committed, begun    atomic.Int64
	steps, looks, opens atomic.Int64
}

func newReplicaWorld(t *testing.T, poll time.Duration) *replicaWorld {
	t.Helper()
	p := newPrimary(t, smallLog)
	w := &replicaWorld{t: t, seed: newSeed(t), server: open(t, p.database(), worldSchema...), proxy: startLogProxy(t, p.URL())}
	w.opts = []db.Option{db.WithReplicaPoll(poll)}
	w.pool = openReplica(t, w.proxy.URL, filepath.Join(t.TempDir(), "replica.db"), w.opts...)
	return w
}

// run writes and reads for a time, and compares the replica with the server then.
func (w *replicaWorld) run(d time.Duration) {
	ctx, cancel := context.WithTimeout(w.t.Context(), d)
	defer cancel()
	const readers, rest = 5, 3
	together(readers+rest, func(number int) {
		var act func(context.Context, int) error
		switch number {
		case 0:
			act = w.write
		case 1:
			act = w.open
		case 2:
			act = w.check
		default:
			act = w.read
		}
		for ctx.Err() == nil && !w.t.Failed() {
			if err := act(ctx, number); err != nil {
				w.t.Errorf("%v", err)
			}
		}
	})
	w.proxy.cut.Store(0)
	w.proxy.twice.Store(false)
	checkSame(w.t, w.pool, w.server)
	w.t.Logf("%d states, %d looks, %d new replicas, %d requests, %d snapshots, %d cuts", w.steps.Load(), w.looks.Load(),
		w.opens.Load(), w.proxy.requests.Load(), w.proxy.snapshots.Load(), w.proxy.cuts.Load())
}

func (w *replicaWorld) write(ctx context.Context, number int) error {
	rng := w.seed.rand(number)
	for ctx.Err() == nil && !w.t.Failed() {
		w.begun.Store(w.committed.Load() + 1)
		n, err := nextState(w.t.Context(), w.server, rng)
		if err != nil {
			return fmt.Errorf("write: %w", err)
		}
		w.committed.Store(int64(n))
		w.steps.Add(1)
	}
	return nil
}

func (w *replicaWorld) read(ctx context.Context, number int) error {
	rng := w.seed.rand(number)
	v, err := newViewer(w.t.Context(), w.pool)
	if err != nil {
		return err
	}
	defer v.close()
	for ctx.Err() == nil && !w.t.Failed() {
		s, err := v.look(w.t.Context(), rng)
		if err != nil {
			return fmt.Errorf("reader %d: %w", number, err)
		}
		if begun := w.begun.Load(); int64(s.n) > begun {
			return fmt.Errorf("reader %d sees the state %d, and the server has begun %d", number, s.n, begun)
		}
		w.looks.Add(1)
		time.Sleep(pause(rng, 5*time.Millisecond))
	}
	return nil
}

// check checks the integrity, and that Sync brings what the server has.
func (w *replicaWorld) check(_ context.Context, _ int) error {
	before := w.committed.Load()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	_, err := db.Sync(ctx, w.pool)
	switch {
	case err == nil:
		var s state
		if err := s.scan(w.pool.QueryRowContext(w.t.Context(), wholeState)); err != nil || int64(s.n) < before {
			return fmt.Errorf("the state %d after Sync of %d: %v", s.n, before, err)
		}
	case !w.cuts(err):
		return fmt.Errorf("Sync: %w", err)
	}
	return integrity(w.t.Context(), w.pool)
}

// cuts reports whether an error is one that a cut explains.
func (w *replicaWorld) cuts(err error) bool {
	return w.proxy.cut.Load() > 0 && errors.Is(err, db.ErrUnavailable)
}

// open makes a new replica, and reads at once.
func (w *replicaWorld) open(_ context.Context, number int) error {
	folder, err := os.MkdirTemp("", "replica")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	before := w.committed.Load()
	pool, err := db.Open(w.t.Context(), withReplica(w.proxy.URL, filepath.Join(folder, "new.db")), slices.Concat(options(true), w.opts)...)
	if err != nil {
		if w.cuts(err) {
			return nil
		}
		return fmt.Errorf("Open: %w", err)
	}
	defer pool.Close()
	w.opens.Add(1)
	v, err := newViewer(w.t.Context(), pool)
	if err != nil {
		return fmt.Errorf("a new replica: %w", err)
	}
	defer v.close()
	s, err := v.look(w.t.Context(), w.seed.rand(number))
	if err == nil && int64(s.n) < before {
		err = fmt.Errorf("the state %d, older than Open: %d", s.n, before)
	}
	if err != nil {
		return fmt.Errorf("a new replica: %w", err)
	}
	return integrity(w.t.Context(), pool)
}
