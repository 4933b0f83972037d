package faults

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// SeedVariable is the environment variable that holds a seed, to have a run again.
const SeedVariable = "DUOLITE_SEED"

// Options say how long a random run takes, and which. The zero value is a short one.
type Options struct {
	// Seed decides what each worker does, and what goes wrong for it. 0 is the one in the
	// environment variable DUOLITE_SEED, or another each time.
	Seed uint64
	// Operations is how many each worker runs; 0 is 100, unless Duration is set.
	Operations int
	// Duration is how long workers begin operations; 0 is no limit.
	Duration time.Duration
	// Workers is how many there are at the same time; 0 is 4.
	Workers int
}

// complete fills in what isn't set, and tells the seed.
func (o Options) complete(tb testing.TB, what string) Options {
	tb.Helper()
	if text := os.Getenv(SeedVariable); o.Seed == 0 && text != "" {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			tb.Fatalf("faults: %s: %v", SeedVariable, err)
		}
		o.Seed = seed
	}
	if o.Seed == 0 {
		o.Seed = rand.Uint64()
	}
	if o.Operations == 0 && o.Duration == 0 {
		o.Operations = 100
	}
	if o.Workers == 0 {
		o.Workers = 4
	}
	tb.Logf("faults: %s: again by %s=%d", what, SeedVariable, o.Seed)
	return o
}

// turns calls f for each operation of a worker, with the worker's own random numbers,
// until f says no.
func (o Options) turns(worker int, f func(turn int, rng *rand.Rand) bool) {
	rng := rand.New(rand.NewPCG(o.Seed, uint64(worker)))
	start := time.Now()
	for turn := 0; o.Operations == 0 || turn < o.Operations; turn++ {
		if o.Duration > 0 && time.Since(start) > o.Duration || !f(turn, rng) {
			return
		}
	}
}
