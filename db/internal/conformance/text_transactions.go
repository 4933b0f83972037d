package conformance

import (
	"database/sql"

	"github.com/duolite/duolite/db"
)

func savepoints(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	tx := t.begin(t.pool, nil)
	t.exec(tx, "SAVEPOINT one") // first statement
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

// wantIdleConn checks that the pool's only connection has no open transaction.
func (t *tester) wantIdleConn() {
	t.Helper()
	tx := t.begin(t.pool, nil)
	t.wantValue(tx, int64(1), "SELECT 1")
	t.rollback(tx)
}

// beginOnPool is about a pool of one connection, where a transaction by text works.
func beginOnPool(t *tester) {
	t.setUp("CREATE TABLE t (x UNIQUE)")
	t.pool.SetMaxOpenConns(1)
	other := t.open()
	for _, begin := range []string{"BEGIN", "BEGIN IMMEDIATE", "SAVEPOINT s"} {
		t.setUp(begin, "INSERT INTO t VALUES ('a')")
		t.wantLetters(t.pool, "a")
		_, err := t.pool.BeginTx(t.ctx, nil)
		t.fails("BeginTx in it", err)
		t.wantLetters(other, "")
		t.setUp("ROLLBACK")
		t.wantLetters(t.pool, "")
		t.wantIdleConn()
		t.setUp(begin, "INSERT INTO t VALUES ('b')", "COMMIT")
		t.wantLetters(other, "b")
		t.wantIdleConn()
		t.setUp("DELETE FROM t")
	}
}

// endedOnPool is about a transaction by text that an error ends. Later statements must not run
// outside of it.
func endedOnPool(t *tester) {
	t.setUp("CREATE TABLE t (x UNIQUE)", "INSERT INTO t VALUES ('a')")
	t.pool.SetMaxOpenConns(1)
	for _, end := range []string{"ROLLBACK", "COMMIT"} {
		t.setUp("BEGIN", "INSERT INTO t VALUES ('b')")
		_, err := t.pool.ExecContext(t.ctx, "INSERT OR ROLLBACK INTO t VALUES ('a')")
		t.failsAs("a conflict", err, db.ErrUnique)
		for range 2 {
			_, err = t.pool.ExecContext(t.ctx, "INSERT INTO t VALUES ('c')")
			t.failsAs("an INSERT after it", err, db.ErrTxLost)
		}
		_, err = t.pool.ExecContext(t.ctx, end)
		if (err == nil) != (end == "ROLLBACK") {
			t.Errorf("%s: %v", end, err)
		}
		t.wantLetters(t.pool, "a")
		t.wantIdleConn()
	}
}

// textThroughPool is about a pool of several connections, where each statement could run on
// another connection. So no statement runs until COMMIT or ROLLBACK.
func textThroughPool(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	for _, end := range []string{"COMMIT", "ROLLBACK"} {
		t.setUp("BEGIN")
		held := t.conn(t.pool) // the next statements run on another connection
		for range 2 {
			_, err := t.pool.ExecContext(t.ctx, "INSERT INTO t VALUES ('a')")
			t.failsAs("INSERT", err, db.ErrTxLost)
			_, err = held.ExecContext(t.ctx, "INSERT INTO t VALUES ('a')")
			t.failsAs("INSERT on a connection", err, db.ErrTxLost)
			t.failsAs("SELECT", drain(t.pool.QueryContext(t.ctx, "SELECT 1")), db.ErrTxLost)
			_, err = t.pool.ExecContext(t.ctx, "INSERT INTO t VALUES ('a'); INSERT INTO t VALUES ('b')")
			t.failsAs("a script", err, db.ErrTxLost)
		}
		tx := t.begin(t.pool, nil) // not affected
		t.exec(tx, "INSERT INTO t VALUES ('t')")
		t.commit(tx)
		_, err := t.pool.ExecContext(t.ctx, end)
		if (err == nil) != (end == "ROLLBACK") {
			t.Errorf("%s: %v", end, err)
		}
		t.wantLetters(t.open(), "t")
		t.exec(t.pool, "DELETE FROM t")
		if err := held.Close(); err != nil {
			t.Error(err)
		}
	}
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
