package work

import (
	"context"
	"fmt"

	"github.com/duolite/duolite/bench/dbsqlc"
)

// A Store is a contestant's way to the tables of package schema. Its methods may be
// called from any goroutine, and return what sqlc's do.
type Store interface {
	Get(ctx context.Context, id int64) (dbsqlc.Bookmark, error)
	Add(ctx context.Context, b dbsqlc.AddBookmarkParams) error
	// List returns the first bookmarks.
	List(ctx context.Context, n int64) ([]dbsqlc.Bookmark, error)
	// Tagged returns n pairs of bookmarks and tags from a bookmark on.
	Tagged(ctx context.Context, first, n int64) ([]dbsqlc.ListTaggedRow, error)
	// AddAll adds bookmarks in one transaction, by one statement each.
	AddAll(ctx context.Context, all []dbsqlc.AddBookmarkParams) error
	// Bulk adds bookmarks in the way that is meant for many.
	Bulk(ctx context.Context, all []dbsqlc.AddBookmarkParams) error
	// Each calls visit for every bookmark, without holding all of them.
	Each(ctx context.Context, visit func(*dbsqlc.Bookmark)) error
	// Visit reads, counts a visit and adds a bookmark, in one transaction.
	Visit(ctx context.Context, id int64, b dbsqlc.AddBookmarkParams) error
	// GetAll reads the bookmarks with ids, by a statement each.
	GetAll(ctx context.Context, ids []int64) ([]dbsqlc.Bookmark, error)
	// Batch adds bookmarks by one call: on a server, by one request.
	Batch(ctx context.Context, all []dbsqlc.AddBookmarkParams) error
	// Version returns SQLite's.
	Version(ctx context.Context) (string, error)
	Close() error
}

// Bookmark returns the i-th bookmark to add. Seeds and other processes have other URLs.
func Bookmark(i int64) dbsqlc.AddBookmarkParams {
	note := "A note on something worth to be read again, one day"
	return dbsqlc.AddBookmarkParams{
		URL:       fmt.Sprintf("https://example.com/%s/%012d", run, i),
		Title:     "The title of a page, of about a usual length",
		Notes:     &note,
		Visits:    i % 100,
		Score:     float64(i) / 3,
		CreatedAt: 1_700_000_000 + i,
	}
}

// Bookmarks returns the n bookmarks from the i-th on.
func Bookmarks(i int64, n int) []dbsqlc.AddBookmarkParams {
	all := make([]dbsqlc.AddBookmarkParams, n)
	for k := range all {
		all[k] = Bookmark(i + int64(k))
	}
	return all
}
