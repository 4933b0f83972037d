package work

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	readers = 8
	// The numbers of goroutines and of reads of the workload concurrent.
	workers, reads = 16, 50
)

// mixed runs readers beside a writer, each as fast as possible. It counts lock errors, which
// some settings cause; other errors end the run.
func mixed(ctx context.Context, r *runner) (Result, error) {
	if err := r.read(ctx, rand.New(rand.NewPCG(1, 2))); err != nil {
		return Result{}, err
	}
	var mu sync.Mutex
	var result Result
	var failed error
	var times []int64
	var all sync.WaitGroup
	m := start()
	end := m.at.Add(r.duration)
	count := func(err error) bool {
		mu.Lock()
		defer mu.Unlock()
		if !isBusy(err) {
			failed = errors.Join(failed, err)
			return false
		}
		result.Busy++
		return true
	}
	for i := range readers {
		all.Go(func() {
			random := rand.New(rand.NewPCG(3, uint64(i)))
			own := make([]int64, 0, 1<<16)
			for before := time.Now(); before.Before(end); {
				err := r.read(ctx, random)
				now := time.Now()
				if err == nil {
					own = append(own, int64(now.Sub(before)))
				} else if !count(err) {
					break
				}
				before = now
			}
			mu.Lock()
			defer mu.Unlock()
			times = append(times, own...)
		})
	}
	writes := 0
	all.Go(func() {
		for i := int64(0); time.Now().Before(end); i++ {
			if err := r.store.Add(ctx, Bookmark(i)); err == nil {
				writes++
			} else if !count(err) {
				break
			}
		}
	})
	all.Wait()
	if failed != nil || len(times) == 0 {
		return Result{}, errors.Join(failed, errors.New("no read was done"))
	}
	passed := time.Since(m.at).Seconds()
	measured := m.stop(len(times))
	measured.Allocs, measured.Bytes = 0, 0 // they would mix reads and writes
	slices.Sort(times)
	measured.Busy = result.Busy
	measured.Reads, measured.Writes = float64(len(times))/passed, float64(writes)/passed
	measured.P50, measured.P99 = float64(times[len(times)/2]), float64(times[len(times)*99/100])
	return measured, nil
}

// isBusy examines the text, which all drivers take from SQLite.
func isBusy(err error) bool {
	text := err.Error()
	return strings.Contains(text, "locked") || strings.Contains(text, "BUSY")
}

// concurrent runs many readers at the same time. An operation is one read.
func concurrent(ctx context.Context, r *runner) (Result, error) {
	all := func(i int) error {
		reads := reads
		if i == 0 { // opens the connections
			reads = 3
		}
		errs := make([]error, workers)
		var running sync.WaitGroup
		for i := range workers {
			running.Go(func() {
				random := rand.New(rand.NewPCG(4, uint64(i)))
				for range reads {
					if errs[i] = r.read(ctx, random); errs[i] != nil {
						return
					}
				}
			})
		}
		running.Wait()
		return errors.Join(errs...)
	}
	result, err := r.repeat(1, 1, all)
	const n = workers * reads
	result.Ops *= n
	for _, figure := range []*float64{&result.Wall, &result.CPU, &result.Allocs, &result.Bytes} {
		*figure /= n
	}
	return result, err
}
