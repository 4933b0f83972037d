package db_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/schema"
	"github.com/google/go-cmp/cmp"
)

// counting yields n values, and then err if it isn't nil.
func counting(n int, err error) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for i := range n {
			if !yield(fmt.Sprint(i), nil) {
				return
			}
		}
		if err != nil && yield("", err) {
			panic("the loop went on after an error")
		}
	}
}

func TestCollect(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 15, 16, 17, 48, 49, 1000, 1008, 1009, 5000} {
		want := []string{}
		for v := range counting(n, nil) {
			want = append(want, v)
		}
		got, err := db.Collect(counting(n, nil))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%d values: error %v (-want +got)\n%s", n, err, diff)
		}
		failed := errors.New("failed")
		if got, err := db.Collect(counting(n, failed)); got != nil || err != failed {
			t.Errorf("%d values and an error: got %d values and error %v", n, len(got), err)
		}
	}
}

func ExampleCollect() {
	ctx := context.Background()
	pool, err := db.Open(ctx, ":memory:")
	if err != nil {
		panic(err)
	}
	defer pool.Close()
	if _, err := db.Migrate(ctx, pool, schema.FS); err != nil {
		panic(err)
	}
	all, err := db.Collect(dbsqlc.New(pool).ListTagsSeq(ctx))
	fmt.Println(len(all), err)
	// Output: 0 <nil>
}

// BenchmarkCollect compares a :many method with its iterator.
func BenchmarkCollect(b *testing.B) {
	pool, err := db.Open(b.Context(), filepath.Join(b.TempDir(), "bench.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	if _, err := db.Migrate(b.Context(), pool, schema.FS); err != nil {
		b.Fatal(err)
	}
	const fill = `INSERT INTO bookmarks (url, title, notes, created_at)
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
		SELECT 'https://example.com/' || i, 'Title of ' || i, 'Some longer notes about ' || i, '2026-01-02 03:04:05.678' FROM n`
	if _, err := pool.ExecContext(b.Context(), fill); err != nil {
		b.Fatal(err)
	}
	q := dbsqlc.New(pool)
	for _, n := range []int64{10, 100, 1000, 10000} {
		page := dbsqlc.ExportBookmarksParams{PageSize: n}
		b.Run(fmt.Sprintf("many/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if got, err := q.ExportBookmarks(b.Context(), page); err != nil || len(got) != int(n) {
					b.Fatal(len(got), err)
				}
			}
		})
		b.Run(fmt.Sprintf("Collect/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if got, err := db.Collect(q.ExportBookmarksSeq(b.Context(), page)); err != nil || len(got) != int(n) {
					b.Fatal(len(got), err)
				}
			}
		})
	}
}
