package conformance

import (
	"database/sql"
	"strings"
)

var featureCases = []testCase{
	{"RETURNING", returning},
	{"RETURNING of which one row is read", returningOne},
	{"upserts", upserts},
	{"triggers", triggers},
	{"foreign keys are on", foreignKeys},
	{"full-text search", fullText},
	{"STRICT", strict},
	{"generated columns", generatedColumns},
	{"R-trees", rtrees},
	{"recursive queries", recursiveQueries},
	{"window functions", windowFunctions},
	{"JSON", jsonFunctions},
	{"JSON with arguments", jsonArguments},
	{"jsonb", jsonb},
	{"many rows from one JSON argument", jsonRows},
	{"views", views},
	{"partial indexes and collations", partialIndex},
	{"UPDATE FROM", updateFrom},
	{"dates", dateFunctions},
	{"WITHOUT ROWID", withoutRowidTable},
	{"AUTOINCREMENT", autoincrement},
	{"compound queries", compound},
	{"user_version and table_info", pragmas},
	{"table-valued pragmas", pragmaFunctions},
}

func returning(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, x, n DEFAULT 7)")
	t.equal("INSERT", t.rows(t.pool, "INSERT INTO t (x) VALUES (?), (?) RETURNING *", "a", "b"), [][]any{{int64(1), "a", int64(7)}, {int64(2), "b", int64(7)}})
	t.equal("UPDATE", t.rows(t.pool, "UPDATE t SET n = n + id RETURNING id, n AS sum"), [][]any{{int64(1), int64(8)}, {int64(2), int64(9)}})
	t.equal("DELETE", t.row(t.pool, "DELETE FROM t WHERE id = ? RETURNING x || '!'", 1), []any{"a!"})
	t.equal("none", t.rows(t.pool, "DELETE FROM t WHERE id = 99 RETURNING x"), [][]any(nil))
	t.equal("REPLACE", t.row(t.pool, "REPLACE INTO t VALUES (2, 'c', 0) RETURNING x"), []any{"c"})
	t.wantLetters(t.pool, "c")
}

// returningOne checks that a statement runs to its end although not all of its rows are read.
func returningOne(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	const insert = "INSERT INTO t VALUES ('a'), ('b'), ('c') RETURNING x"
	var x string
	if err := t.pool.QueryRowContext(t.ctx, insert).Scan(&x); err != nil || x != "a" {
		t.Errorf("got %q (%v), want a", x, err)
	}
	t.wantLetters(t.open(), "abc")
	rows, err := t.pool.QueryContext(t.ctx, insert)
	if err != nil {
		t.Fatal(err)
	}
	if err := rows.Close(); err != nil {
		t.Error(err)
	}
	t.wantLetters(t.pool, "aabbcc")
	tx := t.begin(t.pool, nil)
	if err := tx.QueryRowContext(t.ctx, "DELETE FROM t RETURNING x").Scan(&x); err != nil {
		t.Error(err)
	}
	t.commit(tx)
	t.wantLetters(t.pool, "")
}

func upserts(t *tester) {
	t.setUp("CREATE TABLE t (x TEXT PRIMARY KEY, n INTEGER NOT NULL)")
	const count = "INSERT INTO t VALUES (?, 1) ON CONFLICT (x) DO UPDATE SET n = n + excluded.n WHERE n < 3 RETURNING n"
	for _, want := range []int64{1, 2, 3} {
		t.wantValue(t.pool, want, count, "a")
	}
	t.equal("at the limit", t.rows(t.pool, count, "a"), [][]any(nil))
	t.exec(t.pool, "INSERT INTO t VALUES (?, 9) ON CONFLICT DO NOTHING", "a")
	t.exec(t.pool, "INSERT INTO t SELECT 'a', 9 WHERE true ON CONFLICT (x) DO UPDATE SET n = excluded.n")
	t.equal("rows", t.rows(t.pool, "SELECT * FROM t"), [][]any{{"a", int64(9)}})
}

