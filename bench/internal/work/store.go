package work

import (
	"context"
	"fmt"
	"strings"

	"github.com/duolite/duolite/bench/dbsqlc"
)

// A Store is a contestant's implementation of the operations on the tables of package schema.
// Its methods may be called from any goroutine, and return the types of sqlc's methods.
type Store interface {
	Get(ctx context.Context, id int64) (dbsqlc.Bookmark, error)
	Add(ctx context.Context, b dbsqlc.AddBookmarkParams) error
	// List returns the first bookmarks.
	List(ctx context.Context, n int64) ([]dbsqlc.Bookmark, error)
	// Tagged returns n pairs of bookmarks and tags, beginning with bookmark first.
	Tagged(ctx context.Context, first, n int64) ([]dbsqlc.ListTaggedRow, error)
	// AddAll adds bookmarks in one transaction, with one statement each.
	AddAll(ctx context.Context, all []dbsqlc.AddBookmarkParams) error
	// Bulk adds bookmarks in the contestant's way for many rows.
	Bulk(ctx context.Context, all []dbsqlc.AddBookmarkParams) error
	// Each calls visit for every bookmark without holding all of them in memory.
	Each(ctx context.Context, visit func(*dbsqlc.Bookmark)) error
	// Visit reads a bookmark, counts a visit, and adds a bookmark, in one transaction.
	Visit(ctx context.Context, id int64, b dbsqlc.AddBookmarkParams) error
	// GetAll reads the bookmarks with ids, with one statement each.
	GetAll(ctx context.Context, ids []int64) ([]dbsqlc.Bookmark, error)
	// Batch adds bookmarks with one call, which is one request on a server.
	Batch(ctx context.Context, all []dbsqlc.AddBookmarkParams) error
	// Version returns the version of SQLite.
	Version(ctx context.Context) (string, error)
	Close() error
}

// Bookmark returns the i-th bookmark to add. Seeds and other processes use other URLs.
func Bookmark(i int64) dbsqlc.AddBookmarkParams {
	note := "A note on something worth to be read again, one day"
	if wide {
		note = wideNote
	}
	return dbsqlc.AddBookmarkParams{
		URL:       fmt.Sprintf("https://example.com/%s/%012d", run, i),
		Title:     "The title of a page, of about a usual length",
		Notes:     &note,
		Visits:    i % 100,
		Score:     float64(i) / 3,
		CreatedAt: 1_700_000_000 + i,
	}
}

// wideNote is as long as the notes of the wide seed.
var wideNote = strings.Repeat("A note on something worth to be read again. ", 8)

// Bookmarks returns n bookmarks, beginning with the i-th.
func Bookmarks(i int64, n int) []dbsqlc.AddBookmarkParams {
	all := make([]dbsqlc.AddBookmarkParams, n)
	for k := range all {
		all[k] = Bookmark(i + int64(k))
	}
	return all
}
