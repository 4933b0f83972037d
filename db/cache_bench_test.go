package db_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/duolite/duolite/db"
)

// BenchmarkCacheSize reads a file of 100,000 wide rows by pools with several sizes of cache, block by block in
// turn, and reports the median of the blocks as a multiple of the median without a shared cache.
func BenchmarkCacheSize(b *testing.B) {
	path := filepath.Join(b.TempDir(), "bench.db")
	fill := fmt.Sprintf(`INSERT INTO t WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
		SELECT i, 'https://example.com/' || i, '%s' || i FROM n`, strings.Repeat("x", 350))
	filled := open(b, path)
	execute(b, filled, "CREATE TABLE t (id INTEGER PRIMARY KEY, url TEXT UNIQUE, notes TEXT)", fill)
	filled.Close()
	sizes := []int64{0, 16 << 20, 64 << 20, 256 << 20}
	for name, query := range map[string]string{
		"point": "SELECT url, notes FROM t WHERE id = ?",
		"page":  "SELECT url, notes FROM t WHERE id >= ? ORDER BY id LIMIT 50",
	} {
		b.Run(name, func(b *testing.B) {
			pools, times := make([]*sql.DB, len(sizes)), make([][]float64, len(sizes))
			for i, size := range sizes {
				pools[i] = open(b, path, db.WithCacheSize(size))
				readRandom(b, pools[i], query, 40_000) // fills the cache
			}
			for b.Loop() {
				for i, pool := range pools {
					before := b.Elapsed()
					readRandom(b, pool, query, 2_000)
					times[i] = append(times[i], float64(b.Elapsed()-before))
				}
			}
			for i := range times {
				slices.Sort(times[i])
				b.ReportMetric(times[i][len(times[i])/2]/times[0][len(times[0])/2], fmt.Sprintf("%dMB/none", sizes[i]>>20))
			}
		})
	}
}

func readRandom(b *testing.B, pool *sql.DB, query string, times int) {
	b.Helper()
	for range times {
		rows, err := pool.QueryContext(b.Context(), query, 1+rand.IntN(99_900))
		if err != nil {
			b.Fatal(err)
		}
		for rows.Next() {
			var url, notes string
			if err := rows.Scan(&url, &notes); err != nil {
				b.Fatal(err)
			}
		}
		if err := rows.Err(); err != nil {
			b.Fatal(err)
		}
	}
}