func triggers(t *tester) {
	t.setUp("CREATE TABLE t (x)", "CREATE TABLE log (what, x)", "CREATE VIEW v AS SELECT x FROM t",
		"CREATE TRIGGER a AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('insert', NEW.x); END",
		"CREATE TRIGGER b AFTER UPDATE OF x ON t WHEN OLD.x <> NEW.x BEGIN INSERT INTO log VALUES ('update', OLD.x || NEW.x); END",
		"CREATE TRIGGER c BEFORE DELETE ON t BEGIN INSERT INTO log VALUES ('delete', OLD.x); END",
		"CREATE TRIGGER d INSTEAD OF INSERT ON v BEGIN INSERT INTO t VALUES (upper(NEW.x)); END")
	t.exec(t.pool, "INSERT INTO t VALUES (?)", "a")
	t.setUp("UPDATE t SET x = 'b'", "UPDATE t SET x = 'b'", "DELETE FROM t", "INSERT INTO v VALUES ('c')")
	t.equal("log", t.rows(t.pool, "SELECT * FROM log ORDER BY rowid"), [][]any{{"insert", "a"}, {"update", "ab"}, {"delete", "b"}, {"insert", "C"}})
}

func foreignKeys(t *tester) {
	t.setUp("CREATE TABLE p (id INTEGER PRIMARY KEY)",
		"CREATE TABLE t (x REFERENCES p ON DELETE CASCADE)", "CREATE TABLE u (x REFERENCES p ON DELETE SET NULL)",
		"INSERT INTO p VALUES (1), (2)", "INSERT INTO t VALUES (1), (2)", "INSERT INTO u VALUES (1)", "DELETE FROM p WHERE id = 1")
	t.wantLetters(t.pool, "2")
	t.wantValue(t.pool, nil, "SELECT x FROM u")
	t.pool.SetMaxIdleConns(0) // a new connection for each call
	for range 5 {
		t.wantValue(t.pool, int64(1), "PRAGMA foreign_keys")
		_, err := t.pool.ExecContext(t.ctx, "INSERT INTO t VALUES (7)")
		t.fails("insert", err)
	}
}

func fullText(t *tester) {
	t.setUp("CREATE VIRTUAL TABLE notes USING fts5 (title, body, tokenize = 'unicode61')",
		"INSERT INTO notes VALUES ('Go', 'a language'), ('SQLite', 'a small, fast database; in Go programs too'), ('Other', 'nothing')")
	t.equal("MATCH", t.rows(t.pool, "SELECT title FROM notes WHERE notes MATCH ? ORDER BY title", "go"), [][]any{{"Go"}, {"SQLite"}})
	t.wantValue(t.pool, "Go", "SELECT title FROM notes(?) ORDER BY bm25(notes, 10.0, 1.0) LIMIT 1", "go")
	t.wantValue(t.pool, "Go", "SELECT title FROM notes WHERE notes MATCH 'title : go' ORDER BY rank")
	t.wantValue(t.pool, "a small, fast [database]...", "SELECT snippet(notes, 1, '[', ']', '...', 4) FROM notes WHERE notes MATCH ?", "data*")
	t.wantValue(t.pool, "a <b>language</b>", "SELECT highlight(notes, 1, '<b>', '</b>') FROM notes WHERE notes MATCH ?", `"language"`)
	_, err := t.pool.ExecContext(t.ctx, "SELECT * FROM notes WHERE notes MATCH ?", `"open`)
	t.fails("a query that is none", err)
}

func strict(t *tester) {
	t.setUp("CREATE TABLE t (i INTEGER, r REAL, s TEXT, b BLOB, a ANY) STRICT")
	t.exec(t.pool, "INSERT INTO t VALUES (?, ?, ?, ?, ?)", 1, 2, "s", []byte{1}, "007")
	t.equal("row", t.row(t.pool, "SELECT * FROM t"), []any{int64(1), 2.0, "s", []byte{1}, "007"})
	t.refused("INSERT INTO t (b) VALUES (?)", "text")
}

func generatedColumns(t *tester) {
	t.setUp("CREATE TABLE t (w INTEGER, h INTEGER, area INTEGER GENERATED ALWAYS AS (w * h) STORED, label TEXT AS (w || 'x' || h))",
		"INSERT INTO t (w, h) VALUES (2, 3)")
	t.equal("row", t.row(t.pool, "SELECT * FROM t"), []any{int64(2), int64(3), int64(6), "2x3"})
	t.refused("INSERT INTO t (area) VALUES (1)")
}

