package examples_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/schema"
)

// The program of the README.
func Example() {
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)

	if err := run(context.Background(), "file:"+filepath.Join(folder, "app.db")); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 1 https://go.dev/ The Go Programming Language
}

func run(ctx context.Context, url string) error {
	pool, err := db.Open(ctx, url) // file:app.db, :memory:, libsql://HOST …
	if err != nil {
		return err
	}
	defer pool.Close()

	if _, err := db.Migrate(ctx, pool, schema.FS); err != nil {
		return err
	}
	queries := dbsqlc.New(pool)
	b, err := queries.UpsertBookmark(ctx, dbsqlc.UpsertBookmarkParams{
		URL:   "https://go.dev/",
		Title: "The Go Programming Language",
	})
	if err != nil {
		return err // errors.Is(err, db.ErrUnique), db.ErrBusy, …
	}
	fmt.Println(b.ID, b.URL, b.Title)
	return nil
}
