package queries_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/duolite/duolite/schema"
)

// Beside each method that returns a list is an iterator, whose name ends in Seq. Its rows
// come one by one, so that it makes no difference how many there are; leaving the
// loop gives the connection back.
func Example_iterator() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	pool, err := db.Open(ctx, filepath.Join(dir, "app.db"))
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	if _, err := db.Migrate(ctx, pool, schema.FS); err != nil {
		log.Fatal(err)
	}
	queries := dbsqlc.New(pool)
	for _, url := range []string{"https://go.dev/", "https://sqlite.org/", "https://sqlc.dev/"} {
		params := dbsqlc.CreateBookmarkParams{URL: url, Metadata: dbtype.JSON("{}"), CreatedAt: day(1)}
		if _, err := queries.CreateBookmark(ctx, params); err != nil {
			log.Fatal(err)
		}
	}

	all := dbsqlc.ExportBookmarksParams{AfterID: 0, PageSize: -1} // LIMIT -1 is none
	for bookmark, err := range queries.ExportBookmarksSeq(ctx, all) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(bookmark.ID, bookmark.URL)
		if bookmark.ID == 2 {
			break
		}
	}
	// Output:
	// 1 https://go.dev/
	// 2 https://sqlite.org/
}