func rtrees(t *tester) {
	t.setUp("CREATE VIRTUAL TABLE places USING rtree (id, minx, maxx, miny, maxy)", "INSERT INTO places VALUES (1, 0, 1, 0, 1), (2, 5, 6, 5, 6)")
	t.equal("row", t.row(t.pool, "SELECT id, maxx FROM places WHERE minx > ?", 3), []any{int64(2), 6.0})
}

func recursiveQueries(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, parent REFERENCES t, x)", "INSERT INTO t VALUES (1, NULL, 'a'), (2, 1, 'b'), (3, 2, 'c'), (4, 1, 'd')")
	t.equal("tree", t.rows(t.pool, `
		WITH RECURSIVE tree (id, path) AS (
			SELECT id, x FROM t WHERE id = ?
			UNION ALL
			SELECT t.id, path || '/' || x FROM t JOIN tree ON t.parent = tree.id
		)
		SELECT path FROM tree ORDER BY path`, 1), [][]any{{"a"}, {"a/b"}, {"a/b/c"}, {"a/d"}})
}

func windowFunctions(t *tester) {
	t.equal("rows", t.rows(t.pool, `
		WITH t (x, n) AS (VALUES ('a', 1), ('a', 2), ('b', 4))
		SELECT x, row_number() OVER w, sum(n) OVER w, lag(n, 1, 0) OVER (ORDER BY n), avg(n) FILTER (WHERE n > 1) OVER (PARTITION BY x)
		FROM t WINDOW w AS (PARTITION BY x ORDER BY n)`), [][]any{
		{"a", int64(1), int64(1), int64(0), 2.0}, {"a", int64(2), int64(3), int64(1), 2.0}, {"b", int64(1), int64(4), int64(2), 4.0}})
}

func jsonFunctions(t *tester) {
	const document = `{"a": [1, 2.5, "x", null, true], "b": {"c": "d"}}`
	got := t.row(t.pool, `SELECT json_extract(?1, '$.a[0]'), json_extract(?1, '$.a[1]'), ?1 -> 'b', ?1 -> '$.a[2]', json_extract(?1, '$.a[3]'),
		json_extract(?1, '$.a[4]'), json_type(?1, '$.b'), json_valid('{'), json_array_length(?1, '$.a')`, document)
	t.equal("row", got, []any{int64(1), 2.5, `{"c":"d"}`, `"x"`, nil, int64(1), "object", int64(0), int64(5)})
	t.wantValue(t.pool, `{"a":1,"b":[2,"c"]}`, "SELECT json_object('a', 1, 'b', json_array(2, ?))", "c")
	t.wantValue(t.pool, `["a","b"]`, "SELECT json_group_array(x) FROM (SELECT 'a' AS x UNION ALL SELECT 'b')")
}

func jsonArguments(t *tester) {
	const document = `{"name": "x", "list": [1, 2]}`
	t.wantValue(t.pool, "x", "SELECT ? ->> ?", document, "name")
	t.wantValue(t.pool, "x", "SELECT ? ->> ?", document, "$.name")
	t.wantValue(t.pool, int64(2), "SELECT :doc -> 'list' ->> 1", sql.Named("doc", document))
	t.wantValue(t.pool, `{"name":"y","list":[1,2]}`, "SELECT json_set(?, '$.name', ?)", document, "y")
}

func jsonb(t *tester) {
	t.setUp("CREATE TABLE t (doc BLOB)")
	t.exec(t.pool, "INSERT INTO t VALUES (jsonb(?))", `{"a": [1, 2]}`)
	t.equal("row", t.row(t.pool, "SELECT typeof(doc), json(doc), doc ->> '$.a[1]', json_extract(doc, '$.a[0]') FROM t"), []any{"blob", `{"a":[1,2]}`, int64(2), int64(1)})
}

func jsonRows(t *tester) {
	t.setUp("CREATE TABLE t (x TEXT, n INTEGER)")
	var rows strings.Builder
	for i := range 5000 {
		if i > 0 {
			rows.WriteByte(',')
		}
		rows.WriteString(`["x", 2]`)
	}
	t.wantResult(t.pool, 5000, -1, "INSERT INTO t SELECT value ->> 0, value ->> 1 FROM json_each(?)", "["+rows.String()+"]")
	t.wantValue(t.pool, int64(10_000), "SELECT sum(n) FROM t")
}

