package db_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/db/dbtrace"
	"github.com/duolite/duolite/schema"
)

// quiet is a Tracer that does nothing.
type quiet struct{}

func (quiet) Start(ctx context.Context, _ *dbtrace.Call) context.Context { return ctx }

func (quiet) End(context.Context, *dbtrace.Call) {}

// BenchmarkTracer compares the point read of docs/performance.md with and without a Tracer. The pools take
// turns in rounds of some hundred reads, and the ratio of the medians is the result.
//
//	go test -run '^$' -bench BenchmarkTracer -benchtime 1000x ./db
func BenchmarkTracer(b *testing.B) {
	const query = "-- name: GetBookmark :one\nSELECT id, url, title, notes, archived, visit_count, created_at, updated_at FROM bookmarks WHERE id = ?"
	open := func(opts ...db.Option) *sql.DB {
		pool, err := db.Open(b.Context(), filepath.Join(b.TempDir(), "app.db"), opts...)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { pool.Close() })
		if _, err := db.Migrate(b.Context(), pool, schema.FS); err != nil {
			b.Fatal(err)
		}
		execute(b, pool, `INSERT INTO bookmarks (url, title, notes, created_at)
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
			SELECT 'https://example.com/' || i, 'Title of ' || i, 'Some longer notes about ' || i, '2026-01-02 03:04:05.678' FROM n`)
		return pool
	}
	const reads = 500
	pools := []*sql.DB{open(), open(db.WithTracer(quiet{}))}
	times := make([][]time.Duration, len(pools))
	for b.Loop() {
		for i, pool := range pools {
			began := time.Now()
			for n := range reads {
				var book dbsqlc.Bookmark
				row := pool.QueryRowContext(b.Context(), query, n*17%10000+1)
				if err := row.Scan(&book.ID, &book.URL, &book.Title, &book.Notes, &book.Archived, &book.VisitCount, &book.CreatedAt, &book.UpdatedAt); err != nil {
					b.Fatal(err)
				}
			}
			times[i] = append(times[i], time.Since(began)/reads)
		}
	}
	slices.Sort(times[0])
	slices.Sort(times[1])
	off, on := times[0][len(times[0])/2], times[1][len(times[1])/2]
	b.ReportMetric(float64(off.Nanoseconds()), "off-ns")
	b.ReportMetric(float64(on.Nanoseconds()), "on-ns")
	b.ReportMetric(float64(on)/float64(off), "ratio")
}
