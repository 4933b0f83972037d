package examples_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbcheck"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/schema"
)

// The program of the README.
func Example() {
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)

	os.Setenv("TURSO_DATABASE_URL", "file:"+filepath.Join(folder, "app.db"))
	defer os.Unsetenv("TURSO_DATABASE_URL")
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 1 https://go.dev/ The Go Programming Language
}

func run(ctx context.Context) error {
	url, opts, err := db.FromEnv(".env") // or a URL of your own: file:app.db, :memory:, libsql://HOST …
	if err != nil {
		return err
	}
	pool, err := db.Open(ctx, url, opts...)
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

// What the README shows that sqlc hasn't got.
func Example_together() {
	ctx := context.Background()
	pool, err := db.Open(ctx, ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	if _, err := db.Migrate(ctx, pool, schema.FS); err != nil {
		log.Fatal(err)
	}
	if err := together(ctx, pool); err != nil {
		log.Fatal(err)
	}
	if err := tag(ctx, pool, []string{"go", "sql"}); err != nil {
		log.Fatal(err)
	}
	if err := list(ctx, pool); err != nil {
		log.Fatal(err)
	}
	// Output:
	// https://go.dev/ 1
	// 2 new tags
	// go
	// sql
}

func together(ctx context.Context, pool *sql.DB) error {
	page := dbsqlc.UpsertBookmarkParams{URL: "https://go.dev/"}

	b := db.NewBatch(pool, dbsqlc.New)
	saved := db.Queue(b, func(q *dbsqlc.Queries) (dbsqlc.Bookmark, error) { return q.UpsertBookmark(ctx, page) })
	count := db.Queue(b, func(q *dbsqlc.Queries) (int64, error) { return q.CountBookmarks(ctx) })
	if err := b.Run(ctx); err != nil {
		return err // nothing is applied, unless it is a db.ErrOutcomeUnknown
	}
	bookmark, err := saved.Get()

	if err != nil {
		return err
	}
	n, err := count.Get()
	fmt.Println(bookmark.URL, n)
	return err
}

func tag(ctx context.Context, pool *sql.DB, names []string) error {
	n, err := db.BulkExec(ctx, pool, dbsqlc.New, names, (*dbsqlc.Queries).ImportTags)

	fmt.Println(n, "new tags")
	return err
}

func list(ctx context.Context, pool *sql.DB) error {
	queries := dbsqlc.New(pool)
	for tag, err := range queries.ListTagsSeq(ctx) {
		if err != nil {
			return err
		}
		fmt.Println(tag.Tag.Name)
	}

	return nil
}

// TestReplica runs the README's replica on a real server.
func TestReplica(t *testing.T) {
	server := dbtest.StartServer(t)
	direct, err := db.Open(t.Context(), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer direct.Close()
	if _, err := direct.ExecContext(t.Context(), "CREATE TABLE notes (text TEXT NOT NULL)"); err != nil {
		t.Fatal(err)
	}
	address := server.URL() + "?replica=" + url.QueryEscape(filepath.Join(t.TempDir(), "app.db"))
	if err := onReplica(t.Context(), address); err != nil {
		t.Error(err)
	}
}

func onReplica(ctx context.Context, url string) error {
	pool, err := db.Open(ctx, url) // http://HOST:PORT?replica=app.db
	if err != nil {
		return err
	}
	defer pool.Close()
	if _, err := pool.ExecContext(ctx, "INSERT INTO notes VALUES ('on the server')"); err != nil {
		return err
	}
	var text string
	if err := pool.QueryRowContext(ctx, "SELECT text FROM notes").Scan(&text); err != nil { // on the copy
		return err
	}
	state, err := db.Sync(ctx, pool) // and the writes of other programs
	if err != nil {
		return err
	}
	fmt.Println(text, state.Behind, "frames behind")

	if text != "on the server" || state.Behind != 0 {
		return fmt.Errorf("%q, %+v", text, state)
	}
	return nil
}

func TestQueries(t *testing.T) {
	dbcheck.Queries(t, dbsqlc.New, schema.FS, os.DirFS("../queries"))
}
