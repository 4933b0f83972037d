package conformance

import (
	"context"
	"database/sql"
	"errors"

	"github.com/duolite/duolite/db"
)

var transactionCases = []testCase{
	{"commit and rollback", commitAndRollback},
	{"an empty transaction", emptyTransaction},
	{"what it wrote is seen inside it", seenInside},
	{"definitions are rolled back", definitions},
	{"the first statement takes the write lock", takesLock},
	{"isolation levels", isolationLevels},
	{"read-only refuses writes", readOnlyRefuses},
	{"read-only ends with its transaction", readOnlyEnds},
	{"read-only is a snapshot", readOnlySnapshot},
	{"savepoints by text", savepoints},
	{"COMMIT and the like by text are refused", textInTx},
	{"an error leaves the transaction usable", errorInTx},
	{"a context that ends after its statement", contextAfterStatement},
	{"deferred foreign keys", deferredKeys},
	{"use after the end", useAfterEnd},
	{"the context of BeginTx ends it", beginContext},
	{"BEGIN through a pool of one connection", beginOnPool},
	{"BEGIN through a pool of one connection, ended by an error", endedOnPool},
	{"BEGIN, INSERT, COMMIT through the pool", textThroughPool},
	{"a connection closed with an open transaction", connClosedOpen},
	{"by text on a connection", textOnConn},
	{"BeginTx on a connection", beginOnConn},
	{"a thousand statements", longTransaction},
	{"rows that aren't read to their end", unreadRows},
	{"other pools see it at once", seenAtOnce},
}

func commitAndRollback(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	tx := t.begin(t.pool, nil)
	t.exec(tx, "INSERT INTO t VALUES ('a')")
	t.exec(tx, "INSERT INTO t VALUES (?)", "b")
	t.commit(tx)
	t.wantLetters(t.pool, "ab")
	tx = t.begin(t.pool, nil)
	t.exec(tx, "INSERT INTO t VALUES ('c')")
	t.exec(tx, "DELETE FROM t WHERE x = 'a'")
	t.rollback(tx)
	t.wantLetters(t.pool, "ab")
}

func emptyTransaction(t *tester) {
	for _, opts := range []*sql.TxOptions{nil, {ReadOnly: true}} {
		t.commit(t.begin(t.pool, opts))
		t.rollback(t.begin(t.pool, opts))
	}
	t.wantIdle()
}

func seenInside(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	tx := t.begin(t.pool, nil)
	t.wantLetters(tx, "") // reads first
	t.exec(tx, "INSERT INTO t VALUES ('a')")
	t.wantLetters(tx, "a")
	t.wantValue(tx, "b", "UPDATE t SET x = 'b' RETURNING x")
	t.wantLetters(tx, "b")
	t.commit(tx)
	t.wantLetters(t.pool, "b")
}

func definitions(t *tester) {
	t.setUp("CREATE TABLE t (x)", "INSERT INTO t VALUES ('a')")
	tx := t.begin(t.pool, nil)
	t.exec(tx, "CREATE TABLE u (x)")
	t.exec(tx, "ALTER TABLE t ADD COLUMN y DEFAULT 'b'")
	t.exec(tx, "INSERT INTO u SELECT y FROM t")
	t.wantValue(tx, "b", "SELECT x FROM u")
	t.exec(tx, "DROP TABLE t")
	t.rollback(tx)
	t.equal("rows", t.rows(t.pool, "SELECT * FROM t"), [][]any{{"a"}})
	t.wantValue(t.pool, int64(1), "SELECT count(*) FROM sqlite_schema")
}

