package conformance

import (
	"database/sql"
)

func savepoints(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	tx := t.begin(t.pool, nil)
	t.exec(tx, "SAVEPOINT one") // the first statement
	for _, text := range []string{
		"INSERT INTO t VALUES ('a')", "SAVEPOINT two", "INSERT INTO t VALUES ('b')", "ROLLBACK TO SAVEPOINT two",
		"INSERT INTO t VALUES ('c')", "RELEASE two", "ROLLBACK TRANSACTION TO one", "INSERT INTO t VALUES ('d')", "RELEASE SAVEPOINT one", "INSERT INTO t VALUES ('e')",
	} {
		t.exec(tx, text)
	}
	_, err := tx.ExecContext(t.ctx, "RELEASE two")
	t.fails("a savepoint that is gone", err)
	t.wantLetters(tx, "de")
	t.commit(tx)
	t.wantLetters(t.pool, "de")
}

func textInTx(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	for _, text := range []string{
		"COMMIT", "commit;", "END", "End Transaction", "/* it's */ COMMIT -- over", "ROLLBACK", "ROLLBACK TRANSACTION;", "BEGIN", "BEGIN IMMEDIATE", "begin exclusive transaction",
	} {
		for _, first := range []bool{true, false} {
			tx := t.begin(t.pool, nil)
			if !first {
				t.exec(tx, "INSERT INTO t VALUES ('x')")
			}
			_, err := tx.ExecContext(t.ctx, text)
			t.fails("Exec of "+text, err)
			t.fails("Query of "+text, drain(tx.QueryContext(t.ctx, text)))
			if stmt, err := tx.PrepareContext(t.ctx, text); err == nil {
				_, err = stmt.ExecContext(t.ctx)
				t.fails("Prepare and Exec of "+text, err)
			}
			t.exec(tx, "INSERT INTO t VALUES ('y')")
			t.rollback(tx)
			t.wantLetters(t.pool, "")
		}
	}
	t.wantIdle()
}

// wantIdleConn wants the one connection of a pool to be in no transaction.
func (t *tester) wantIdleConn() {
	t.Helper()
	tx := t.begin(t.pool, nil)
	t.wantValue(tx, int64(1), "SELECT 1")
	t.rollback(tx)
}

func beginOnPool(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	t.pool.SetMaxOpenConns(1)
	for _, text := range []string{"BEGIN", "BEGIN IMMEDIATE", "SAVEPOINT s"} {
		// Whether this is an error isn't said: what matters is that nothing stays open.
		_, _ = t.pool.ExecContext(t.ctx, text)
		t.setUp("INSERT INTO t VALUES ('a')")
		t.wantIdleConn()
	}
	other := t.open()
	t.exec(other, "INSERT INTO t VALUES ('b')")
	t.wantLetters(other, "aaab")
}

// textThroughPool is what a program must not do: each statement may get another
// connection. It has to be told, by COMMIT at the latest.
func textThroughPool(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	_, _ = t.pool.ExecContext(t.ctx, "BEGIN")
	t.setUp("INSERT INTO t VALUES ('a')")
	_, err := t.pool.ExecContext(t.ctx, "COMMIT")
	t.fails("COMMIT", err)
	_, err = t.pool.ExecContext(t.ctx, "ROLLBACK")
	t.fails("ROLLBACK", err)
	t.wantLetters(t.open(), "a")
	t.wantIdle()
}

func connClosedOpen(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	t.pool.SetMaxOpenConns(1)
	for _, begin := range []string{"BEGIN", "BEGIN IMMEDIATE", "SAVEPOINT s"} {
		conn := t.conn(t.pool)
		t.exec(conn, begin)
		t.exec(conn, "INSERT INTO t VALUES ('a')")
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		t.wantIdleConn()
		t.wantLetters(t.open(), "")
		t.wantIdleConn()
	}
}

func textOnConn(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	conn := t.conn(t.pool)
	for _, begin := range []string{"BEGIN", "BEGIN IMMEDIATE", "begin deferred transaction;", "BEGIN EXCLUSIVE"} {
		t.exec(conn, begin)
		t.exec(conn, "INSERT INTO t VALUES ('a')")
		t.wantLetters(conn, "a")
		t.exec(conn, "ROLLBACK")
		t.wantLetters(conn, "")
		t.exec(conn, begin)
		t.exec(conn, "INSERT INTO t VALUES (?)", "b")
		t.exec(conn, "COMMIT")
		t.wantLetters(t.pool, "b")
		t.exec(conn, "DELETE FROM t")
	}
	_, err := conn.ExecContext(t.ctx, "COMMIT")
	t.fails("COMMIT of nothing", err)
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	t.wantIdle()
}

func beginOnConn(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	conn := t.conn(t.pool)
	for _, x := range []string{"a", "b"} {
		tx, err := conn.BeginTx(t.ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.exec(tx, "INSERT INTO t VALUES (?)", x)
		t.commit(tx)
		t.exec(conn, "INSERT INTO t VALUES ('c')")
	}
	tx, err := conn.BeginTx(t.ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	t.wantLetters(tx, "abcc")
	t.rollback(tx)
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
}
