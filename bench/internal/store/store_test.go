package store_test

import (
	"path/filepath"
	"testing"

	"github.com/duolite/duolite/bench/dbsqlc"
	"github.com/duolite/duolite/bench/internal/store"
	"github.com/duolite/duolite/bench/internal/work"
	"github.com/duolite/duolite/bench/schema"
	"github.com/duolite/duolite/db"
)

// TestStores: what is added by each way is there, so that none is quick by doing less.
func TestStores(t *testing.T) {
	url := filepath.Join(t.TempDir(), "app.db")
	pool, err := db.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pool.ExecContext(t.Context(), schema.SQL); err != nil {
		t.Fatal(err)
	}
	writer, err := db.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	prepared, err := store.NewPrepared(t.Context(), pool, writer)
	if err != nil {
		t.Fatal(err)
	}
	defer prepared.Close()
	want := int64(0)
	for _, s := range []work.Store{store.NewSqlc(pool, nil), prepared} {
		ctx := t.Context()
		for _, add := range []func(all []dbsqlc.AddBookmarkParams) error{
			func(all []dbsqlc.AddBookmarkParams) error { return s.Add(ctx, all[0]) },
			func(all []dbsqlc.AddBookmarkParams) error { return s.AddAll(ctx, all[:2]) },
			func(all []dbsqlc.AddBookmarkParams) error { return s.Bulk(ctx, all) },
			func(all []dbsqlc.AddBookmarkParams) error { return s.Visit(ctx, 1, all[0]) },
		} {
			if err := add(work.Bookmarks(want, 1500)); err != nil {
				t.Fatal(err)
			}
			want += 1500 // the same URL isn't added twice
		}
		all, err := s.List(ctx, -1)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		if err := s.Each(ctx, func(*dbsqlc.Bookmark) { n++ }); err != nil {
			t.Fatal(err)
		}
		if len(all) != n || n%1504 != 0 {
			t.Errorf("%T: %d bookmarks are listed, %d gone through; want 1504 for each store", s, len(all), n)
		}
		last, err := s.Get(ctx, int64(n))
		if err != nil || last != all[n-1] && (last.URL != all[n-1].URL || *last.Notes != *all[n-1].Notes) {
			t.Errorf("%T: %+v, %v; want %+v", s, last, err, all[n-1])
		}
	}
}
