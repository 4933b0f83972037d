package db_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

const letters = "SELECT coalesce(group_concat(x, ''), '') FROM (SELECT x FROM t ORDER BY x)"

// endless inserts rows until it is interrupted.
const endless = "INSERT INTO t WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"

// forever reads until it is interrupted.
const forever = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"

// TestErrorInTransaction is about most errors: the statement did nothing, and the
// transaction goes on.
func TestErrorInTransaction(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		execute(t, pool, "CREATE TABLE t (x UNIQUE)")
		tx := begin(t, pool, nil)
		execute(t, tx, "INSERT INTO t VALUES ('a')")
		_, err := tx.ExecContext(t.Context(), "INSERT INTO t VALUES ('b'), ('a')")
		checkKind(t, "insert", err, db.ErrUnique)
		_, err = tx.ExecContext(t.Context(), "INSERT INTO nowhere VALUES ('b')")
		checkKind(t, "no table", err, nil)
		execute(t, tx, "INSERT INTO t VALUES ('c')")
		commit(t, tx)
		check(t, "letters", get[string](t, pool, letters), "ac")
	})
}

// TestLostTransaction is about the errors that end a transaction on the engine's side.
// The program doesn't know yet. What it does next must not be run outside of it.
func TestLostTransaction(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		execute(t, pool, "CREATE TABLE t (x UNIQUE)",
			"CREATE TRIGGER rules BEFORE INSERT ON t WHEN NEW.x = 'x' BEGIN SELECT RAISE(ROLLBACK, 'no x'); END")
		ways := []way{
			{"interrupted", func(t *testing.T, tx *sql.Tx) error {
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				defer cancel()
				_, err := tx.ExecContext(ctx, endless)
				return err
			}},
			{"ON CONFLICT ROLLBACK", func(t *testing.T, tx *sql.Tx) error {
				_, err := tx.ExecContext(t.Context(), "INSERT OR ROLLBACK INTO t VALUES ('a')")
				return err
			}},
			{"trigger", func(t *testing.T, tx *sql.Tx) error {
				_, err := tx.ExecContext(t.Context(), "INSERT INTO t VALUES ('x')")
				return err
			}},
			{"RETURNING", func(t *testing.T, tx *sql.Tx) error {
				return tx.QueryRowContext(t.Context(), "INSERT OR ROLLBACK INTO t VALUES ('a') RETURNING x").Scan(new(string))
			}},
			{"prepared", func(t *testing.T, tx *sql.Tx) error {
				stmt, err := tx.PrepareContext(t.Context(), "INSERT OR ROLLBACK INTO t VALUES (?)")
				if err != nil {
					t.Fatal(err)
				}
				_, err = stmt.ExecContext(t.Context(), "a")
				return err
			}},
		}
		if d.Server != nil {
			ways = append(ways, way{"server restarted", func(t *testing.T, tx *sql.Tx) error {
				d.Server.Kill()
				d.Server.Restart()
				_, err := tx.ExecContext(t.Context(), "INSERT INTO t VALUES ('y')")
				return err
			}})
		}
		for _, way := range ways {
			for _, end := range []string{"Commit", "Rollback"} {
				t.Run(way.name+"/"+end, func(t *testing.T) { testLostTransaction(t, pool, way, end) })
			}
		}
	})
}

// A way is one to lose a transaction. It returns the error by which it is lost.
type way struct {
	name string
	lose func(t *testing.T, tx *sql.Tx) error
}

func testLostTransaction(t *testing.T, pool *sql.DB, way way, end string) {
	const over = "the transaction is lost"
	tx := begin(t, pool, nil)
	prepared, err := tx.PrepareContext(t.Context(), "INSERT INTO t VALUES ('p')")
	if err != nil {
		t.Fatal(err)
	}
	execute(t, tx, "INSERT INTO t VALUES ('a')")
	if err := way.lose(t, tx); err == nil {
		t.Fatal("no error")
	} else {
		checkText(t, "the error that ends it", err)
	}

	_, execErr := tx.ExecContext(t.Context(), "INSERT INTO t VALUES ('b')")
	queryErr := tx.QueryRowContext(t.Context(), "INSERT INTO t VALUES ('c') RETURNING x").Scan(new(string))
	_, preparedErr := prepared.ExecContext(t.Context())
	_, prepareErr := tx.PrepareContext(t.Context(), "INSERT INTO t VALUES ('d')")
	for what, err := range map[string]error{
		"Exec": execErr, "Query": queryErr, "a prepared statement": preparedErr, "Prepare": prepareErr,
	} {
		if err == nil || !strings.Contains(err.Error(), over) {
			t.Errorf("%s: error %v, want that %s", what, err, over)
		}
	}
	switch end {
	case "Commit":
		if err := tx.Commit(); err == nil || !strings.Contains(err.Error(), over) {
			t.Errorf("Commit: error %v, want that %s", err, over)
		}
	case "Rollback":
		if err := tx.Rollback(); err != nil {
			t.Errorf("Rollback: %v, but nothing is left of it", err)
		}
	}
	check(t, "letters", get[string](t, pool, letters), "")

	// The pool goes on, with as many connections as it can have.
	for range 4 {
		tx := begin(t, pool, nil)
		execute(t, tx, "INSERT INTO t VALUES ('a')")
		check(t, "letters of the next", get[string](t, tx, letters), "a")
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}
}

// TestInterruptedQuery is about a query in a transaction that was broken off while
// another is still being read. SQLite keeps such a transaction open, but can't say so
// until that one is closed; so it is given up, and its lock has to go with it.
func TestInterruptedQuery(t *testing.T) {
	t.Parallel()
	for _, url := range []string{filepath.Join(t.TempDir(), "app.db"), "file:TestInterruptedQuery?mode=memory"} {
		pool, other := open(t, url), open(t, url, db.WithBusyTimeout(0))
		execute(t, pool, "CREATE TABLE t (x)", "INSERT INTO t VALUES ('a'), ('b')")
		tx := begin(t, pool, nil)
		execute(t, tx, "INSERT INTO t VALUES ('c')")
		rows, err := tx.QueryContext(t.Context(), "SELECT x FROM t")
		if err != nil || !rows.Next() {
			t.Fatalf("no rows: %v", err)
		}
		defer rows.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if err := tx.QueryRowContext(ctx, forever).Scan(new(int)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want %v", err, context.DeadlineExceeded)
		}
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
		execute(t, other, "INSERT INTO t VALUES ('d')")
		check(t, "letters", get[string](t, pool, letters), "abd")
	}
}

// TestServerTakesLock is about a server's limit for transactions: after 5 s it gives
// the lock to another writer that waits for it.
func TestServerTakesLock(t *testing.T) {
	t.Parallel()
	pool := open(t, dbtest.StartServer(t).URL())
	execute(t, pool, "CREATE TABLE t (x)")
	idle, other := begin(t, pool, nil), begin(t, pool, nil)
	execute(t, idle, "INSERT INTO t VALUES ('a')")
	execute(t, other, "INSERT INTO t VALUES ('b')") // waits
	_, err := idle.ExecContext(t.Context(), "INSERT INTO t VALUES ('c')")
	checkKind(t, "a statement of the first", err, db.ErrBusy)
	if _, err := idle.ExecContext(t.Context(), "INSERT INTO t VALUES ('d')"); err == nil {
		t.Error("one more statement of the first is run")
	}
	if err := idle.Rollback(); err != nil {
		t.Error(err)
	}
	commit(t, other)
	check(t, "letters", get[string](t, pool, letters), "b")
}
