package db_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"strings"

	"github.com/duolite/duolite/db"
)

// A temporary view, on each connection of the pool.
func ExampleWithAfterConnect() {
	ctx := context.Background()
	pool, err := db.Open(ctx, ":memory:", db.WithAfterConnect(`
		PRAGMA cache_size = -64000;
		CREATE TEMP VIEW primes AS SELECT value FROM json_each('[2, 3, 5, 7]');
	`))
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	var sum int
	if err := pool.QueryRowContext(ctx, "SELECT sum(value) FROM primes").Scan(&sum); err != nil {
		log.Fatal(err)
	}
	fmt.Println(sum)
	// Output: 17
}

// A temporary table of values that the program has.
func ExampleWithAfterConnectFunc() {
	ctx := context.Background()
	rates := map[string]float64{"EUR": 1, "CHF": 0.5}
	pool, err := db.Open(ctx, ":memory:", db.WithAfterConnectFunc(func(ctx context.Context, conn *sql.Conn) error {
		if _, err := conn.ExecContext(ctx, "CREATE TEMP TABLE rates (currency TEXT PRIMARY KEY, rate REAL NOT NULL)"); err != nil {
			return err
		}
		for currency, rate := range rates {
			if _, err := conn.ExecContext(ctx, "INSERT INTO rates VALUES (?, ?)", currency, rate); err != nil {
				return err
			}
		}
		return nil
	}))
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	var euros float64
	if err := pool.QueryRowContext(ctx, "SELECT 80 * rate FROM rates WHERE currency = 'CHF'").Scan(&euros); err != nil {
		log.Fatal(err)
	}
	fmt.Println(euros)
	// Output: 40
}

// An index on a function finds a slug without reading all rows.
func ExampleWithFunction() {
	ctx := context.Background()
	slug := func(title string) string { return strings.Join(strings.Fields(strings.ToLower(title)), "-") }
	pool, err := db.Open(ctx, ":memory:", db.WithFunction("slug", slug, db.Deterministic))
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.ExecContext(ctx, `
		CREATE TABLE posts (title TEXT NOT NULL);
		CREATE UNIQUE INDEX posts_slug ON posts (slug(title));
		INSERT INTO posts VALUES ('Go and  SQLite'), ('Vectors');
	`); err != nil {
		log.Fatal(err)
	}
	var title string
	if err := pool.QueryRowContext(ctx, "SELECT title FROM posts WHERE slug(title) = ?", "go-and-sqlite").Scan(&title); err != nil {
		log.Fatal(err)
	}
	fmt.Println(title)
	// Output: Go and  SQLite
}
