package db_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"os"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtrace"
)

// A log has each query by its name in sqlc's comment, and the plan of slow ones.
func ExampleWithTracer() {
	ctx := context.Background()
	handler := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelWarn, ReplaceAttr: withoutTimes})
	tracer := &dbtrace.Logger{
		Log:   slog.New(handler),
		Level: slog.LevelDebug,
		Slow:  1, // a nanosecond; in a program rather 100 * time.Millisecond
	}
	pool, err := db.Open(ctx, ":memory:", db.WithTracer(tracer))
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	const query = "-- name: CountTables :one\nSELECT count(*) FROM sqlite_schema"
	var n int
	if err := pool.QueryRowContext(ctx, query).Scan(&n); err != nil {
		log.Fatal(err)
	}
	// Output: level=WARN msg="slow query" name=CountTables rows=1 sql="SELECT count(*) FROM sqlite_schema" plan="SCAN sqlite_master"
}

// withoutTimes leaves out the attributes that differ each time.
func withoutTimes(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey || a.Key == "duration" {
		return slog.Attr{}
	}
	return a
}

func ExampleStats() {
	ctx := context.Background()
	pool, err := db.Open(ctx, ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	before, err := db.Stats(pool)
	if err != nil {
		log.Fatal(err)
	}
	for range 3 {
		if err := pool.QueryRowContext(ctx, "SELECT 1").Scan(new(int)); err != nil {
			log.Fatal(err)
		}
	}
	after, err := db.Stats(pool)
	fmt.Println(after.Calls-before.Calls, "calls,", after.Compiled-before.Compiled, "compiled,", after.OpenConnections, "connection,", err)
	// Output: 3 calls, 1 compiled, 1 connection, <nil>
}
