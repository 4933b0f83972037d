package db_test

import (
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkWriterBesideReaders has 8 goroutines that read a row in a loop, and one that writes b.N times. It
// reports the time of a write, its 99th percentile, and the reads during one write:
//
//	go test -run '^$' -bench WriterBesideReaders -benchtime 20000x ./db
func BenchmarkWriterBesideReaders(b *testing.B) {
	pool := open(b, filepath.Join(b.TempDir(), "bench.db"))
	execute(b, pool, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, n INTEGER)")
	execute(b, pool, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) INSERT INTO t SELECT i, 'the name of row ' || i, i FROM n")
	ctx := b.Context()
	var stop atomic.Bool
	var reads atomic.Int64
	var wg sync.WaitGroup
	for reader := range 8 {
		wg.Go(func() {
			for i := reader; !stop.Load(); i += 7919 {
				var name string
				if err := pool.QueryRowContext(ctx, "SELECT name FROM t WHERE id = ?", i%100000+1).Scan(&name); err != nil {
					b.Error(err)
					return
				}
				reads.Add(1)
			}
		})
	}
	times := make([]time.Duration, b.N)
	b.ResetTimer()
	before := reads.Load()
	for i := range times {
		start := time.Now()
		if _, err := pool.ExecContext(ctx, "UPDATE t SET n = n + 1 WHERE id = ?", i*131%100000+1); err != nil {
			b.Fatal(err)
		}
		times[i] = time.Since(start)
	}
	b.StopTimer()
	during := reads.Load() - before
	stop.Store(true)
	wg.Wait()
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(during)/float64(b.N), "reads/write")
}