func views(t *tester) {
	t.setUp("CREATE TABLE t (x, n)", "CREATE VIEW v (x, twice) AS SELECT x, n * 2 FROM t WHERE n > 1", "INSERT INTO t VALUES ('a', 1), ('b', 2)")
	t.equal("rows", t.rows(t.pool, "SELECT * FROM v WHERE x = ?", "b"), [][]any{{"b", int64(4)}})
	t.refused("INSERT INTO v VALUES ('c', 3)")
}

func partialIndex(t *tester) {
	t.setUp("CREATE TABLE t (x TEXT COLLATE NOCASE, gone INTEGER)", "CREATE UNIQUE INDEX t_x ON t (x) WHERE gone IS NULL", "INSERT INTO t VALUES ('a', NULL), ('a', 1)")
	t.refused("INSERT INTO t VALUES ('A', NULL)")
	t.wantValue(t.pool, int64(2), "SELECT count(*) FROM t WHERE x = ?", "A")
	t.wantValue(t.pool, int64(0), "SELECT count(*) FROM t WHERE x = ? COLLATE BINARY", "A")
}

func updateFrom(t *tester) {
	t.setUp("CREATE TABLE t (id, x)", "INSERT INTO t VALUES (1, 'a'), (2, 'b')")
	t.wantResult(t.pool, 1, 0, "UPDATE t SET x = new.x FROM (SELECT 2 AS id, 'c' AS x) AS new WHERE t.id = new.id")
	t.wantLetters(t.pool, "ac")
}

func dateFunctions(t *tester) {
	got := t.row(t.pool, "SELECT date('2024-02-28', '+2 days'), strftime('%H:%M', '2024-01-01T05:06:07'), julianday('2000-01-01 12:00'), unixepoch('1970-01-02')")
	t.equal("row", got, []any{"2024-03-01", "05:06", 2451545.0, int64(86400)})
}

func withoutRowidTable(t *tester) {
	t.setUp("CREATE TABLE t (x TEXT PRIMARY KEY, n) WITHOUT ROWID", "INSERT INTO t VALUES ('b', 1), ('a', 2)")
	t.equal("rows", t.rows(t.pool, "SELECT * FROM t"), [][]any{{"a", int64(2)}, {"b", int64(1)}})
	t.refused("SELECT rowid FROM t")
}

func autoincrement(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, x)")
	t.wantResult(t.pool, 1, 1, "INSERT INTO t (x) VALUES ('a')")
	t.setUp("DELETE FROM t")
	t.wantResult(t.pool, 1, 2, "INSERT INTO t (x) VALUES ('b')")
}

func compound(t *tester) {
	t.equal("rows", t.rows(t.pool, "SELECT 1 AS n UNION SELECT 1 UNION ALL SELECT 'b' EXCEPT SELECT 2 ORDER BY n"), [][]any{{int64(1)}, {"b"}})
	t.equal("VALUES", t.rows(t.pool, "VALUES (1, 'a'), (2, 'b')"), [][]any{{int64(1), "a"}, {int64(2), "b"}})
	t.equal("JOIN", t.rows(t.pool, "SELECT * FROM (SELECT 1 AS a) FULL JOIN (SELECT 2 AS b) ON a = b ORDER BY a"), [][]any{{nil, int64(2)}, {int64(1), nil}})
}

func pragmas(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT NOT NULL DEFAULT 'a')", "PRAGMA user_version = 7")
	t.wantValue(t.open(), int64(7), "PRAGMA user_version")
	t.setUp("PRAGMA user_version = 0")
	t.equal("table_info", t.rows(t.pool, "PRAGMA table_info(t)"), [][]any{
		{int64(0), "id", "INTEGER", int64(0), nil, int64(1)}, {int64(1), "x", "TEXT", int64(1), "'a'", int64(0)}})
	t.wantValue(t.pool, "ok", "PRAGMA integrity_check")
	t.equal("foreign_key_check", t.rows(t.pool, "PRAGMA foreign_key_check"), [][]any(nil))
}

func pragmaFunctions(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT)")
	t.equal("names", t.rows(t.pool, "SELECT name FROM pragma_table_info(?)", "t"), [][]any{{"id"}, {"x"}})
}
