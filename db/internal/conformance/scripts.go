package conformance

import (
	"database/sql"
	"fmt"
	"strings"

	"github.com/duolite/duolite/db"
)

var scriptCases = []testCase{
	{"in order", scriptOrder},
	{"a schema", scriptSchema},
	{"all or nothing", scriptAtomic},
	{"all or nothing of what is defined", scriptDDL},
	{"a syntax error at the end", scriptSyntax},
	{"with its own transaction", scriptOwnTransaction},
	{"with its own transaction that fails", scriptOwnFails},
	{"with its own transaction that doesn't end", scriptOpenEnd},
	{"with its own rollback", scriptOwnRollback},
	{"with savepoints", scriptSavepoints},
	{"with what can't be in a transaction", scriptOutside},
	{"with what can't be in a transaction, and fails", scriptOutsideFails},
	{"in the caller's transaction", scriptInTx},
	{"in the caller's transaction, and fails", scriptInTxFails},
	{"in the caller's transaction, and would end it", scriptEndsTx},
	{"in a transaction by text", scriptInTextTx},
	{"queries in a script", scriptQueries},
	{"a thousand statements", scriptLong},
	{"more than 20 MB", scriptHuge},
}

func scriptOrder(t *tester) {
	t.exec(t.pool, `
		CREATE TABLE t (x); -- it's a table;
		INSERT INTO t VALUES ('a;'); /* ; */
		INSERT INTO t SELECT x || 'b' FROM t;
		UPDATE t SET x = upper(x);;
		DELETE FROM t WHERE x = 'A;'
	`)
	t.wantLetters(t.pool, "A;B")
}

func scriptSchema(t *tester) {
	t.exec(t.pool, `
		PRAGMA foreign_keys;
		CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT NOT NULL, "semi;colon" TEXT DEFAULT ';');
		CREATE TABLE log (x);
		CREATE INDEX t_x ON t (x) WHERE x <> ';';
		CREATE VIEW v AS SELECT x, CASE WHEN id > 1 THEN 'more;' END AS more FROM t;
		`+trigger+`;
		INSERT INTO t (x) VALUES ('a'), ('b');`)
	t.equal("log", t.rows(t.pool, "SELECT x FROM log"), [][]any{{"A"}, {"B"}})
	t.equal("view", t.rows(t.pool, "SELECT * FROM v"), [][]any{{"a", nil}, {"b", "more;"}})
}

// failing is a script whose second statement fails.
const failing = "INSERT INTO t VALUES ('a'); INSERT INTO t VALUES ('a'); INSERT INTO t VALUES ('c')"

// wantIdle checks that the pool has no open transaction: others see a row that it writes, and
// the lock is free.
func (t *tester) wantIdle() {
	t.Helper()
	other := t.open()
	for range 3 {
		t.setUp("CREATE TABLE idle (x)")
		t.wantValue(other, int64(0), "SELECT count(*) FROM idle")
		t.exec(other, "DROP TABLE idle")
	}
	tx := t.begin(t.pool, nil)
	t.wantValue(tx, int64(1), "SELECT 1")
	t.commit(tx)
}

func scriptAtomic(t *tester) {
	t.setUp("CREATE TABLE t (x UNIQUE)")
	_, err := t.pool.ExecContext(t.ctx, failing)
	t.failsAs("script", err, db.ErrUnique)
	t.wantIdle()
	t.wantLetters(t.pool, "")
}

func scriptDDL(t *tester) {
	_, err := t.pool.ExecContext(t.ctx, "CREATE TABLE t (x); CREATE INDEX i ON t (x); INSERT INTO t VALUES ('a'); DROP TABLE nowhere")
	t.fails("script", err)
	t.wantValue(t.pool, int64(0), "SELECT count(*) FROM sqlite_schema")
	t.wantIdle()
}

func scriptSyntax(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	for _, text := range []string{"INSERT INTO t VALUES ('a'); SELEC 1", "INSERT INTO t VALUES ('a'); SELECT 'open", "INSERT INTO t VALUES ('a'); SELECT ?"} {
		_, err := t.pool.ExecContext(t.ctx, text)
		t.fails(text, err)
	}
	t.wantLetters(t.pool, "")
	t.wantIdle()
}

