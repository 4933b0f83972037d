package soak_test

import (
	"fmt"
	"slices"
	"time"
)

// latencies are how long calls took.
type latencies []time.Duration

// String has their distribution.
func (l latencies) String() string {
	if len(l) == 0 {
		return "none"
	}
	sorted := slices.Sorted(slices.Values(l))
	at := func(part float64) time.Duration {
		return sorted[int(part*float64(len(sorted)-1))].Round(10 * time.Microsecond)
	}
	return fmt.Sprintf("%d: p50 %v, p90 %v, p99 %v, max %v", len(l), at(0.5), at(0.9), at(0.99), at(1))
}
