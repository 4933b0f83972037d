package soak_test

import (
	"math/rand/v2"
	"sync"
	"time"
)

// together calls fn in n goroutines with their numbers, and waits for them.
func together(n int, fn func(number int)) {
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() { fn(i) })
	}
	group.Wait()
}

// pause returns a time of up to limit, and not 0.
func pause(rng *rand.Rand, limit time.Duration) time.Duration {
	return 1 + time.Duration(rng.Int64N(int64(limit)))
}