func scriptOwnTransaction(t *tester) {
	t.exec(t.pool, "BEGIN; CREATE TABLE t (x); INSERT INTO t VALUES ('a'); COMMIT")
	t.exec(t.pool, "BEGIN IMMEDIATE TRANSACTION; INSERT INTO t VALUES ('b'); END; INSERT INTO t VALUES ('c')")
	t.exec(t.pool, "-- two of them\nBEGIN; INSERT INTO t VALUES ('d'); COMMIT; BEGIN; INSERT INTO t VALUES ('e'); COMMIT;")
	t.wantLetters(t.pool, "abcde")
	t.wantIdle()
}

func scriptOwnFails(t *tester) {
	t.setUp("CREATE TABLE t (x UNIQUE)")
	_, err := t.pool.ExecContext(t.ctx, "BEGIN; "+failing+"; COMMIT")
	t.failsAs("script", err, db.ErrUnique)
	t.wantIdle()
	t.wantLetters(t.pool, "")

	_, err = t.pool.ExecContext(t.ctx, "BEGIN; INSERT INTO t VALUES ('a'); COMMIT; BEGIN; INSERT INTO t VALUES ('b'); INSERT INTO t VALUES ('a'); COMMIT")
	t.failsAs("a script whose first transaction is done", err, db.ErrUnique)
	t.wantIdle()
	t.wantLetters(t.pool, "a")
}

