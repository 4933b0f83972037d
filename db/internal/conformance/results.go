package conformance

import "database/sql"

var resultCases = []testCase{
	{"rows affected", rowsAffected},
	{"no rows affected by other statements", noRowsAffected},
	{"triggers and foreign keys aren't counted", triggersNotCounted},
	{"the id of an insert", insertID},
	{"no id of other statements", noInsertID},
	{"no id of an insert that was ignored", ignoredID},
	{"no id of an upsert that updated", upsertID},
	{"no id without a rowid", withoutRowid},
	{"the id isn't a trigger's", triggerID},
	{"the same id in another table", sameID},
	{"the id of a prepared insert", preparedID},
	{"Exec of RETURNING", execReturning},
	{"last_insert_rowid and changes in a transaction", lastInsertRowid},
}

// wantResult checks RowsAffected and LastInsertId. An id of -1 isn't compared.
func (t *tester) wantResult(q querier, rows, id int64, text string, args ...any) {
	t.Helper()
	result := t.exec(q, text, args...)
	if got, err := result.RowsAffected(); got != rows || err != nil {
		t.Errorf("%s: RowsAffected is %d (%v), want %d", brief(text), got, err, rows)
	}
	if got, err := result.LastInsertId(); id != -1 && (got != id || err != nil) {
		t.Errorf("%s: LastInsertId is %d (%v), want %d", brief(text), got, err, id)
	}
}

// wantIDOrError is wantResult for an id that a server may be unable to report. It may be an
// error, but never the id of another statement.
func (t *tester) wantIDOrError(id int64, text string, args ...any) {
	t.Helper()
	got, err := t.exec(t.pool, text, args...).LastInsertId()
	if err != nil && t.remote() {
		return
	}
	if got != id || err != nil {
		t.Errorf("%s: LastInsertId is %d (%v), want %d", brief(text), got, err, id)
	}
}

func rowsAffected(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, x)")
	for _, tt := range []struct {
		text string
		want int64
	}{
		{"INSERT INTO t VALUES (1, 'a')", 1},
		{"INSERT INTO t VALUES (2, 'b'), (3, 'c'), (4, 'd')", 3},
		{"INSERT INTO t SELECT id + 10, x FROM t", 4},
		{"INSERT INTO t SELECT * FROM t WHERE 0", 0},
		{"WITH c AS (SELECT 30 UNION SELECT 31) INSERT INTO t SELECT *, 'z' FROM c", 2},
		{"UPDATE t SET x = x WHERE id < 10", 4},
		{"WITH c AS (SELECT 30 AS n) UPDATE t SET x = 'y' WHERE id IN (SELECT n FROM c)", 1},
		{"UPDATE t SET x = 'z' WHERE id = 99", 0},
		{"REPLACE INTO t VALUES (1, 'A')", 1},
		{"INSERT OR REPLACE INTO t VALUES (2, 'B'), (5, 'E')", 2},
		{"INSERT OR IGNORE INTO t VALUES (1, 'x'), (6, 'F')", 1},
		{"INSERT INTO t VALUES (1, 'x') ON CONFLICT DO NOTHING", 0},
		{"INSERT INTO t VALUES (1, 'x'), (7, 'G') ON CONFLICT (id) DO UPDATE SET x = excluded.x", 2},
		{"DELETE FROM t WHERE id > 10", 6},
		{"DELETE FROM t WHERE id > 10", 0},
		{"-- all of them\nDELETE FROM t;", 7},
	} {
		t.wantResult(t.pool, tt.want, -1, tt.text)
	}
}

func noRowsAffected(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, x)")
	t.pool.SetMaxOpenConns(1) // the connection has the count of an earlier statement
	for _, text := range []string{
		"CREATE TABLE u (x)", "CREATE INDEX i ON t (x)", "CREATE VIEW v AS SELECT * FROM t", "CREATE TABLE w AS SELECT * FROM t",
		"ALTER TABLE t ADD COLUMN y", "DROP INDEX i", "DROP VIEW v", "DROP TABLE u",
		"SELECT * FROM t", "VALUES (1), (2)", "WITH c AS (SELECT 1) SELECT * FROM c", "EXPLAIN SELECT 1", "EXPLAIN DELETE FROM t",
		"PRAGMA user_version = 7", "PRAGMA foreign_keys", "PRAGMA table_info(t)", "REINDEX",
	} {
		t.wantResult(t.pool, 2, -1, "INSERT INTO t (x) VALUES ('a'), ('b')")
		t.wantResult(t.pool, 0, 0, text)
	}
}

func triggersNotCounted(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY)", "CREATE TABLE log (id)",
		"CREATE TABLE child (t INTEGER REFERENCES t ON DELETE CASCADE)",
		"CREATE TRIGGER logs AFTER INSERT ON t BEGIN INSERT INTO log VALUES (NEW.id); INSERT INTO log VALUES (NEW.id); END")
	t.wantResult(t.pool, 1, 1, "INSERT INTO t VALUES (1)")
	t.setUp("INSERT INTO child VALUES (1), (1)")
	t.wantResult(t.pool, 1, 0, "DELETE FROM t")
	t.equal("rows", t.row(t.pool, "SELECT (SELECT count(*) FROM log), (SELECT count(*) FROM child)"), []any{int64(2), int64(0)})
}

