// Package marks has the tables and queries of duolite's example with any number of rows: the
// queries of `marks list`, `marks search` and `marks import`.
package marks

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/duolite/duolite/bench/internal/store"
	"github.com/duolite/duolite/bench/internal/work"
	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/duolite/duolite/schema"
)

// A Store uses the example's tables.
type Store struct {
	store.Sqlc // for workloads without the example's tables
	pool       *sql.DB
	queries    *dbsqlc.Queries
	middle     *dbsqlc.Bookmark
	count      int
}

var _ work.Grower = (*Store)(nil)

// New returns the store for a pool on a file made by [Seed].
func New(ctx context.Context, pool *sql.DB) (work.Store, error) {
	s := &Store{Sqlc: *store.NewSqlc(pool, nil), pool: pool, queries: dbsqlc.New(pool)}
	count, err := s.queries.CountBookmarks(ctx)
	if err != nil {
		return nil, err
	}
	s.count = int(count)
	found, err := s.queries.GetBookmarks(ctx, []int64{count / 2})
	if err != nil || len(found) != 1 {
		return nil, fmt.Errorf("find the bookmark in the middle: %d found, %w", len(found), err)
	}
	s.middle = &found[0]
	return s, nil
}

// pageSize is the page size of `marks list`.
const pageSize = 50

// FirstPage implements [work.Grower].
func (s *Store) FirstPage(ctx context.Context) error {
	return s.page(ctx, nil, nil)
}

// Page implements [work.Grower].
func (s *Store) Page(ctx context.Context) error {
	return s.page(ctx, &s.middle.CreatedAt, &s.middle.ID)
}

func (s *Store) page(ctx context.Context, before *dbtype.Time, id *int64) error {
	found, err := s.queries.ListBookmarks(ctx, dbsqlc.ListBookmarksParams{CreatedBefore: before, IDBefore: id, Tags: "[]", PageSize: pageSize})
	if err == nil && len(found) != pageSize {
		err = fmt.Errorf("a page of %d", len(found))
	}
	return err
}

// Lookup implements [work.Grower].
func (s *Store) Lookup(ctx context.Context, i int) error {
	_, err := s.queries.GetBookmarkByURL(ctx, url("seed", i*7919%s.count))
	return err
}

// Search implements [work.Grower].
func (s *Store) Search(ctx context.Context) error {
	found, err := s.queries.SearchBookmarks(ctx, dbsqlc.SearchBookmarksParams{Query: "rare", Tags: "[]", PageSize: pageSize})
	if err == nil && len(found) != rare {
		err = fmt.Errorf("%d found", len(found))
	}
	return err
}

// Import implements [work.Grower].
func (s *Store) Import(ctx context.Context, i int) error {
	return add(ctx, s.pool, bookmarks("new", i*100, 100, math.MaxInt))
}

// rare is the number of bookmarks that contain the search word.
const rare = 20

// Seed creates a file with n bookmarks.
func Seed(ctx context.Context, path string, n int) error {
	pool, err := db.Open(ctx, path)
	if err != nil {
		return err
	}
	defer pool.Close()
	if _, err := db.Migrate(ctx, pool, schema.FS); err != nil {
		return err
	}
	for from := 0; from < n; from += 5_000 {
		if err := add(ctx, pool, bookmarks("seed", from, min(5_000, n-from), n/rare)); err != nil {
			return err
		}
	}
	if err := dbsqlc.New(pool).OptimizeSearchIndex(ctx); err != nil {
		return err
	}
	// Move the log into the file, which is copied without it.
	_, err = pool.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return err
}

// A saved bookmark is a bookmark to import.
type saved struct {
	bookmark dbsqlc.Bookmark
	tags     []string
}

func add(ctx context.Context, pool *sql.DB, all []saved) error {
	type tagged struct {
		URL  string   `json:"url"`
		Tags []string `json:"tags"`
	}
	bookmarks, tags, names := make([]dbsqlc.Bookmark, len(all)), make([]tagged, len(all)), []string{}
	for i, one := range all {
		bookmarks[i], tags[i] = one.bookmark, tagged{one.bookmark.URL, one.tags}
		names = append(names, one.tags...)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return db.InTx(ctx, pool, func(tx *sql.Tx) error {
		if _, err := db.BulkExec(ctx, tx, dbsqlc.New, bookmarks, (*dbsqlc.Queries).ImportBookmarks); err != nil {
			return err
		}
		if _, err := db.BulkExec(ctx, tx, dbsqlc.New, names, (*dbsqlc.Queries).ImportTags); err != nil {
			return err
		}
		_, err := db.BulkExec(ctx, tx, dbsqlc.New, tags, (*dbsqlc.Queries).ImportBookmarkTags)
		return err
	})
}

func url(kind string, i int) string { return fmt.Sprintf("https://example.com/%s/%d", kind, i) }

// bookmarks returns n bookmarks to import. One in hasRare contains the search word.
func bookmarks(kind string, from, n, hasRare int) []saved {
	all := make([]saved, n)
	for k := range all {
		i := from + k
		word := "usual"
		if i%hasRare == 0 && kind == "seed" {
			word = "rare"
		}
		at := dbtype.NewTime(time.Date(2020, 1, 1, 0, 0, i, 0, time.UTC))
		all[k] = saved{
			dbsqlc.Bookmark{
				URL: url(kind, i), Title: fmt.Sprintf("The %s title of page %d", word, i), Notes: "A note to be read again",
				Metadata: dbtype.JSON("{}"), VisitCount: int64(i % 10), CreatedAt: at, UpdatedAt: at,
			},
			[]string{fmt.Sprintf("tag-%d", i%20), fmt.Sprintf("topic-%d", i%300)},
		}
	}
	return all
}
