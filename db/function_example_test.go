package db_test

import (
	"cmp"
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

// A longestWord has the longest text of a group.
type longestWord struct{ word string }

func (l *longestWord) Step(word string) {
	if len(word) > len(l.word) {
		l.word = word
	}
}

func (l *longestWord) Value() string { return l.word }

func ExampleWithAggregate() {
	ctx := context.Background()
	pool, err := db.Open(ctx, ":memory:", db.WithAggregate("longest", func() *longestWord { return new(longestWord) }, db.Deterministic))
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	var word string
	if err := pool.QueryRowContext(ctx, `SELECT longest(value) FROM json_each('["a", "word", "two"]')`).Scan(&word); err != nil {
		log.Fatal(err)
	}
	fmt.Println(word)
	// Output: word
}

// An order of texts by their length, and a search by a regular expression.
func ExampleWithCollation() {
	ctx := context.Background()
	byLength := func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) }
	pool, err := db.Open(ctx, ":memory:", db.WithCollation("by_length", byLength), db.WithRegexp())
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	var words string
	if err := pool.QueryRowContext(ctx, `
		SELECT group_concat(value, ' ' ORDER BY value COLLATE by_length)
		FROM json_each('["three", "two", "four", "one"]') WHERE value REGEXP '^[a-t]'`).Scan(&words); err != nil {
		log.Fatal(err)
	}
	fmt.Println(words)
	// Output: one two four three
}