// scriptOpenEnd leaves a transaction open. A write in it could be lost, so that is an error.
func scriptOpenEnd(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	_, err := t.pool.ExecContext(t.ctx, "BEGIN; INSERT INTO t VALUES ('a')")
	t.fails("a script whose write could be lost", err)
	t.wantIdle()
	t.wantLetters(t.pool, "")

	conn, other := t.conn(t.pool), t.conn(t.pool)
	t.exec(conn, "SELECT 1; BEGIN; SELECT 2")
	t.exec(conn, "INSERT INTO t VALUES ('b')")
	t.exec(conn, "COMMIT")
	for _, c := range []*sql.Conn{conn, other} {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	t.wantLetters(t.pool, "b")

	// In a pool of several connections.
	t.exec(t.pool, "DELETE FROM t; BEGIN")
	_, err = t.pool.ExecContext(t.ctx, "INSERT INTO t VALUES ('c')")
	t.failsAs("the statement after it", err, db.ErrTxLost)
	t.exec(t.pool, "ROLLBACK")
	t.wantLetters(t.open(), "")
}

func scriptOwnRollback(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	t.exec(t.pool, "BEGIN; INSERT INTO t VALUES ('a'); ROLLBACK; INSERT INTO t VALUES ('b')")
	t.wantIdle()
	t.wantLetters(t.pool, "b")
}

func scriptSavepoints(t *tester) {
	t.setUp("CREATE TABLE t (x UNIQUE)")
	t.exec(t.pool, "SAVEPOINT one; INSERT INTO t VALUES ('a'); ROLLBACK TO one; INSERT INTO t VALUES ('b'); RELEASE one; INSERT INTO t VALUES ('c')")
	t.wantLetters(t.pool, "bc")
	_, err := t.pool.ExecContext(t.ctx, "SAVEPOINT one; INSERT INTO t VALUES ('d'); INSERT INTO t VALUES ('b'); RELEASE one")
	t.failsAs("script", err, db.ErrUnique)
	t.wantIdle()
	t.wantLetters(t.pool, "bc")
}

// scriptOutside turns foreign keys off, which has no effect in a transaction.
func scriptOutside(t *tester) {
	t.setUp("CREATE TABLE p (id INTEGER PRIMARY KEY)", "CREATE TABLE t (x REFERENCES p)")
	t.exec(t.pool, "PRAGMA foreign_keys = OFF; INSERT INTO t VALUES (7); PRAGMA foreign_keys = ON")
	t.wantLetters(t.pool, "7")
	_, err := t.pool.ExecContext(t.ctx, "INSERT INTO t VALUES (8)")
	t.failsAs("afterwards", err, db.ErrForeignKey)
	t.wantIdle()
}

// scriptOutsideFails is about the only kind of script that isn't all or nothing.
func scriptOutsideFails(t *tester) {
	t.setUp("CREATE TABLE t (x UNIQUE)")
	_, err := t.pool.ExecContext(t.ctx, "INSERT INTO t VALUES ('a'); PRAGMA foreign_keys = ON; INSERT INTO t VALUES ('b'); INSERT INTO t VALUES ('a'); INSERT INTO t VALUES ('c')")
	t.failsAs("script", err, db.ErrUnique)
	t.wantIdle()
	t.wantLetters(t.pool, "ab")
}

func scriptInTx(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	for _, end := range []string{"rollback", "commit"} {
		tx := t.begin(t.pool, nil)
		t.exec(tx, "INSERT INTO t VALUES ('b'); INSERT INTO t VALUES ('c')") // first statement
		t.exec(tx, "INSERT INTO t VALUES ('a')")
		t.exec(tx, "INSERT INTO t VALUES ('d'); SAVEPOINT s; DELETE FROM t; ROLLBACK TO s; RELEASE s;")
		t.wantLetters(tx, "abcd")
		if end == "commit" {
			t.commit(tx)
			continue
		}
		t.rollback(tx)
		t.wantLetters(t.pool, "")
	}
	t.wantLetters(t.pool, "abcd")
}

func scriptInTxFails(t *tester) {
	t.setUp("CREATE TABLE t (x UNIQUE)")
	for _, end := range []string{"rollback", "commit"} {
		tx := t.begin(t.pool, nil)
		t.exec(tx, "INSERT INTO t VALUES ('x')")
		_, err := tx.ExecContext(t.ctx, failing)
		t.failsAs("script", err, db.ErrUnique)
		t.exec(tx, "INSERT INTO t VALUES ('y')")
		_, err = tx.ExecContext(t.ctx, "INSERT INTO t VALUES ('z'); SELEC 1")
		t.fails("syntax", err)
		t.wantLetters(tx, "xy")
		if end == "commit" {
			t.commit(tx)
			continue
		}
		t.rollback(tx)
		t.wantLetters(t.pool, "")
	}
	t.wantLetters(t.pool, "xy")
}

func scriptEndsTx(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	for _, text := range []string{"COMMIT", "ROLLBACK", "END TRANSACTION", "BEGIN; INSERT INTO t VALUES ('b'); COMMIT", "COMMIT; BEGIN"} {
		tx := t.begin(t.pool, nil)
		t.exec(tx, "INSERT INTO t VALUES ('x')")
		_, err := tx.ExecContext(t.ctx, "INSERT INTO t VALUES ('a'); "+text+"; INSERT INTO t VALUES ('c')")
		t.fails(text, err)
		t.wantLetters(tx, "x")
		t.exec(tx, "INSERT INTO t VALUES ('y')")
		t.rollback(tx)
		t.wantLetters(t.pool, "")
	}
}

func scriptInTextTx(t *tester) {
	t.setUp("CREATE TABLE t (x UNIQUE)")
	conn := t.conn(t.pool)
	t.exec(conn, "BEGIN IMMEDIATE")
	t.exec(conn, "INSERT INTO t VALUES ('x'); INSERT INTO t VALUES ('y')")
	_, err := conn.ExecContext(t.ctx, failing)
	t.failsAs("script", err, db.ErrUnique)
	t.wantLetters(conn, "xy")
	t.exec(conn, "ROLLBACK")
	t.wantLetters(conn, "")
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
}

func scriptQueries(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	t.exec(t.pool, "SELECT 1; INSERT INTO t VALUES ('a'), ('b') RETURNING x; VALUES (1), (2); PRAGMA foreign_keys; EXPLAIN SELECT 1")
	t.wantLetters(t.pool, "ab")
}

func scriptLong(t *tester) {
	var script strings.Builder
	script.WriteString("CREATE TABLE t (x INTEGER);\n")
	for i := range 1000 {
		fmt.Fprintf(&script, "INSERT INTO t VALUES (%d);\n", i)
	}
	t.exec(t.pool, script.String())
	t.equal("rows", t.row(t.pool, "SELECT count(*), sum(x) FROM t"), []any{int64(1000), int64(499500)})
}

// scriptHuge fails at its end. An error about its size is accepted.
func scriptHuge(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	insert := "INSERT INTO t VALUES ('" + strings.Repeat("x", 20_000) + "');\n"
	_, err := t.pool.ExecContext(t.ctx, strings.Repeat(insert, 1100)+"INSERT INTO nowhere VALUES (1)")
	t.fails("script", err)
	t.wantValue(t.pool, int64(0), "SELECT count(*) FROM t")
	t.wantIdle()
}
