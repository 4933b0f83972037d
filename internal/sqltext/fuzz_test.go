package sqltext

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// compiling are texts whose first statement compiles against testSchema.
var compiling = []string{
	"SELECT 1",
	"-- name: X :one\nSELECT a, b FROM t WHERE a = ? AND b IN (?, ?1, :b) LIMIT @n OFFSET $n::o(p;q); SELECT 2",
	"SELECT ';', \"a\", `b`, [c], '''', x'ab', 1e5, 1.5, .5, 1., 1.e-5, 0xfF, 1_000 FROM t; x",
	"SELECT ?1abc, ? b, ?3, ?, ?2, ?03, ?3",
	"SELECT :a, :A, @a, $a, #a, :a, :1, :é, :a::b, $a$b, :a(;)",
	"SELECT ?,?1,?01 /* ? ; */ -- ? ;\n, :x;",
	"SELECT a->'$.x'->>?, -?--1\n/ 2|?||? FROM t",
	"SELECT \"do\", [update] FROM u -- end",
	"SELECT 1 /* open ;",
	"SELECT /*/ ; */ 1; x",
	"\uFEFFSELECT \uFEFF1\f \v;\uFEFF",
	"SELECT a\u00e9 FROM (SELECT 1 a\u00e9); x",
	"SELECT sum(a) OVER (PARTITION BY b) FILTER, CASE a WHEN 1 THEN 2 END end FROM t; x",
	"VALUES (?, 1), (2, ?)",
	"INSERT INTO t (b) VALUES (:b) ON CONFLICT (b) DO UPDATE SET c = :c WHERE ?1 RETURNING a; x",
	"INSERT INTO t (b) SELECT a AS do FROM u WHERE true ON CONFLICT DO NOTHING; x",
	"INSERT OR REPLACE INTO t DEFAULT VALUES",
	"INSERT INTO v (b) VALUES ('DO UPDATE')",
	"REPLACE INTO t (a, b) VALUES (?, ?)",
	"UPDATE t SET b = ? WHERE a = ?; x",
	"DELETE FROM t WHERE a = $a;",
	"WITH a AS (SELECT 1) SELECT * FROM a",
	"WITH a(x) AS MATERIALIZED (SELECT ?), b AS NOT MATERIALIZED (SELECT 1 FROM a) SELECT * FROM b",
	"WITH replace AS (SELECT 1), \"DELETE\"(x) AS (VALUES (1)) SELECT * FROM replace",
	"WITH replace AS (SELECT 1) REPLACE INTO t (b) SELECT * FROM replace",
	"WITH RECURSIVE replace AS (SELECT 1), recursive AS (SELECT 2) SELECT * FROM replace",
	"WITH RECURSIVE recursive(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM recursive LIMIT 3) INSERT INTO t (b) SELECT n FROM recursive WHERE 1 ON CONFLICT DO UPDATE SET c = 1",
	"WITH 'a' AS (SELECT 1), [b] AS (SELECT 2) UPDATE t SET b = (SELECT * FROM b)",
	"WITH begin AS (SELECT 1), end AS (SELECT 1), explain AS (SELECT 2) DELETE FROM t WHERE a IN end",
	"CREATE TABLE x (trigger, end DEFAULT ';'); x",
	"CREATE TABLE x AS SELECT ? AS a, :b AS b; x",
	"CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN SELECT CASE WHEN 1 THEN ';' END; DELETE FROM t; END; x",
	"CREATE TRIGGER IF NOT EXISTS end AFTER UPDATE OF a, b ON t WHEN 1 BEGIN SELECT 1 end; UPDATE t SET b = 1; END -- ;\n; x",
	"CREATE TEMPORARY TRIGGER trigger DELETE ON t BEGIN INSERT INTO t (b) VALUES (1) ON CONFLICT DO UPDATE SET c = 1; END",
	"CREATE VIRTUAL TABLE x USING fts5(a;b, ':c', (;)); x",
	"CREATE VIRTUAL TABLE IF NOT EXISTS main.x USING fts5(a ?, :b); x",
	"CREATE VIEW x AS SELECT 1 AS ';'; x",
	"BEGIN", "BEGIN DEFERRED TRANSACTION", "BEGIN IMMEDIATE; x", "BEGIN EXCLUSIVE TRANSACTION x", "BEGIN TRANSACTION immediate",
	"COMMIT", "END TRANSACTION; x", "ROLLBACK TRANSACTION x", "ROLLBACK; x", "ROLLBACK TRANSACTION x TO y", "ROLLBACK TO SAVEPOINT x",
	"SAVEPOINT x", "RELEASE SAVEPOINT x", "VACUUM", "VACUUM main INTO ?", "ATTACH ? AS :b KEY $c", "DETACH ?",
	"ANALYZE", "REINDEX t; x", "DROP TABLE t", "DROP VIEW IF EXISTS x; x", "ALTER TABLE t ADD COLUMN d DEFAULT ';'; x",
	"PRAGMA user_version = 3; x", "PRAGMA main.'table_info'(t); x", "PRAGMA [main] . \"foreign_keys\"", "PRAGMA no_such_pragma = -1; x",
}

