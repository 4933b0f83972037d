package db_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/duolite/duolite/schema"
)

// Calls that write travel together: on a server it is one request, and everywhere one
// transaction.
func ExampleBatch() {
	ctx := context.Background()
	pool, err := db.Open(ctx, ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	if _, err := db.Migrate(ctx, pool, schema.FS); err != nil {
		log.Fatal(err)
	}

	save := func(urls ...string) {
		b := db.NewBatch(pool, dbsqlc.New)
		var saved []*db.Future[dbsqlc.Bookmark]
		for _, url := range urls {
			saved = append(saved, db.Queue(b, func(q *dbsqlc.Queries) (dbsqlc.Bookmark, error) {
				return q.CreateBookmark(ctx, dbsqlc.CreateBookmarkParams{URL: url, Title: url, Metadata: dbtype.JSON("{}")})
			}))
		}
		if err := b.Run(ctx); err != nil {
			fmt.Println(err)
		}
		for _, f := range saved {
			bookmark, err := f.Get()
			switch {
			case errors.Is(err, db.ErrUnique):
				fmt.Println("is there already")
			case errors.Is(err, db.ErrNotApplied):
				fmt.Println("not applied")
			case err != nil:
				log.Fatal(err)
			default:
				fmt.Println(bookmark.ID, bookmark.URL)
			}
		}
	}
	save("https://go.dev/", "https://sqlite.org/")
	save("https://turso.tech/", "https://go.dev/")
	// Output:
	// 1 https://go.dev/
	// 2 https://sqlite.org/
	// call 2 of 2, CreateBookmark: UNIQUE constraint failed: bookmarks.url
	// not applied
	// is there already
}

// Reads that travel together see the database as it was at one moment: a page of a
// program, say, in one request.
func ExampleWithReadOnly() {
	ctx := context.Background()
	pool, err := db.Open(ctx, ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	if _, err := db.Migrate(ctx, pool, schema.FS); err != nil {
		log.Fatal(err)
	}

	b := db.NewBatch(pool, dbsqlc.New, db.WithReadOnly())
	count := db.Queue(b, func(q *dbsqlc.Queries) (int64, error) { return q.CountBookmarks(ctx) })
	tags := db.Queue(b, func(q *dbsqlc.Queries) ([]dbsqlc.ListTagsRow, error) { return q.ListTags(ctx) })
	totals := db.Queue(b, func(q *dbsqlc.Queries) (dbsqlc.GetTotalsRow, error) { return q.GetTotals(ctx) })
	if err := b.Run(ctx); err != nil {
		log.Fatal(err)
	}
	n, err := count.Get()
	fmt.Println(n, err)
	names, err := tags.Get()
	fmt.Println(len(names), err)
	fmt.Println(totals.Err())
	// Output:
	// 0 <nil>
	// 0 <nil>
	// <nil>
}

// In a transaction of the program's own a batch is a part of it.
func ExampleNewBatch_transaction() {
	ctx := context.Background()
	pool, err := db.Open(ctx, ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	if _, err := db.Migrate(ctx, pool, schema.FS); err != nil {
		log.Fatal(err)
	}

	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		log.Fatal(err)
	}
	defer tx.Rollback() // does nothing after Commit
	bookmark, err := dbsqlc.New(tx).CreateBookmark(ctx, dbsqlc.CreateBookmarkParams{URL: "https://go.dev/", Metadata: dbtype.JSON("{}")})
	if err != nil {
		log.Fatal(err)
	}
	b := db.NewBatch(tx, dbsqlc.New)
	for _, tag := range []string{"go", "language"} {
		db.QueueExec(b, func(q *dbsqlc.Queries) error { return q.CreateTag(ctx, tag) })
		db.Queue(b, func(q *dbsqlc.Queries) (int64, error) {
			return q.TagBookmark(ctx, dbsqlc.TagBookmarkParams{BookmarkID: bookmark.ID, Name: tag})
		})
	}
	fmt.Println(b.Len(), b.Run(ctx))
	fmt.Println(tx.Commit())
	// Output:
	// 4 <nil>
	// <nil>
}
