package conformance

import (
	"context"
	"database/sql"
	"time"

	"github.com/duolite/duolite/db"
)

// lostCases are about transactions that end before the program notices. Later statements must
// not run outside of them.
var lostCases = []testCase{
	{"ON CONFLICT ROLLBACK", lostBy(func(t *tester, tx *sql.Tx) error {
		_, err := tx.ExecContext(t.ctx, "INSERT OR ROLLBACK INTO t VALUES ('a')")
		t.failsAs("insert", err, db.ErrUnique)
		return err
	})},
	{"ON CONFLICT ROLLBACK of a query", lostBy(func(t *tester, tx *sql.Tx) error {
		err := tx.QueryRowContext(t.ctx, "INSERT OR ROLLBACK INTO t VALUES ('a') RETURNING x").Scan(new(string))
		t.failsAs("insert", err, db.ErrUnique)
		return err
	})},
	{"ON CONFLICT ROLLBACK, prepared", lostBy(func(t *tester, tx *sql.Tx) error {
		stmt := t.prepare(tx, "INSERT OR ROLLBACK INTO t VALUES (?)")
		_, err := stmt.ExecContext(t.ctx, "a")
		t.failsAs("insert", err, db.ErrUnique)
		return err
	})},
	{"ON CONFLICT ROLLBACK in a script", lostBy(func(t *tester, tx *sql.Tx) error {
		_, err := tx.ExecContext(t.ctx, "INSERT INTO t VALUES ('s'); INSERT OR ROLLBACK INTO t VALUES ('a'); INSERT INTO t VALUES ('t')")
		t.failsAs("script", err, db.ErrUnique)
		return err
	})},
	{"a conflict clause of the table", lostBy(func(t *tester, tx *sql.Tx) error {
		t.exec(tx, "CREATE TABLE u (x UNIQUE ON CONFLICT ROLLBACK)")
		t.exec(tx, "INSERT INTO u VALUES ('a')")
		_, err := tx.ExecContext(t.ctx, "INSERT INTO u VALUES ('a')")
		return err
	})},
	{"RAISE(ROLLBACK) in a trigger", lostBy(func(t *tester, tx *sql.Tx) error {
		_, err := tx.ExecContext(t.ctx, "INSERT INTO t VALUES ('x')")
		return err
	})},
	{"interrupted Exec", lostBy(func(t *tester, tx *sql.Tx) error {
		ctx, cancel := context.WithTimeout(t.ctx, 50*time.Millisecond)
		defer cancel()
		_, err := tx.ExecContext(ctx, endlessInsert)
		t.failsAs("Exec", err, context.DeadlineExceeded)
		return err
	})},
	{"interrupted Query", lostBy(func(t *tester, tx *sql.Tx) error {
		ctx, cancel := context.WithTimeout(t.ctx, 50*time.Millisecond)
		defer cancel()
		err := scan(tx.QueryRowContext(ctx, endlessMax))
		t.failsAs("Query", err, context.DeadlineExceeded)
		return err
	})},
	{"interrupted prepared statement", lostBy(func(t *tester, tx *sql.Tx) error {
		ctx, cancel := context.WithCancel(t.ctx)
		defer cancel()
		stmt := t.prepare(tx, endlessMax)
		time.AfterFunc(50*time.Millisecond, cancel)
		err := scan(stmt.QueryRowContext(ctx))
		t.failsAs("Query", err, context.Canceled)
		return err
	})},
	{"interrupted script", lostBy(func(t *tester, tx *sql.Tx) error {
		ctx, cancel := context.WithTimeout(t.ctx, 50*time.Millisecond)
		defer cancel()
		_, err := tx.ExecContext(ctx, "INSERT INTO t VALUES ('s'); "+endlessInsert)
		t.failsAs("script", err, context.DeadlineExceeded)
		return err
	})},
	{"interrupted while rows are read", lostBy(func(t *tester, tx *sql.Tx) error {
		ctx, cancel := context.WithCancel(t.ctx)
		defer cancel()
		err := readUntil(tx, ctx, cancel)
		t.failsAs("rows", err, context.Canceled)
		return err
	})},
	{"interrupted, with other rows open", lostBy(func(t *tester, tx *sql.Tx) error {
		rows, err := tx.QueryContext(t.ctx, "SELECT x FROM t")
		if err != nil || !rows.Next() {
			t.Fatalf("no rows: %v", err)
		}
		defer rows.Close()
		ctx, cancel := context.WithTimeout(t.ctx, 50*time.Millisecond)
		defer cancel()
		return scan(tx.QueryRowContext(ctx, endlessMax))
	})},
}

