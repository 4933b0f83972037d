package sqltext

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplit(t *testing.T) {
	const trigger = "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT CASE WHEN 1 THEN 2 END; DELETE FROM t; END"
	for text, want := range map[string][]string{
		"":                           nil,
		" \n\t;; ;":                  nil,
		"-- x\n;;":                   nil,
		"-- x":                       nil,
		"/* x */;/* y":               nil,
		"\uFEFF":                     nil,
		"SELECT 1":                   {"SELECT 1"},
		"SELECT 1;":                  {"SELECT 1"},
		" SELECT 1 ; ":               {"SELECT 1"},
		"\uFEFFSELECT 1\n;\n\uFEFF ": {"SELECT 1"},
		"SELECT 1;SELECT 2":          {"SELECT 1", "SELECT 2"},
		"SELECT 1; -- end":           {"SELECT 1"},
		"SELECT 1 -- end\n":          {"SELECT 1 -- end"},
		"-- name: A :one\nSELECT 1;\n\n-- name: B :one\nSELECT 2;\n": {"-- name: A :one\nSELECT 1", "-- name: B :one\nSELECT 2"},
		"-- x\n; -- y\nSELECT 1":                                     {"-- y\nSELECT 1"},

		"SELECT ';', \";\", `;`, [;]; x":     {"SELECT ';', \";\", `;`, [;]", "x"},
		"SELECT ''';', \"\"\";\", ```;`; x":  {"SELECT ''';', \"\"\";\", ```;`", "x"},
		`SELECT '\'; x`:                      {`SELECT '\'`, "x"},
		"SELECT [[;]; x":                     {"SELECT [[;]", "x"},
		"SELECT 'a;":                         {"SELECT 'a;"},
		"SELECT [a;":                         {"SELECT [a;"},
		"SELECT -- ; '\n1; x":                {"SELECT -- ; '\n1", "x"},
		"SELECT /* ; ' */ 1; x":              {"SELECT /* ; ' */ 1", "x"},
		"SELECT /* /* ; */ 1; x":             {"SELECT /* /* ; */ 1", "x"},
		"SELECT /*/ ; */ 1; x":               {"SELECT /*/ ; */ 1", "x"},
		"SELECT 1 /* ; x ":                   {"SELECT 1"},
		"SELECT 1; /*":                       {"SELECT 1", "/*"},
		"SELECT 1 - -1 / 2; x":               {"SELECT 1 - -1 / 2", "x"},
		"SELECT 1->'$';->> x":                {"SELECT 1->'$'", "->> x"},
		"SELECT x'ab', X'', xx';', x ';'; y": {"SELECT x'ab', X'', xx';', x ';'", "y"},
		"SELECT x';'; y":                     {"SELECT x';'", "y"},
		"SELECT :a(;), $b::c(');'; x":        {"SELECT :a(;), $b::c(')", "'; x"},
		"SELECT \x00; x":                     {"SELECT \x00", "x"},
		"SELECT 1;\v":                        {"SELECT 1", "\v"},
		"SELECT 1; \v":                       {"SELECT 1"},

		trigger + "; SELECT 1":                                        {trigger, "SELECT 1"},
		trigger:                                                       {trigger},
		"-- x\n" + trigger + " -- y\n; x":                             {"-- x\n" + trigger + " -- y", "x"},
		"explain " + trigger + "; x":                                  {"explain " + trigger, "x"},
		"EXPLAIN QUERY /* */ PLAN " + trigger + "; x":                 {"EXPLAIN QUERY /* */ PLAN " + trigger, "x"},
		"create temp trigger a;b;end; x":                              {"create temp trigger a;b;end", "x"},
		"create temporary trigger a;;\nend -- \n; x":                  {"create temporary trigger a;;\nend -- ", "x"},
		"CREATE TRIGGER a; END x; END; y":                             {"CREATE TRIGGER a; END x; END", "y"},
		"CREATE TRIGGER a; 'END'; \"END\"; END; y":                    {"CREATE TRIGGER a; 'END'; \"END\"; END", "y"},
		"CREATE TRIGGER a; b; SELECT 1;":                              {"CREATE TRIGGER a; b; SELECT 1;"},
		"CREATE TABLE trigger (a); SELECT 1":                          {"CREATE TABLE trigger (a)", "SELECT 1"},
		"SELECT create trigger; x":                                    {"SELECT create trigger", "x"},
		"CREATE \"TRIGGER\" a; x":                                     {"CREATE \"TRIGGER\" a", "x"},
		"CREATE VIRTUAL TABLE v USING m(a;b, (;)); x":                 {"CREATE VIRTUAL TABLE v USING m(a;b, (;))", "x"},
		"EXPLAIN CREATE VIRTUAL TABLE v USING m; x":                   {"EXPLAIN CREATE VIRTUAL TABLE v USING m", "x"},
		"CREATE TABLE t(a;b); x":                                      {"CREATE TABLE t(a", "b)", "x"},
		"BEGIN; INSERT INTO t VALUES (1); END; SELECT 1":              {"BEGIN", "INSERT INTO t VALUES (1)", "END", "SELECT 1"},
		"CREATE TRIGGERS a; x":                                        {"CREATE TRIGGERS a", "x"},
		"CREATE TRIGGER$ a; x":                                        {"CREATE TRIGGER$ a", "x"},
		strings.Repeat("; ", 100) + "x" + strings.Repeat(" ;\n", 100): {"x"},
	} {
		var got []string
		for _, s := range Split(text) {
			got = append(got, s.Text)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

// TestStatements: a comment that has the text of a statement isn't taken for it.
func TestStatements(t *testing.T) {
	const text = " -- SELECT 1\n;\nSELECT 1; /* x */ SELECT 2"
	got := map[int]string{}
	for at, s := range Statements(text) {
		got[at] = s.Text
	}
	want := map[int]string{strings.Index(text, "\nSELECT 1") + 1: "SELECT 1", strings.Index(text, "/*"): "/* x */ SELECT 2"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	replaced := Replace(text, func(s Statement) string { return strings.ToLower(s.Text) })
	if want := " -- SELECT 1\n;\nselect 1; /* x */ select 2"; replaced != want {
		t.Errorf("%q, want %q", replaced, want)
	}
}

func TestParams(t *testing.T) {
	for text, want := range map[string][]string{
		"SELECT 1":                        nil,
		"SELECT ?":                        {""},
		"SELECT ?, ?":                     {"", ""},
		"SELECT ?3, ?, ?1":                {"?1", "", "?3", ""},
		"SELECT ?, ?1, ?01":               {"?1"},
		"SELECT ?02":                      {"", "?02"},
		"SELECT :a, @a, $a, #a, :a, :A":   {":a", "@a", "$a", "#a", ":A"},
		"SELECT ?2, :a, ?, :a, ?3":        {"", "?2", ":a", ""},
		"SELECT ?2 WHERE :a IN (?1, ?)":   {"?1", "?2", ":a", ""},
		"SELECT ?1abc":                    {"?1"},
		"SELECT ?abc":                     {""},
		"SELECT :1, :1a, :é, :a$b, :_":    {":1", ":1a", ":é", ":a$b", ":_"},
		"SELECT $a::b, $a::b(c;d), :a(),": {"$a::b", "$a::b(c;d)", ":a()"},
		"SELECT :a(b c), $(x), :: , : ,@": nil,
		"SELECT #1, #1a":                  nil,
		"SELECT a$b, \"?\", '?', [?], `?`, x'', 1e5, 1.5, .5, 0x1f, 1$a -- ?\n/* ? */": nil,
		"SELECT a->?, b->>:c||?":                                     {"", ":c", ""},
		"SELECT a:b, a?b":                                            {":b", ""},
		"SELECT ?0, ?00":                                             nil,
		"SELECT ?32767, ?99999999999999999999, ?":                    {""},
		"SELECT ?000000000000000000000000001":                        {"?000000000000000000000000001"},
		"CREATE VIRTUAL TABLE v USING m(a ?, :b)":                    nil,
		"CREATE TABLE t AS SELECT ?":                                 {""},
		"INSERT INTO t VALUES (?, :b) ON CONFLICT DO UPDATE SET a=?": {"", ":b", ""},
	} {
		statements := Split(text)
		if len(statements) != 1 {
			t.Errorf("%q gave %d statements", text, len(statements))
			continue
		}
		if diff := cmp.Diff(want, statements[0].Params); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
	// Each statement has its own.
	statements := Split("SELECT ?, :a; SELECT 1; SELECT :b")
	if diff := cmp.Diff([]string{"", ":a"}, statements[0].Params); diff != "" || statements[1].Params != nil {
		t.Errorf("%+v\n%s", statements, diff)
	}
}

func TestMostParams(t *testing.T) {
	for text, want := range map[string]int{
		"SELECT ?32766":               maxParams,
		"SELECT ?32766, ?, :a, ?":     maxParams,
		strings.Repeat("?,", 40000):   maxParams,
		"SELECT ?32767, ?99999999999": 0,
	} {
		if got := len(Split(text)[0].Params); got != want {
			t.Errorf("%.30s has %d parameters; want %d", text, got, want)
		}
	}
}

func TestKind(t *testing.T) {
	for kind, texts := range map[Kind][]string{
		Other: {
			"CREATE TABLE t (a)", "DROP TABLE t", "ALTER TABLE t RENAME TO u", "ANALYZE", "REINDEX",
			"x", "'SELECT'", "\"SELECT\" 1", "(SELECT 1)", "1", "?", "SELECTS", "SELECT$", "ſelect 1",
			"WITH", "WITH a AS (SELECT 1)", "WITH a AS (SELECT 1) CREATE TABLE t(a)", "CREATE VIEW v AS SELECT 1",
			"WITH SELECT",
		},
		Read: {
			"SELECT 1", "select 1", "VALUES (1)", "-- INSERT\nSELECT 1", "/* INSERT */SELECT 1", "\uFEFFSELECT 1",
			"EXPLAIN DELETE FROM t", "EXPLAIN QUERY PLAN INSERT INTO t VALUES (1)", "EXPLAIN BEGIN IMMEDIATE",
			"WITH a AS (SELECT 1) SELECT * FROM a", "WITH a AS (SELECT 1) VALUES (1)",
			"WITH a AS (SELECT 1), b (c, d) AS NOT MATERIALIZED (SELECT 1, 2) SELECT * FROM a",
			"with recursive a (n) as materialized (select 1 union all select n+1 from a) select n from a",
			"WITH replace AS (SELECT 1) SELECT * FROM replace", "WITH a AS (SELECT 1), replace(a) AS (SELECT 1) SELECT 1",
			"WITH RECURSIVE replace AS (SELECT 1) SELECT 1", "WITH RECURSIVE recursive AS (SELECT 1) SELECT 1", "WITH \"INSERT\" AS (SELECT 1) SELECT 1",
			"WITH [UPDATE] AS (SELECT 1), 'DELETE' AS (SELECT 1) SELECT 1",
			"SELECT replace('a', 'b', 'c')", "SELECT 1 -- DO UPDATE",
		},
		Insert: {
			"INSERT INTO t VALUES (1)", "insert or ignore into t select 1", "REPLACE INTO t VALUES (1)",
			"WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a", "WITH a(b) AS (SELECT 1) REPLACE INTO t SELECT * FROM a",
			"WITH replace AS (SELECT 1) REPLACE INTO t SELECT * FROM replace",
		},
		Change: {
			"UPDATE t SET a = 1", "DELETE FROM t", "WITH a AS (SELECT 1) UPDATE t SET a = 1", "WITH a AS (VALUES (1)) DELETE FROM t",
		},
		BeginDeferred: {"BEGIN", "BEGIN DEFERRED", "BEGIN TRANSACTION", "BEGIN DEFERRED TRANSACTION", "BEGIN TRANSACTION immediate", "BEGIN READONLY"},
		BeginWrite:    {"BEGIN IMMEDIATE", "BEGIN EXCLUSIVE TRANSACTION", "begin/**/immediate"},
		Commit:        {"COMMIT", "END", "END TRANSACTION", "COMMIT TRANSACTION t"},
		Rollback:      {"ROLLBACK", "ROLLBACK TRANSACTION", "ROLLBACK TRANSACTION t", "ROLLBACK TRANSACTION \"to\""},
		Savepoint: {
			"SAVEPOINT a", "RELEASE a", "RELEASE SAVEPOINT a", "ROLLBACK TO a", "ROLLBACK TO SAVEPOINT a",
			"ROLLBACK TRANSACTION TO a", "ROLLBACK TRANSACTION t TO SAVEPOINT a",
		},
		Pragma: {
			"PRAGMA user_version", "pragma main.User_Version = 3", "PRAGMA 'user_version'", "PRAGMA [a b].\"user_version\"(3)",
			"PRAGMA temp . table_info(t)", "PRAGMA/**/main/**/./**/index_list('t')", "PRAGMA user_version.user_version",
			"PRAGMA foreign_keys.user_version",
		},
		Outside: {
			"VACUUM", "VACUUM INTO 'x'", "ATTACH 'x' AS y", "DETACH y",
			"PRAGMA foreign_keys", "PRAGMA journal_mode = WAL", "PRAGMA main.synchronous", "PRAGMA x", "PRAGMA",
			"PRAGMA user_version.foreign_keys", "EXPLAIN PRAGMA foreign_keys = ON", "EXPLAIN QUERY PLAN PRAGMA foreign_keys", "PRAGMA \"user_version", "PRAGMA \"user_version\"\"\"", "PRAGMA ''",
		},
	} {
		for _, text := range texts {
			for _, text := range []string{text, text + ";", " -- x\n" + text + "\n"} {
				if s := Split(text); len(s) != 1 || s[0].Kind != kind || s[0].Upsert {
					t.Errorf("%q gave %+v; want kind %d", text, s, kind)
				}
			}
		}
	}
	if s := Split(";;"); s != nil {
		t.Errorf("%v", s)
	}
}

func TestUpsert(t *testing.T) {
	for text, want := range map[string]bool{
		"INSERT INTO t VALUES (1) ON CONFLICT DO UPDATE SET a = 1":                                             true,
		"insert into t select 1 where true on conflict (a) do /* */ update set a = 1":                          true,
		"WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a WHERE 1 ON CONFLICT DO UPDATE SET a=1":             true,
		"INSERT INTO t VALUES (1) ON CONFLICT(a) DO NOTHING ON CONFLICT DO UPDATE SET a=1":                     true,
		"REPLACE INTO t VALUES (1) ON CONFLICT DO UPDATE SET a = 1":                                            true,
		"INSERT INTO t SELECT 1 AS do WHERE true ON CONFLICT DO UPDATE SET a=1":                                true,
		"INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING":                                                      false,
		"INSERT INTO t VALUES ('DO UPDATE')":                                                                   false,
		"INSERT INTO t VALUES (1) -- DO UPDATE":                                                                false,
		"INSERT INTO t VALUES (\"DO\") ON CONFLICT DO NOTHING -- UPDATE":                                       false,
		"INSERT INTO t SELECT (do update)":                                                                     false,
		"INSERT INTO t SELECT do, update":                                                                      false,
		"INSERT OR REPLACE INTO t VALUES (1)":                                                                  false,
		"EXPLAIN INSERT INTO t VALUES (1) ON CONFLICT DO UPDATE SET a = 1":                                     false,
		"CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO t VALUES (1) ON CONFLICT DO UPDATE SET a=1; END": false,
	} {
		if s := Split(text); len(s) != 1 || s[0].Upsert != want {
			t.Errorf("%q gave %+v; want Upsert %t", text, s, want)
		}
	}
}
