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

func held(t *testing.T, pool *sql.DB) *sql.Conn {
	t.Helper()
	conn, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// TestOneTransactionAtATime is about two on one connection, of which one would end the
// other.
func TestOneTransactionAtATime(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		execute(t, pool, "CREATE TABLE t (x)")
		conn := held(t, pool)
		first, err := conn.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, state := range []string{"asked for", "open"} {
			if _, err := conn.BeginTx(t.Context(), nil); err == nil {
				t.Errorf("a second transaction begins while one is %s", state)
			}
			execute(t, first, "INSERT INTO t VALUES ('a')")
		}
		commit(t, first)
		check(t, "letters", get[string](t, pool, letters), "aa")

		// One that its context ends is rolled back by database/sql on a goroutine of its
		// own, which may come after the next has begun.
		for range 200 {
			ctx, cancel := context.WithCancel(t.Context())
			tx, err := conn.BeginTx(ctx, nil)
			if err != nil {
				t.Fatal(err)
			}
			get[int](t, tx, "SELECT 1")
			cancel()
			tx.Rollback()
			next, err := conn.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			execute(t, next, "INSERT INTO t VALUES ('b')")
			if err := next.Rollback(); err != nil {
				t.Fatal(err)
			}
		}
		check(t, "letters after rollbacks", get[string](t, pool, letters), "aa")
	})
}

// TestLostByText is about a transaction that was begun by a statement, and that an error
// rolls back: what follows isn't run outside of it either.
func TestLostByText(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		execute(t, pool, "CREATE TABLE t (x UNIQUE)", "INSERT INTO t VALUES ('a')")
		for name, lose := range map[string]func(conn *sql.Conn) error{
			"interrupted": func(conn *sql.Conn) error {
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				defer cancel()
				_, err := conn.ExecContext(ctx, endless)
				return err
			},
			"script": func(conn *sql.Conn) error {
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				defer cancel()
				_, err := conn.ExecContext(ctx, "INSERT INTO t VALUES ('c'); "+forever)
				return err
			},
			"ON CONFLICT ROLLBACK": func(conn *sql.Conn) error {
				_, err := conn.ExecContext(t.Context(), "INSERT OR ROLLBACK INTO t VALUES ('a')")
				return err
			},
		} {
			for _, end := range []string{"ROLLBACK", "COMMIT"} {
				conn := held(t, pool)
				execute(t, conn, "BEGIN IMMEDIATE", "INSERT INTO t VALUES ('b')")
				if err := lose(conn); err == nil {
					t.Errorf("%s: no error", name)
				}
				_, err := conn.ExecContext(t.Context(), "INSERT INTO t VALUES ('d')")
				checkKind(t, name+": the next statement", err, db.ErrTxLost)
				if _, err := conn.ExecContext(t.Context(), end); (err == nil) != (end == "ROLLBACK") || err != nil && !errors.Is(err, db.ErrTxLost) {
					t.Errorf("%s: %s: error %v", name, end, err)
				}
				check(t, name+": letters", get[string](t, conn, letters), "a")
				conn.Close()
			}
		}
	})
}

// TestScriptEndsSavepoint is about a savepoint of the caller's.
func TestScriptEndsSavepoint(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		execute(t, pool, "CREATE TABLE t (x)")
		tx := begin(t, pool, nil)
		execute(t, tx, "INSERT INTO t VALUES ('a')", "SAVEPOINT s", "INSERT INTO t VALUES ('b')", "ROLLBACK TO s; RELEASE s", "INSERT INTO t VALUES ('c')")
		commit(t, tx)
		check(t, "letters", get[string](t, pool, letters), "ac")
	})
}

// decimal has the method by which database/sql knows decimals of other packages.
type decimal struct{}

func (decimal) Decompose([]byte) (form byte, negative bool, coefficient []byte, exponent int32) {
	return 0, false, []byte{7}, 0
}

func TestDecimalArgument(t *testing.T) {
	t.Parallel()
	if _, err := open(t, ":memory:").ExecContext(t.Context(), "SELECT ?", decimal{}); err == nil {
		t.Error("a decimal is taken")
	}
}