const (
	// recursive counts endlessly.
	recursive = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
	// endlessMax is a query that returns no row until it is interrupted.
	endlessMax = recursive + "SELECT max(i) FROM n"
	// endlessRows is a query with endless rows.
	endlessRows = recursive + "SELECT i FROM n"
	// endlessInsert inserts into t until it is interrupted.
	endlessInsert = "INSERT INTO t " + recursive + "SELECT 'i' || i FROM n"
)

// readUntil reads some endless rows, cancels their context, and reads until the error.
func readUntil(q querier, ctx context.Context, cancel func()) error {
	rows, err := q.QueryContext(ctx, endlessRows)
	if err != nil {
		return err
	}
	defer rows.Close()
	for n := 0; rows.Next(); n++ {
		if n == 10 {
			cancel()
		}
	}
	return rows.Err()
}

// lostBy returns a case in which lose ends the transaction and returns the error. The program
// then uses the transaction further, and ends it by Commit and by Rollback.
func lostBy(lose func(*tester, *sql.Tx) error) func(*tester) {
	return func(t *tester) {
		t.setUp("CREATE TABLE t (x UNIQUE)",
			"CREATE TRIGGER rules BEFORE INSERT ON t WHEN NEW.x = 'x' BEGIN SELECT RAISE(ROLLBACK, 'no x'); END")
		for _, end := range []string{"Commit", "Rollback"} {
			tx := t.begin(t.pool, nil)
			prepared := t.prepare(tx, "INSERT INTO t VALUES ('p')")
			t.exec(tx, "INSERT INTO t VALUES ('a')")
			if err := lose(t, tx); !t.fails("the statement that ends it", err) {
				return
			}
			t.afterLoss(tx, prepared)
			switch end {
			case "Commit":
				t.failsAs(end, tx.Commit(), db.ErrTxLost)
			case "Rollback":
				if err := tx.Rollback(); err != nil {
					t.Errorf("Rollback: %v, but nothing is left of it", err)
				}
			}
			t.wantLetters(t.pool, "")
			t.wantIdle()
		}
		// The pool still works with all of its connections.
		for range 4 {
			tx := t.begin(t.pool, nil)
			t.exec(tx, "INSERT INTO t VALUES ('a')")
			t.wantLetters(tx, "a")
			t.rollback(tx)
		}
	}
}

// afterLoss checks that every call in a lost transaction fails.
func (t *tester) afterLoss(tx *sql.Tx, prepared *sql.Stmt) {
	t.Helper()
	_, err := tx.ExecContext(t.ctx, "INSERT INTO t VALUES ('b')")
	t.failsAs("Exec afterwards", err, db.ErrTxLost)
	t.failsAs("Query afterwards", drain(tx.QueryContext(t.ctx, "INSERT INTO t VALUES ('c') RETURNING x")), db.ErrTxLost)
	t.failsAs("SELECT afterwards", drain(tx.QueryContext(t.ctx, "SELECT 1")), db.ErrTxLost)
	_, err = prepared.ExecContext(t.ctx)
	t.failsAs("a prepared statement afterwards", err, db.ErrTxLost)
	_, err = tx.ExecContext(t.ctx, "INSERT INTO t VALUES ('d'); INSERT INTO t VALUES ('e')")
	t.failsAs("a script afterwards", err, db.ErrTxLost)
	if stmt, err := tx.PrepareContext(t.ctx, "INSERT INTO t VALUES ('f')"); err != nil {
		t.failsAs("Prepare afterwards", err, db.ErrTxLost)
	} else {
		_, err := stmt.ExecContext(t.ctx)
		t.failsAs("Prepare and Exec afterwards", err, db.ErrTxLost)
	}
	// Text can't end it either.
	for _, text := range []string{"BEGIN", "COMMIT", "ROLLBACK"} {
		_, err = tx.ExecContext(t.ctx, text)
		t.fails(text+" afterwards", err)
	}
}
