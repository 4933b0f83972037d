package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing/fstest"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/duolite/duolite/schema"
)

// A program opens its database, brings it to its schema, and calls the methods that
// sqlc has made of its queries. The URL, here that of a file, may as well be a
// server's: libsql://example.turso.io.
func Example() {
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
	saved, err := queries.CreateBookmark(ctx, dbsqlc.CreateBookmarkParams{
		URL:       "https://sqlite.org/",
		Title:     "SQLite",
		Metadata:  dbtype.JSON(`{"kind": "database"}`),
		CreatedAt: dbtype.NewTime(time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)),
	})
	if err != nil {
		log.Fatal(err)
	}
	bookmark, err := queries.GetBookmark(ctx, saved.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(bookmark.Title, bookmark.URL, bookmark.CreatedAt)
	// Output: SQLite https://sqlite.org/ 2026-05-01 12:00:00.000
}

// Several methods in one transaction: all of it happens, or nothing.
func Example_transaction() {
	ctx := context.Background()
	pool, err := db.Open(ctx, ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	if _, err := db.Migrate(ctx, pool, schema.FS); err != nil {
		log.Fatal(err)
	}

	save := func(url string, tags ...string) error {
		tx, err := pool.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback() // does nothing after Commit
		queries := dbsqlc.New(tx)
		bookmark, err := queries.UpsertBookmark(ctx, dbsqlc.UpsertBookmarkParams{URL: url})
		if err != nil {
			return err
		}
		for _, tag := range tags {
			if err := queries.CreateTag(ctx, tag); err != nil {
				return err
			}
			if _, err := queries.TagBookmark(ctx, dbsqlc.TagBookmarkParams{BookmarkID: bookmark.ID, Name: tag}); err != nil {
				return err
			}
		}
		return tx.Commit()
	}
	fmt.Println(save("https://go.dev/", "go", "language"))
	fmt.Println(save("https://pkg.go.dev/", "go", " "))

	tags, err := dbsqlc.New(pool).ListTags(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, tag := range tags {
		fmt.Println(tag.Tag.Name, tag.Bookmarks)
	}
	// Output:
	// <nil>
	// CHECK constraint failed: length(name) BETWEEN 1 AND 100 AND name = trim(name)
	// go 1
	// language 1
}

// Many rows are one statement, and one request to a server. Here they are the Params of
// the method that saves a single one.
func ExampleBulkQuery() {
	ctx := context.Background()
	pool, err := db.Open(ctx, ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	if _, err := db.Migrate(ctx, pool, schema.FS); err != nil {
		log.Fatal(err)
	}

	rows := []dbsqlc.CreateBookmarkParams{
		{URL: "https://go.dev/", Title: "Go", Metadata: dbtype.JSON(`{"kind":"language"}`), CreatedAt: dbtype.Now()},
		{URL: "https://sqlite.org/", Title: "SQLite", Metadata: dbtype.JSON("{}"), CreatedAt: dbtype.Now()},
	}
	bookmarks, err := db.BulkQuery(ctx, pool, dbsqlc.New, rows, (*dbsqlc.Queries).CreateBookmarks)
	if err != nil {
		log.Fatal(err)
	}
	for _, b := range bookmarks {
		fmt.Println(b.ID, b.Title, b.Metadata)
	}

	_, err = db.BulkQuery(ctx, pool, dbsqlc.New, rows, (*dbsqlc.Queries).CreateBookmarks)
	fmt.Println(errors.Is(err, db.ErrUnique), err)
	// Output:
	// 1 Go {"kind":"language"}
	// 2 SQLite {}
	// true rows 0 to 1: UNIQUE constraint failed: bookmarks.url
}

// Rows are stored by a method that inserts one: all or none.
func ExampleInsertAll() {
	ctx := context.Background()
	pool, err := db.Open(ctx, ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	if _, err := db.Migrate(ctx, pool, schema.FS); err != nil {
		log.Fatal(err)
	}
	// "go" is there twice, and CreateTag has ON CONFLICT DO NOTHING.
	fmt.Println(db.InsertAll(ctx, pool, dbsqlc.New, []string{"go", "sqlite", "go"}, (*dbsqlc.Queries).CreateTag))
	// Output: 2 <nil>
}

// The results have the order of the rows.
func ExampleInsertAllReturning() {
	ctx := context.Background()
	pool, err := db.Open(ctx, ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	if _, err := db.Migrate(ctx, pool, schema.FS); err != nil {
		log.Fatal(err)
	}
	rows := []dbsqlc.CreateBookmarkParams{
		{URL: "https://go.dev/", Title: "Go", Metadata: dbtype.JSON("{}"), CreatedAt: dbtype.Now()},
		{URL: "https://sqlite.org/", Title: "SQLite", Metadata: dbtype.JSON("{}"), CreatedAt: dbtype.Now()},
	}
	bookmarks, err := db.InsertAllReturning(ctx, pool, dbsqlc.New, rows, (*dbsqlc.Queries).CreateBookmark)
	if err != nil {
		log.Fatal(err)
	}
	for _, b := range bookmarks {
		fmt.Println(b.ID, b.Title)
	}
	_, err = db.InsertAllReturning(ctx, pool, dbsqlc.New, rows[1:], (*dbsqlc.Queries).CreateBookmark)
	fmt.Println(err)
	// Output:
	// 1 Go
	// 2 SQLite
	// row 0: UNIQUE constraint failed: bookmarks.url
}

// An execer is a *sql.DB or a *sql.Tx.
type execer interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}

// A statement of one's own, without sqlc.
func ExampleBulkExec() {
	ctx := context.Background()
	pool, err := db.Open(ctx, ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.ExecContext(ctx, "CREATE TABLE readings (at datetime NOT NULL, celsius REAL NOT NULL, raw BLOB)"); err != nil {
		log.Fatal(err)
	}

	type reading struct {
		At      time.Time
		Celsius float64
		Raw     []byte
	}
	start := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	readings := make([]reading, 25_000)
	for i := range readings {
		readings[i] = reading{start.Add(time.Duration(i) * time.Second), 20.5, []byte{byte(i)}}
	}
	itself := func(on execer) execer { return on }
	n, err := db.BulkExec(ctx, pool, itself, readings, func(on execer, ctx context.Context, payload string) (int64, error) {
		result, err := on.ExecContext(ctx, `INSERT INTO readings
			SELECT e.value ->> 'At', e.value ->> 'Celsius', unhex(e.value ->> 'Raw') FROM json_each(?) AS e`, payload)
		if err != nil {
			return 0, err
		}
		return result.RowsAffected()
	})
	fmt.Println(n, err)
	// Output: 25000 <nil>
}

// The pool is one of database/sql, whatever the URL says.
func ExampleOpen() {
	ctx := context.Background()
	pool, err := db.Open(ctx, ":memory:", db.WithMaxOpenConns(4))
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()

	var answer string
	err = pool.QueryRowContext(ctx, "SELECT ? || '!'", "Hello").Scan(&answer)
	fmt.Println(answer, err)

	_, err = db.Open(ctx, "file:no/such/folder/app.db?mode=rw")
	fmt.Println(err)
	// Output:
	// Hello! <nil>
	// no/such/folder/app.db doesn't exist (mode=rw creates nothing)
}

// Programs act on the kind of an error, which is the same on every engine.
func ExampleError() {
	ctx := context.Background()
	pool, err := db.Open(ctx, ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.ExecContext(ctx, "CREATE TABLE users (name TEXT NOT NULL UNIQUE)"); err != nil {
		log.Fatal(err)
	}

	for range 2 {
		_, err := pool.ExecContext(ctx, "INSERT INTO users VALUES (?)", "ann")
		switch {
		case errors.Is(err, db.ErrUnique):
			fmt.Println("that name is taken")
		case err != nil:
			log.Fatal(err)
		default:
			fmt.Println("welcome")
		}
	}
	// Output:
	// welcome
	// that name is taken
}

// The files lie in a folder, of which a program embeds the SQL:
//
//	//go:embed *.sql
//	var FS embed.FS
func ExampleMigrate() {
	ctx := context.Background()
	pool, err := db.Open(ctx, ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()

	files := fstest.MapFS{
		"00001_users.sql": {Data: []byte("-- +goose Up\nCREATE TABLE users (name TEXT);\n-- +goose Down\nDROP TABLE users;\n")},
		"00002_email.sql": {Data: []byte("-- +goose Up\nALTER TABLE users ADD COLUMN email TEXT;\n-- +goose Down\nALTER TABLE users DROP COLUMN email;\n")},
	}
	for range 2 {
		applied, err := db.Migrate(ctx, pool, files)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("applied:", len(applied))
		for _, migration := range applied {
			fmt.Println(migration.Name)
		}
	}
	// Output:
	// applied: 2
	// 00001_users.sql
	// 00002_email.sql
	// applied: 0
}

// A token that something else renews is read anew for each connection.
func ExampleWithAuthTokenFunc() {
	readToken := func(context.Context) (string, error) {
		token, err := os.ReadFile("testdata/no-such-token")
		return strings.TrimSpace(string(token)), err
	}
	_, err := db.Open(context.Background(), "libsql://db.example.com", db.WithAuthTokenFunc(readToken))
	fmt.Println(errors.Is(err, fs.ErrNotExist))
	// Output: true
}

// A connector is for what wraps one, to trace or to count statements.
func ExampleNewConnector() {
	connector, err := db.NewConnector(":memory:")
	if err != nil {
		log.Fatal(err)
	}
	pool := sql.OpenDB(connector)
	defer pool.Close()
	fmt.Println(pool.Ping())
	// Output: <nil>
}

func ExampleRedact() {
	fmt.Println(db.Redact("libsql://db.example.com?authToken=secret"))
	fmt.Println(db.Redact("postgres://user:secret@example.com/app"))
	// Output:
	// https://db.example.com
	// (invalid database URL)
}

// A handler's context can be canceled: it ends when the client goes away. Lean does without
// the goroutine that database/sql would start for each query because of it.
func ExampleLean() {
	ctx := context.Background()
	pool, err := db.Open(ctx, ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	if _, err := db.Migrate(ctx, pool, schema.FS); err != nil {
		log.Fatal(err)
	}
	queries := dbsqlc.New(db.Lean(pool))
	handler := func(w http.ResponseWriter, r *http.Request) {
		n, err := queries.CountBookmarks(r.Context())
		if err != nil {
			http.Error(w, "try again later", http.StatusInternalServerError)
			return
		}
		fmt.Fprintf(w, "%d bookmarks", n)
	}
	answer := httptest.NewRecorder()
	handler(answer, httptest.NewRequest("GET", "/", nil))
	fmt.Println(answer.Body)
	// Output: 0 bookmarks
}
