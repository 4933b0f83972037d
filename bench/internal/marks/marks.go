// Package marks is duolite's own example, its tables and its queries, at any size: what
// `marks list`, `marks search` and `marks import` ask.
package marks

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/duolite/duolite/bench/internal/store"
	"github.com/duolite/duolite/bench/internal/work"
	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/duolite/duolite/schema"
)

// A Store has the example's tables.
type Store struct {
	store.Sqlc // for what isn't asked here
	pool       *sql.DB
	queries    *dbsqlc.Queries
	middle     *dbsqlc.Bookmark
	count      int
}

var _ work.Grower = (*Store)(nil)

// Open opens a file that [Seed] has made.
func Open(ctx context.Context, path string) (work.Store, error) {
	pool, err := db.Open(ctx, path)
	if err != nil {
		return nil, err
	}
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

// pageSize is what `marks list` shows.
const pageSize = 50

// FirstPage implements [work.Grower].
func (s *Store) FirstPage(ctx context.Context) error {
	return s.page(ctx, dbtype.NewTime(time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC)), math.MaxInt64)
}

// Page implements [work.Grower].
func (s *Store) Page(ctx context.Context) error {
	return s.page(ctx, s.middle.CreatedAt, s.middle.ID)
}

func (s *Store) page(ctx context.Context, before dbtype.Time, id int64) error {
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
	return add(ctx, s.pool, payload("new", i*100, 100, math.MaxInt))
}

// rare is how many bookmarks have the word that is searched for.
const rare = 20

// Seed makes a file with n bookmarks.
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
		if err := add(ctx, pool, payload("seed", from, min(5_000, n-from), n/rare)); err != nil {
			return err
		}
	}
	if err := dbsqlc.New(pool).OptimizeSearchIndex(ctx); err != nil {
		return err
	}
	// Into the file, which is copied without its log.
	_, err = pool.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return err
}

func add(ctx context.Context, pool *sql.DB, payload string) error {
	return db.InTx(ctx, pool, func(tx *sql.Tx) error {
		queries := dbsqlc.New(tx)
		if _, err := queries.ImportBookmarks(ctx, payload); err != nil {
			return err
		}
		if err := queries.ImportTags(ctx, payload); err != nil {
			return err
		}
		_, err := queries.ImportBookmarkTags(ctx, payload)
		return err
	})
}

func url(kind string, i int) string { return fmt.Sprintf("https://example.com/%s/%d", kind, i) }

// payload returns n bookmarks for the import; each of every hasRare has the word.
func payload(kind string, from, n, hasRare int) string {
	rows := make([]map[string]any, n)
	for k := range rows {
		i := from + k
		word := "usual"
		if i%hasRare == 0 && kind == "seed" {
			word = "rare"
		}
		at := time.Date(2020, 1, 1, 0, 0, i, 0, time.UTC).Format(time.RFC3339)
		rows[k] = map[string]any{
			"url": url(kind, i), "title": fmt.Sprintf("The %s title of page %d", word, i), "notes": "A note to be read again",
			"metadata": map[string]any{}, "archived": 0, "visit_count": i % 10, "created_at": at, "updated_at": at,
			"tags": []string{fmt.Sprintf("tag-%d", i%20), fmt.Sprintf("topic-%d", i%300)},
		}
	}
	text, err := json.Marshal(rows)
	if err != nil {
		panic(err) // of maps and numbers
	}
	return string(text)
}
