package soak_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
)

// TestReplicaOwnWrites has two pools with one replica, of which each reads the other's writes, while the
// log comes late and answers to writes are lost.
func TestReplicaOwnWrites(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		poll  time.Duration
		delay time.Duration
		lose  int64
	}{
		{"late log", 0, 500 * time.Millisecond, 0},
		{"poll", 10 * time.Millisecond, 0, 0},
		{"poll of a late log", time.Hour, 50 * time.Millisecond, 0},
		{"lost answers", 0, 20 * time.Millisecond, 4},
		{"lost answers and poll", time.Hour, 5 * time.Millisecond, 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := newPrimary(t)
			o := &owners{t: t, server: open(t, server.database(), registerSchema), seed: newSeed(t)}
			proxy := startLogProxy(t, server.URL())
			path := filepath.Join(t.TempDir(), "replica.db")
			for range 2 {
				o.pools = append(o.pools, openReplica(t, proxy.URL, path, db.WithReplicaPoll(tt.poll)))
			}
			proxy.delay.Store(int64(tt.delay))
			proxy.lose.Store(tt.lose)
			if o.ways = len(deeds[write]); tt.lose > 0 {
				o.ways-- // a server keeps the lock of a transaction that was lost for 5 s
			}
			o.run(runTime(t, 3*time.Second))
			if tt.lose > 0 && o.unknown.Load() == 0 {
				t.Error("no answer was lost: the test tests something else")
			}
		})
	}
}

// owners write and read a key each.
type owners struct {
	t               *testing.T
	server          *sql.DB
	pools           []*sql.DB
	ways            int // to write: the first of deeds
	seed            seed
	writes, unknown atomic.Int64

	mu         sync.Mutex
	wrote, saw latencies
}

// measure notes how long a call took.
func (o *owners) measure(to *latencies, start time.Time) {
	took := time.Since(start)
	o.mu.Lock()
	defer o.mu.Unlock()
	*to = append(*to, took)
}

func (o *owners) run(d time.Duration) {
	end := time.Now().Add(d)
	together(16, func(key int) {
		rng := o.seed.rand(key)
		if err := o.own(rng, int64(key), end); err != nil {
			o.t.Errorf("key %d: %v", key, err)
		}
	})
	o.t.Logf("%d writes, of which %d had an unknown outcome", o.writes.Load(), o.unknown.Load())
	o.t.Logf("writes %v", o.wrote)
	o.t.Logf("reads %v", o.saw)
}

// own writes a key again and again, and reads it after each write.
func (o *owners) own(rng *rand.Rand, key int64, end time.Time) error {
	ctx := o.t.Context()
	if _, err := o.server.ExecContext(ctx, "INSERT INTO register VALUES (?, 0)", key); err != nil {
		return err
	}
	if _, err := db.Sync(ctx, o.pools[0]); err != nil {
		return err
	}
	var value int64
	for next := int64(1); !o.t.Failed() && (next == 1 || time.Now().Before(end)); next++ {
		in := input{deed: write, key: key, value: next, way: rng.IntN(o.ways)}
		start := time.Now()
		_, err := in.run(ctx, o.pools[rng.IntN(2)])
		o.measure(&o.wrote, start)
		o.writes.Add(1)
		want := []int64{next}
		switch {
		case errors.Is(err, db.ErrOutcomeUnknown):
			o.unknown.Add(1)
			want = []int64{value, next}
		case isOutage(err): // the answer to BEGIN was lost
			want = []int64{value}
		case err != nil:
			return fmt.Errorf("write: %w", err)
		}
		if value, err = o.read(ctx, rng, key, want); err != nil {
			return err
		}
	}
	return nil
}

// read reads one of the values that are possible. If there are several, the server says which it is: the
// answer was lost after the write was done.
func (o *owners) read(ctx context.Context, rng *rand.Rand, key int64, want []int64) (int64, error) {
	in := input{deed: read, key: key, way: rng.IntN(2)} // not in a write transaction, which reads on the server
	start := time.Now()
	out, err := in.run(ctx, o.pools[rng.IntN(2)])
	o.measure(&o.saw, start)
	if err != nil {
		return 0, fmt.Errorf("read: %w", err)
	}
	if len(want) > 1 {
		real, err := readNow(ctx, o.server, in)
		if err != nil {
			return 0, fmt.Errorf("read of the server: %w", err)
		}
		want = []int64{real.value}
	}
	if out.value != want[0] {
		return 0, fmt.Errorf("the replica has the value %d after the write of %d", out.value, want[0])
	}
	return out.value, nil
}
