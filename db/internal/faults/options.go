package faults

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// SeedVariable is the environment variable with the seed of a run to repeat.
const SeedVariable = "DUOLITE_SEED"

// Options are the options of a random run. The zero value is a short run.
type Options struct {
	// Seed determines the operations and faults of each worker. 0 means the value of the
	// environment variable DUOLITE_SEED, or else a random seed.
	Seed uint64
	// Operations is the number of operations of each worker; 0 means 100, unless Duration is
	// set.
	Operations int
	// Duration is the time for which workers begin operations; 0 means no limit.
	Duration time.Duration
	// Workers is the number of concurrent workers; 0 means 4.
	Workers int
}

// complete fills in the defaults, and logs the seed.
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

// turns calls f for each operation of a worker, with the worker's own random numbers, until f
// returns false.
func (o Options) turns(worker int, f func(turn int, rng *rand.Rand) bool) {
	rng := rand.New(rand.NewPCG(o.Seed, uint64(worker)))
	start := time.Now()
	for turn := 0; o.Operations == 0 || turn < o.Operations; turn++ {
		if o.Duration > 0 && time.Since(start) > o.Duration || !f(turn, rng) {
			return
		}
	}
}
