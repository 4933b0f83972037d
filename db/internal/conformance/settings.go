package conformance

import (
	"database/sql"
	"fmt"

	"github.com/duolite/duolite/db"
)

var settingCases = []testCase{
	{"PRAGMA foreign_keys in a transaction is refused", foreignKeysInTx},
	{"PRAGMA foreign_keys on a connection", foreignKeysOnConn},
	{"settings outlive rows that are closed early", settingsAfterRows},
	{"settings end with the borrowing of a connection", settingsEnd},
	{"settings by a script that fails", settingsOfScript},
	{"a PRAGMA in a transaction runs after BEGIN", pragmaAfterBegin},
}

// foreignKeyTables creates a table whose rows need a parent.
func (t *tester) foreignKeyTables() {
	t.Helper()
	t.setUp("CREATE TABLE p (id INTEGER PRIMARY KEY)", "CREATE TABLE t (x REFERENCES p)")
}

// wantForeignKeys checks that every connection of the pool refuses a row without a parent.
func (t *tester) wantForeignKeys() {
	t.Helper()
	for range 3 {
		_, err := t.conn(t.pool).ExecContext(t.ctx, "INSERT INTO t VALUES (7)")
		t.failsAs("a row without its parent", err, db.ErrForeignKey)
	}
}

func foreignKeysInTx(t *tester) {
	t.foreignKeyTables()
	for _, text := range []string{
		"PRAGMA foreign_keys = OFF", "pragma foreign_keys(0)", `PRAGMA "main" . 'Foreign_Keys' = 'no'`, "PRAGMA /* a */ foreign_keys -- b\n = 0",
		"EXPLAIN PRAGMA foreign_keys = OFF", "SELECT 1; PRAGMA foreign_keys = OFF; SELECT 2",
	} {
		tx := t.begin(t.pool, nil)
		_, err := tx.ExecContext(t.ctx, text)
		t.fails("Exec of "+text, err)
		t.fails("Query of "+text, drain(tx.QueryContext(t.ctx, text)))
		if stmt, err := tx.PrepareContext(t.ctx, text); err == nil {
			_, err = stmt.ExecContext(t.ctx)
			t.fails("a prepared "+text, err)
		}
		t.exec(tx, "INSERT INTO p VALUES (1)")
		_, err = tx.ExecContext(t.ctx, text)
		t.fails("Exec of "+text, err)
		t.rollback(tx)

		conn := t.conn(t.pool)
		t.exec(conn, "BEGIN")
		_, err = conn.ExecContext(t.ctx, text)
		t.fails("Exec on a connection of "+text, err)
		t.exec(conn, "COMMIT")
		_, err = conn.ExecContext(t.ctx, "BEGIN; "+text+"; COMMIT")
		t.fails("a script with "+text, err)
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
	b := db.NewBatch(t.pool, newQueries)
	t.queueExec(b, "PRAGMA foreign_keys = OFF")
	t.fails("a batch", b.Run(t.ctx))
	t.wantValue(t.pool, int64(1), "PRAGMA foreign_keys")
	t.wantForeignKeys()
	t.wantLetters(t.pool, "")
}

// settingsAfterRows closes rows of 40 MB after the first one.
func settingsAfterRows(t *tester) {
	conn := t.conn(t.pool)
	t.exec(conn, "PRAGMA foreign_keys = OFF")
	for range 2 {
		rows, err := conn.QueryContext(t.ctx, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400) SELECT hex(zeroblob(50000)) FROM n")
		if err != nil {
			t.Fatal(err)
		}
		if !rows.Next() {
			t.Errorf("no row: %v", rows.Err())
		}
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
		t.wantValue(conn, int64(0), "PRAGMA foreign_keys")
	}
}

func foreignKeysOnConn(t *tester) {
	t.foreignKeyTables()
	t.pool.SetMaxOpenConns(1) // the next borrower gets the same connection
	for _, close := range []func(*sql.Conn){
		func(conn *sql.Conn) {},
		func(conn *sql.Conn) { t.exec(conn, "BEGIN") },
		func(conn *sql.Conn) { _, _ = conn.ExecContext(t.ctx, "nonsense") },
	} {
		conn := t.conn(t.pool)
		t.exec(conn, "PRAGMA foreign_keys = OFF")
		t.exec(conn, "INSERT INTO t VALUES (7)")
		t.exec(conn, "PRAGMA foreign_keys = OFF") // a second time
		close(conn)
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		_, err := t.pool.ExecContext(t.ctx, "INSERT INTO t VALUES (8)")
		t.failsAs("the next borrower", err, db.ErrForeignKey)
		t.exec(t.pool, "DELETE FROM t")
	}
	t.exec(t.pool, "PRAGMA foreign_keys = OFF")
	_, err := t.pool.ExecContext(t.ctx, "INSERT INTO t VALUES (8)")
	t.failsAs("after a PRAGMA through the pool", err, db.ErrForeignKey)
	stmt := t.prepare(t.pool, "PRAGMA foreign_keys = OFF")
	_, err = t.pool.ExecContext(t.ctx, "INSERT INTO t VALUES (8)")
	t.failsAs("after the PRAGMA was prepared", err, db.ErrForeignKey)
	if _, err := stmt.ExecContext(t.ctx); err != nil {
		t.Error(err)
	}
	_, err = t.pool.ExecContext(t.ctx, "INSERT INTO t VALUES (8)")
	t.failsAs("after the prepared PRAGMA", err, db.ErrForeignKey)
}

// connSettings are PRAGMAs that set a connection, with a value that isn't the default.
var connSettings = map[string]string{
	"analysis_limit": "123", "automatic_index": "OFF", "busy_timeout": "77", "cache_size": "-4321", "cell_size_check": "ON",
	"checkpoint_fullfsync": "ON", "count_changes": "ON", "defer_foreign_keys": "ON", "empty_result_callbacks": "ON", "foreign_keys": "OFF",
	"full_column_names": "ON", "fullfsync": "ON", "ignore_check_constraints": "ON", "journal_size_limit": "4444", "legacy_alter_table": "ON",
	"locking_mode": "EXCLUSIVE", "max_page_count": "5000", "query_only": "ON", "read_uncommitted": "ON", "recursive_triggers": "ON",
	"reverse_unordered_selects": "ON", "secure_delete": "FAST", "short_column_names": "OFF", "synchronous": "OFF", "temp_store": "FILE",
	"threads": "1", "trusted_schema": "OFF", "wal_autocheckpoint": "55", "writable_schema": "ON",
}

// settingsEnd sets each setting that the engine accepts.
func settingsEnd(t *tester) {
	t.setUp("CREATE TABLE t (x)", "INSERT INTO t VALUES ('a')")
	t.pool.SetMaxOpenConns(1)
	read := func(name string) any {
		rows := t.rows(t.pool, "PRAGMA "+name)
		if len(rows) == 0 {
			return nil
		}
		return rows[0][0]
	}
	set := 0
	for name, value := range connSettings {
		var before any
		if err := t.pool.QueryRowContext(t.ctx, "PRAGMA "+name).Scan(&before); err != nil {
			continue // the engine refuses it
		}
		conn := t.conn(t.pool)
		_, err := conn.ExecContext(t.ctx, fmt.Sprintf("PRAGMA %s = %s", name, value))
		if err == nil {
			set++
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		t.equal("PRAGMA "+name+" of the next borrower", read(name), before)
		if err != nil {
			continue
		}
		t.exec(t.pool, fmt.Sprintf("PRAGMA %s = %s", name, value))
		t.equal("PRAGMA "+name+" after it was set through the pool", read(name), before)
	}
	if least := map[bool]int{true: 1, false: len(connSettings)}[t.remote()]; set < least {
		t.Errorf("%d settings could be set, want %d", set, least)
	}
	conn := t.conn(t.pool)
	if _, err := conn.ExecContext(t.ctx, "PRAGMA case_sensitive_like = ON"); err == nil {
		t.wantValue(conn, int64(0), "SELECT 'a' LIKE 'A'")
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	t.wantValue(t.pool, int64(1), "SELECT 'a' LIKE 'A'")
}

func settingsOfScript(t *tester) {
	t.foreignKeyTables()
	t.pool.SetMaxOpenConns(1)
	_, err := t.pool.ExecContext(t.ctx, "PRAGMA foreign_keys = OFF; INSERT INTO t VALUES ('a'); INSERT INTO nowhere VALUES (1); PRAGMA foreign_keys = ON")
	t.fails("a script that fails", err)
	t.wantValue(t.pool, int64(1), "PRAGMA foreign_keys")
	_, err = t.pool.ExecContext(t.ctx, "INSERT INTO t VALUES (8)")
	t.failsAs("the next borrower", err, db.ErrForeignKey)
}

// pragmaAfterBegin is about PRAGMAs that SQLite refuses in a transaction, or that belong to
// the transaction. They must run inside it even as its first statement.
func pragmaAfterBegin(t *tester) {
	t.setUp("CREATE TABLE p (id INTEGER PRIMARY KEY)", "CREATE TABLE t (x REFERENCES p)")
	for range 2 { // the second time the statement is cached
		tx := t.begin(t.pool, nil)
		t.exec(tx, "PRAGMA user_version = 7")
		t.rollback(tx)
		t.wantValue(t.pool, int64(0), "PRAGMA user_version")
		tx = t.begin(t.pool, nil)
		t.exec(tx, "PRAGMA defer_foreign_keys = ON")
		t.exec(tx, "INSERT INTO t VALUES (7)")
		t.failsAs("Commit", tx.Commit(), db.ErrForeignKey)
	}
	tx := t.begin(t.pool, nil)
	_, err := tx.ExecContext(t.ctx, "PRAGMA synchronous = OFF")
	t.fails("PRAGMA synchronous in a transaction", err)
	t.rollback(tx)
}
