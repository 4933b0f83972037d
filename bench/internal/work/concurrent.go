package work

import (
	"context"
	"errors"
	"fmt"
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

// mixed runs readers as fast as possible beside a writer, which writes as fast as possible or at a
// fixed rate. It counts lock errors, which some settings cause; other errors end the run.
func mixed(ctx context.Context, r *runner) (Result, error) {
	if err := r.read(ctx, rand.New(rand.NewPCG(1, 2))); err != nil {
		return Result{}, err
	}
	m := start()
	run := mixedRun{runner: r, begin: m.at, end: m.at.Add(r.duration)}
	var all sync.WaitGroup
	for i := range readers {
		all.Go(func() { run.readAll(ctx, rand.New(rand.NewPCG(3, uint64(i)))) })
	}
	all.Go(func() { run.writeAll(ctx) })
	all.Wait()
	if run.failed != nil || len(run.reads) == 0 || len(run.writes) == 0 {
		return Result{}, errors.Join(run.failed, fmt.Errorf("%d reads and %d writes were done", len(run.reads), len(run.writes)))
	}
	passed := time.Since(m.at).Seconds()
	measured := m.stop(len(run.reads))
	measured.Allocs, measured.Bytes = 0, 0 // they would mix reads and writes
	measured.Busy = run.busy
	measured.Reads, measured.Writes = float64(len(run.reads))/passed, float64(len(run.writes))/passed
	measured.P50, measured.P99 = percentiles(run.reads)
	measured.WriteP50, measured.WriteP99 = percentiles(run.writes)
	return measured, nil
}

// A mixedRun is one run of readers beside a writer.
type mixedRun struct {
	*runner
	begin, end time.Time
	writes     []int64 // their times

	mu     sync.Mutex
	reads  []int64
	busy   int
	failed error
}

func (m *mixedRun) readAll(ctx context.Context, random *rand.Rand) {
	own := make([]int64, 0, 1<<16)
	for before := time.Now(); before.Before(m.end); {
		err := m.read(ctx, random)
		now := time.Now()
		if err == nil {
			own = append(own, int64(now.Sub(before)))
		} else if !m.count(err) {
			break
		}
		before = now
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reads = append(m.reads, own...)
}

func (m *mixedRun) writeAll(ctx context.Context) {
	for i := int64(0); ; i++ {
		from := time.Now()
		if m.rate > 0 {
			from = m.begin.Add(time.Duration(i) * time.Second / time.Duration(m.rate))
			time.Sleep(time.Until(from))
		}
		if !from.Before(m.end) || !time.Now().Before(m.end) {
			return
		}
		if err := m.store.Add(ctx, Bookmark(i)); err == nil {
			m.writes = append(m.writes, int64(time.Since(from)))
		} else if !m.count(err) {
			return
		}
	}
}

// count counts an error of a lock. It reports false for another error, which ends the run.
func (m *mixedRun) count(err error) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !isBusy(err) {
		m.failed = errors.Join(m.failed, err)
		return false
	}
	m.busy++
	return true
}

func percentiles(times []int64) (p50, p99 float64) {
	slices.Sort(times)
	return float64(times[len(times)/2]), float64(times[len(times)*99/100])
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
