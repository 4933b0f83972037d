package db_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// TestCloseEndsWhatRuns closes a pool while it is in use: the calls end, and say why.
func TestCloseEndsWhatRuns(t *testing.T) {
	t.Parallel()
	calls := map[string]func(pool *sql.DB, other *sql.Tx) error{
		"query": func(pool *sql.DB, _ *sql.Tx) error { return pool.QueryRow(forever).Scan(new(int)) },
		"exec":  func(pool *sql.DB, _ *sql.Tx) error { _, err := pool.Exec(endless); return err },
		"wait for a lock": func(pool *sql.DB, _ *sql.Tx) error {
			_, err := pool.Exec("INSERT INTO t VALUES (1)")
			return err
		},
		"transaction": func(_ *sql.DB, tx *sql.Tx) error { return tx.QueryRow(forever).Scan(new(int)) },
	}
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		for name, call := range calls {
			before := d.Open(t, nil)
			execute(t, before, "CREATE TABLE IF NOT EXISTS t (x)")
			pool := d.Open(t, nil, db.WithMaxOpenConns(4))
			tx := begin(t, pool, nil)
			locks := name == "wait for a lock" || name == "transaction"
			if locks {
				get[int](t, tx, "SELECT 1")
			}
			result := make(chan error, 1)
			go func() { result <- call(pool, tx) }()
			for pool.Stats().InUse < 2 && name != "transaction" {
				time.Sleep(time.Millisecond)
			}
			time.Sleep(50 * time.Millisecond) // so that it is at work, most of the time
			if err := pool.Close(); err != nil {
				t.Errorf("%s: Close: %v", name, err)
			}
			select {
			case err := <-result:
				if !errors.Is(err, sql.ErrConnDone) || errors.Is(err, context.Canceled) {
					t.Errorf("%s: got error %v, want %v", name, err, sql.ErrConnDone)
				}
			case <-time.After(time.Minute):
				t.Fatalf("%s goes on after Close", name)
			}
			if err := tx.Commit(); locks && err == nil {
				t.Errorf("%s: a transaction is committed after Close", name)
			}
			if d.Local() { // a server goes on with what it has begun
				check(t, name+": rows", get[int](t, before, "SELECT count(*) FROM t"), 0)
			}
		}
	})
}
