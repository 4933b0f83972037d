package examples_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"log/slog"

	"github.com/duolite/duolite/db"
)

// A shop books an order exactly once, however often its client sends it: the identifier
// that the client gave it is the key. A client that got no answer, or an error that is a
// db.ErrOutcomeUnknown, sends the order again, and gets the number that it has.
func Example_once() {
	ctx := context.Background()
	pool, err := db.Open(ctx, ":memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	// In a program these are in a migration.
	if _, err := pool.ExecContext(ctx, "CREATE TABLE orders (number INTEGER PRIMARY KEY, item TEXT NOT NULL);"+db.OnceSchema); err != nil {
		log.Fatal(err)
	}

	for range 2 {
		number, err := bookOrder(ctx, pool, "order-7f3a", "a lamp")
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("your order has the number", number)
	}
	var orders int
	if err := pool.QueryRowContext(ctx, "SELECT count(*) FROM orders").Scan(&orders); err != nil {
		log.Fatal(err)
	}
	fmt.Println("orders:", orders)
	// Output:
	// your order has the number 1
	// your order has the number 1
	// orders: 1
}

func bookOrder(ctx context.Context, pool *sql.DB, id, item string) (int64, error) {
	logRetries := db.WithRetryHook(func(ctx context.Context, r db.Retry) {
		slog.WarnContext(ctx, "the order is tried again", "attempt", r.Attempt, "error", r.Err, "pause", r.Pause)
	})
	number, err := db.InTxOnce(ctx, pool, id, func(tx *sql.Tx) (int64, error) {
		result, err := tx.ExecContext(ctx, "INSERT INTO orders (item) VALUES (?)", item)
		if err != nil {
			return 0, err
		}
		return result.LastInsertId()
	}, logRetries)
	if errors.Is(err, db.ErrOutcomeUnknown) {
		return 0, fmt.Errorf("send the order again with the same id: %w", err)
	}
	return number, err
}