// takesLock reads in two transactions before it writes in both. If the first write took the
// lock, one of them would fail.
func takesLock(t *tester) {
	t.setUp("CREATE TABLE t (n)", "INSERT INTO t VALUES (0)")
	add := func(amount int) error {
		tx, err := t.pool.BeginTx(t.ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		var n int
		if err := tx.QueryRowContext(t.ctx, "SELECT n FROM t").Scan(&n); err != nil {
			return err
		}
		if _, err := tx.ExecContext(t.ctx, "UPDATE t SET n = ?", n+amount); err != nil {
			return err
		}
		return tx.Commit()
	}
	first := t.begin(t.pool, nil)
	t.wantValue(first, int64(0), "SELECT n FROM t")
	second := make(chan error, 1)
	go func() { second <- add(10) }()
	t.exec(first, "UPDATE t SET n = n + 1")
	t.commit(first)
	if err := <-second; err != nil {
		t.Errorf("the second transaction: %v", err)
	}
	t.wantValue(t.pool, int64(11), "SELECT n FROM t")
}

func errorInTx(t *tester) {
	t.setUp("CREATE TABLE t (x UNIQUE)")
	tx := t.begin(t.pool, nil)
	_, err := tx.ExecContext(t.ctx, "INSERT INTO nowhere VALUES (1)") // first statement
	t.fails("no table", err)
	t.exec(tx, "INSERT INTO t VALUES ('a')")
	for _, text := range []string{"INSERT INTO t VALUES ('a')", "INSERT INTO t VALUES ('b'), ('a') RETURNING x", "SELEC 1", "INSERT INTO nowhere VALUES ('b')", "SELECT abs(-9223372036854775808)"} {
		_, err := tx.ExecContext(t.ctx, text)
		t.fails(text, err)
		t.fails(text, drain(tx.QueryContext(t.ctx, text)))
	}
	t.exec(tx, "INSERT INTO t VALUES ('c')")
	t.commit(tx)
	t.wantLetters(t.pool, "ac")
}

// contextAfterStatement checks that a transaction continues when the contexts of completed
// statements end, as they do with a deferred cancel.
func contextAfterStatement(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	tx := t.begin(t.pool, nil)
	for _, x := range []string{"a", "b", "c"} {
		ctx, cancel := context.WithCancel(t.ctx)
		if _, err := tx.ExecContext(ctx, "INSERT INTO t VALUES (?)", x); err != nil {
			t.Fatal(err)
		}
		cancel()
		ctx, cancel = context.WithCancel(t.ctx)
		if err := drain(tx.QueryContext(ctx, "SELECT x FROM t")); err != nil {
			t.Fatal(err)
		}
		cancel()
		ctx, cancel = context.WithCancel(t.ctx)
		if err := scan(tx.QueryRowContext(ctx, "SELECT x FROM t")); err != nil {
			t.Fatal(err)
		}
		cancel()
		ctx, cancel = context.WithCancel(t.ctx)
		stmt, err := tx.PrepareContext(ctx, "UPDATE t SET x = upper(x)")
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		if _, err := stmt.ExecContext(t.ctx); err != nil {
			t.Fatal(err)
		}
	}
	t.commit(tx)
	t.wantLetters(t.pool, "ABC")
}

func deferredKeys(t *tester) {
	t.setUp("CREATE TABLE p (id INTEGER PRIMARY KEY)", "CREATE TABLE t (x REFERENCES p DEFERRABLE INITIALLY DEFERRED)")
	t.pool.SetMaxOpenConns(1)
	tx := t.begin(t.pool, nil)
	t.exec(tx, "INSERT INTO t VALUES (1)")
	t.exec(tx, "INSERT INTO p VALUES (1)")
	t.commit(tx)

	tx = t.begin(t.pool, nil)
	t.exec(tx, "INSERT INTO p VALUES (2)")
	t.exec(tx, "INSERT INTO t VALUES (7)")
	t.wantError("commit", tx.Commit(), db.ErrForeignKey, 787, "FOREIGN KEY constraint failed")
	t.wantLetters(t.pool, "1")
	t.wantValue(t.pool, int64(1), "SELECT count(*) FROM p")
	t.setUp("INSERT INTO t VALUES (1)")
	t.wantIdleConn()
}

func useAfterEnd(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	for _, end := range []func(*sql.Tx){t.commit, t.rollback} {
		tx := t.begin(t.pool, nil)
		t.exec(tx, "INSERT INTO t VALUES ('a')")
		end(tx)
		_, err := tx.ExecContext(t.ctx, "INSERT INTO t VALUES ('b')")
		t.failsAs("Exec", err, sql.ErrTxDone)
		t.failsAs("Query", drain(tx.QueryContext(t.ctx, "SELECT 1")), sql.ErrTxDone)
		_, err = tx.PrepareContext(t.ctx, "SELECT 1")
		t.failsAs("Prepare", err, sql.ErrTxDone)
		t.failsAs("Commit", tx.Commit(), sql.ErrTxDone)
		t.failsAs("Rollback", tx.Rollback(), sql.ErrTxDone)
	}
	t.wantLetters(t.pool, "a")
}

func beginContext(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	ctx, cancel := context.WithCancel(t.ctx)
	tx, err := t.pool.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.exec(tx, "INSERT INTO t VALUES ('a')")
	cancel()
	t.setUp("INSERT INTO t VALUES ('b')") // succeeds if the lock is free
	t.fails("Commit", tx.Commit())
	t.wantLetters(t.pool, "b")
}

func longTransaction(t *tester) {
	t.setUp("CREATE TABLE t (x INTEGER)")
	tx := t.begin(t.pool, nil)
	stmt := t.prepare(tx, "INSERT INTO t VALUES (?)")
	for i := range 1000 {
		if _, err := stmt.ExecContext(t.ctx, i); err != nil {
			t.Fatal(err)
		}
	}
	t.commit(tx)
	t.equal("rows", t.row(t.pool, "SELECT count(*), sum(x) FROM t"), []any{int64(1000), int64(499500)})
}

func unreadRows(t *tester) {
	t.setUp("CREATE TABLE t (x)", "INSERT INTO t VALUES ('a'), ('b'), ('c')")
	for _, end := range []func(*sql.Tx){t.commit, t.rollback} {
		tx := t.begin(t.pool, nil)
		rows, err := tx.QueryContext(t.ctx, "SELECT x FROM t")
		if err != nil || !rows.Next() {
			t.Fatalf("no rows: %v", err)
		}
		t.exec(tx, "INSERT INTO t VALUES ('d')")
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
		end(tx)
	}
	t.wantLetters(t.pool, "abcd")
	t.wantIdle()

	// The end of the transaction closes these.
	tx := t.begin(t.pool, nil)
	rows, err := tx.QueryContext(t.ctx, "SELECT x FROM t")
	if err != nil || !rows.Next() {
		t.Fatalf("no rows: %v", err)
	}
	t.exec(tx, "DELETE FROM t")
	t.commit(tx)
	if rows.Next() {
		t.Error("there are rows after the transaction")
	}
	if err := rows.Close(); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	t.wantLetters(t.pool, "")
}

func seenAtOnce(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	other := t.open()
	for i := range 10 {
		tx := t.begin(t.pool, nil)
		t.exec(tx, "INSERT INTO t VALUES (?)", i)
		t.commit(tx)
		t.wantValue(other, int64(i+1), "SELECT count(*) FROM t")
		t.exec(other, "UPDATE t SET x = 'a'")
		t.wantValue(t.pool, int64(i+1), "SELECT count(*) FROM t WHERE x = 'a'")
	}
}