// failing are texts whose first statement doesn't compile, or isn't there.
var failing = []string{
	"", " ", ";", "-- x", "/* x", "/*", "x", "SELECT", "SELECT 'a; x", "SELECT [a; x", "SELECT `; x", "SELECT \"", "SELECT x'a; b'; x",
	"SELECT 1\v;", "SELECT #1; x", "SELECT ?0; x", "SELECT ?32767; x", "SELECT ?32766, ?; x", "SELECT ?99999999999999999999; x",
	"SELECT :a(b c); x", "SELECT :a(b;\n); x", "SELECT $; x", "SELECT ::", "SELECT 1a; x", "SELECT 1$a; x", "SELECT 1.x';'; x", "SELECT 1 ! 2; x",
	"CREATE TRIGGER x; SELECT 1", "CREATE TRIGGER x INSERT ON t BEGIN SELECT 1; END SELECT 2; END; x", "CREATE TRIGGER x INSERT ON t BEGIN SELECT 1;; END; x",
	"CREATE TRIGGER x INSERT ON t BEGIN SELECT ?; END; x", "CREATE VIRTUAL TABLE x USING fts5(a; SELECT 1", "CREATE VIRTUAL TABLE x USING fts5 a); SELECT 1",
	"WITH recursive AS (SELECT 1) SELECT 1; x", "EXPLAIN EXPLAIN SELECT 1; x", "EXPLAIN; SELECT 1", "SELECT \xff, \xef\xbb; x", "(SELECT 1); x", "ſelect 1; x",
}

func FuzzSplit(f *testing.F) {
	for _, text := range compiling {
		f.Add(text)
	}
	for _, text := range failing {
		f.Add(text)
	}
	f.Add("SELECT 1\x00; SELECT 2")
	s := openSQLite(f, testSchema)
	f.Fuzz(func(t *testing.T, text string) {
		checkCover(t, text)
		// A PRAGMA can have its effect when it is compiled, on all that is compiled later.
		// A NUL byte ends the text for SQLite.
		if !strings.Contains(strings.ToLower(text), "pragma") && !strings.Contains(text, "\x00") {
			compare(t, s, text)
		}
	})
}

// checkCover checks what holds for the statements of every text: between them are only
// semicolons, white space and comments, and each is itself one statement.
func checkCover(t *testing.T, text string) {
	at := 0
	for start, s := range Statements(text) {
		if is := offset(text, s.Text); is != start {
			t.Fatalf("%q: %q is at %d, not at %d", text, s.Text, is, start)
		}
		if start < at || start+len(s.Text) > len(text) {
			t.Fatalf("%q: %q is at %d, behind %d", text, s.Text, start, at)
		}
		gap := text[at:start]
		if rest := Split(gap); rest != nil || at > 0 && !strings.Contains(gap, ";") {
			t.Errorf("%q: %q is left out", text, gap)
		}
		if diff := cmp.Diff([]Statement{s}, Split(s.Text)); diff != "" {
			t.Errorf("%q: %q isn't split to itself (-want +got):\n%s", text, s.Text, diff)
		}
		for _, name := range s.Params {
			if name != "" && !strings.Contains(s.Text, name) {
				t.Errorf("%q has no %q", s.Text, name)
			}
		}
		at = start + len(s.Text)
	}
	if rest := Split(text[at:]); rest != nil {
		t.Errorf("%q: %+v is left out", text, rest)
	}
}

func BenchmarkSplit(b *testing.B) {
	const query = `-- name: ListMessages :many
SELECT m.id, m.room_id, m.body, m.created_at, u.name AS author
FROM messages AS m JOIN users AS u ON u.id = m.author_id
WHERE m.room_id = ?1 AND m.created_at > ?2 ORDER BY m.id LIMIT ?3`
	for _, bench := range []struct{ name, text string }{
		{"query", query},
		{"insert", "INSERT INTO users (id, name, email) VALUES (:id, :name, :email) ON CONFLICT (id) DO UPDATE SET name = excluded.name"},
		{"begin", "BEGIN IMMEDIATE"},
		{"script", strings.Repeat(query+";\n\n", 100)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(len(bench.text)))
			b.ReportAllocs()
			for b.Loop() {
				if len(Split(bench.text)) == 0 {
					b.Fatal("no statement")
				}
			}
		})
	}
}
