package dbtype_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtype"
)

// A time is the same from a column, an aggregate, and a function of SQLite that gives a
// number.
func ExampleTime() {
	ctx := context.Background()
	pool, err := db.Open(ctx, ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.ExecContext(ctx, "CREATE TABLE visits (at datetime NOT NULL, left_at datetime)"); err != nil {
		log.Fatal(err)
	}

	zone := time.FixedZone("CET", 3600)
	at := dbtype.NewTime(time.Date(2026, 5, 1, 12, 0, 0, 678e6, zone))
	if _, err := pool.ExecContext(ctx, "INSERT INTO visits (at) VALUES (?)", at); err != nil {
		log.Fatal(err)
	}
	var column, latest, day, number dbtype.Time
	var left *dbtype.Time // may be NULL
	err = pool.QueryRowContext(ctx, "SELECT at, max(at), date(at), unixepoch(at, 'subsec'), left_at FROM visits").
		Scan(&column, &latest, &day, &number, &left)
	fmt.Println(column)
	fmt.Println(latest == column, number == column, left == nil, err)
	fmt.Println(day) // in the form that it was read in
	// Output:
	// 2026-05-01 11:00:00.678
	// true true true <nil>
	// 2026-05-01
}

// JSON stays as it is, and what isn't JSON is neither written nor read.
func ExampleJSON() {
	ctx := context.Background()
	pool, err := db.Open(ctx, ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()

	var set, stored dbtype.JSON
	err = pool.QueryRowContext(ctx, "SELECT ?1, json_set(?1, '$.b', 2)", dbtype.JSON(`{"a": 12345678901234567890}`)).Scan(&stored, &set)
	fmt.Println(stored, err)
	fmt.Println(set)

	err = pool.QueryRowContext(ctx, `SELECT jsonb('{"a":1}') AS j`).Scan(&set)
	fmt.Println(err)
	// Output:
	// {"a": 12345678901234567890} <nil>
	// {"a":12345678901234567890,"b":2}
	// sql: Scan error on column index 0, name "j": not valid JSON (5 bytes); in SQL, json(column) converts JSONB and JSON5 to JSON
}

// A column of JSON is a struct in Go, and JSON for SQLite's own functions.
func ExampleOf() {
	type Settings struct {
		Theme string   `json:"theme"`
		Tags  []string `json:"tags"`
	}
	ctx := context.Background()
	pool, err := db.Open(ctx, ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.ExecContext(ctx, "CREATE TABLE accounts (settings json NOT NULL)"); err != nil {
		log.Fatal(err)
	}

	settings := dbtype.Of[Settings]{V: Settings{Theme: "dark", Tags: []string{"go", "sql"}}}
	if _, err := pool.ExecContext(ctx, "INSERT INTO accounts VALUES (?)", settings); err != nil {
		log.Fatal(err)
	}
	var got dbtype.Of[Settings]
	var theme string
	err = pool.QueryRowContext(ctx, "SELECT settings, settings ->> 'theme' FROM accounts").Scan(&got, &theme)
	fmt.Println(got.V.Tags, theme, err)

	var all dbtype.Of[[]Settings]
	err = pool.QueryRowContext(ctx, "SELECT json_group_array(json(settings)) FROM accounts").Scan(&all)
	fmt.Println(len(all.V), all.V[0].Theme, err)
	// Output:
	// [go sql] dark <nil>
	// 1 dark <nil>
}