func insertID(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, x)", "CREATE TABLE u (x)")
	for _, tt := range []struct {
		text     string
		rows, id int64
	}{
		{"INSERT INTO t (x) VALUES ('a')", 1, 1},
		{"INSERT INTO t (x) VALUES ('b'), ('c')", 2, 3},
		{"INSERT INTO t VALUES (-5, 'd')", 1, -5},
		{"INSERT INTO t VALUES (1000, 'e')", 1, 1000},
		{"REPLACE INTO t VALUES (1, 'A')", 1, 1},
		{"INSERT OR IGNORE INTO t VALUES (1001, 'f')", 1, 1001},
		{"WITH c AS (SELECT 'g') INSERT INTO t (x) SELECT * FROM c", 1, 1002},
		{"INSERT INTO u VALUES ('a')", 1, 1},
		{"INSERT INTO t VALUES (9223372036854775807, 'h')", 1, 9223372036854775807},
	} {
		t.wantResult(t.pool, tt.rows, tt.id, tt.text)
	}
}

func noInsertID(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, x)")
	t.pool.SetMaxOpenConns(1) // the connection has the id of an earlier statement
	t.wantResult(t.pool, 2, 2, "INSERT INTO t VALUES (1, 'a'), (2, 'b')")
	for text, rows := range map[string]int64{
		"UPDATE t SET x = 'c'": 2, "DELETE FROM t WHERE id = 99": 0, "SELECT * FROM t": 0, "CREATE TABLE IF NOT EXISTS u (x)": 0,
		"INSERT INTO t SELECT * FROM t WHERE 0": 0,
	} {
		t.wantResult(t.pool, rows, 0, text)
	}
}

func ignoredID(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, x UNIQUE)")
	t.pool.SetMaxOpenConns(1)
	t.wantResult(t.pool, 1, 1, "INSERT INTO t (x) VALUES ('a')")
	t.wantResult(t.pool, 0, 0, "INSERT OR IGNORE INTO t (x) VALUES ('a')")
	t.wantResult(t.pool, 0, 0, "INSERT INTO t (x) VALUES ('a') ON CONFLICT DO NOTHING")
}

func upsertID(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, x UNIQUE, n)")
	t.pool.SetMaxOpenConns(1)
	const upsert = "INSERT INTO t (x, n) VALUES (?, 1) ON CONFLICT (x) DO UPDATE SET n = n + 1"
	t.wantIDOrError(1, upsert, "a")
	t.wantIDOrError(2, upsert, "b")
	t.wantIDOrError(0, upsert, "a")
	t.wantIDOrError(0, upsert, "b") // the earlier id belongs to this row
	t.equal("rows", t.rows(t.pool, "SELECT id, n FROM t"), [][]any{{int64(1), int64(2)}, {int64(2), int64(2)}})
}

func withoutRowid(t *tester) {
	t.setUp("CREATE TABLE t (x PRIMARY KEY) WITHOUT ROWID", "CREATE TABLE u (x)")
	t.pool.SetMaxOpenConns(1)
	t.wantResult(t.pool, 1, 1, "INSERT INTO u VALUES ('a')")
	t.wantResult(t.pool, 1, 0, "INSERT INTO t VALUES ('a')")
}

func triggerID(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, x)", "CREATE TABLE log (id INTEGER PRIMARY KEY, x)",
		"INSERT INTO log VALUES (100, 'x')",
		"CREATE TRIGGER logs AFTER INSERT ON t BEGIN INSERT INTO log (x) VALUES (NEW.x); END",
		"CREATE TRIGGER moves AFTER UPDATE ON t BEGIN INSERT INTO log (x) VALUES (NEW.x); END")
	t.wantResult(t.pool, 1, 1, "INSERT INTO t (x) VALUES ('a')")
	t.wantResult(t.pool, 1, 0, "UPDATE t SET x = 'b'")
	t.wantValue(t.pool, int64(102), "SELECT max(id) FROM log")
}

// sameID checks that an id is reported even if it equals the previous one.
func sameID(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, x)", "CREATE TABLE u (id INTEGER PRIMARY KEY, x)")
	t.pool.SetMaxOpenConns(1)
	t.wantResult(t.pool, 1, 7, "INSERT INTO t VALUES (7, 'a')")
	t.wantIDOrError(7, "INSERT INTO u VALUES (7, 'a')")
	t.setUp("DELETE FROM t")
	t.wantIDOrError(7, "INSERT INTO t VALUES (7, 'a')")
	t.wantIDOrError(7, "REPLACE INTO t VALUES (7, 'b')")
}

func preparedID(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, x)")
	stmt := t.prepare(t.pool, "INSERT INTO t (x) VALUES (?)")
	for i := range int64(3) {
		result, err := stmt.ExecContext(t.ctx, "a")
		if err != nil {
			t.Fatal(err)
		}
		id, idErr := result.LastInsertId()
		n, rowsErr := result.RowsAffected()
		t.equal("result", []any{id, idErr, n, rowsErr}, []any{i + 1, nil, int64(1), nil})
	}
}

func execReturning(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, x)")
	t.wantResult(t.pool, 3, 3, "INSERT INTO t (x) VALUES ('a'), ('b'), ('c') RETURNING id, x")
	t.wantResult(t.pool, 3, 0, "UPDATE t SET x = upper(x) RETURNING id")
	t.wantResult(t.pool, 3, 0, "DELETE FROM t RETURNING id")
}

func lastInsertRowid(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, x)")
	tx := t.begin(t.pool, &sql.TxOptions{})
	t.exec(tx, "INSERT INTO t VALUES (42, 'a')")
	t.equal("row", t.row(tx, "SELECT last_insert_rowid(), changes()"), []any{int64(42), int64(1)})
	t.exec(tx, "UPDATE t SET x = 'b'")
	t.equal("row", t.row(tx, "SELECT last_insert_rowid(), changes()"), []any{int64(42), int64(1)})
	t.commit(tx)
}
