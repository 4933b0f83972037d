package trial

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestOpenSchema: a schema needs its definitions alone. Statements that only tell sqlc about columns, rows that
// can't be inserted, and queries are left out.
func TestOpenSchema(t *testing.T) {
	for name, script := range map[string]string{
		"plain":         "CREATE TABLE a (id INTEGER PRIMARY KEY);",
		"rows":          "CREATE TABLE a (id INTEGER PRIMARY KEY); INSERT INTO a VALUES (1); INSERT INTO a VALUES (1); UPDATE nowhere SET x = 1;",
		"transaction":   "PRAGMA foreign_keys = OFF; BEGIN; CREATE TABLE a (id INTEGER PRIMARY KEY); COMMIT; DELETE FROM nowhere;",
		"own tables":    "CREATE TABLE sqlite_master (name TEXT); CREATE TABLE a (id INTEGER PRIMARY KEY);",
		"virtual table": "CREATE VIRTUAL TABLE f USING fts5(body); ALTER TABLE f ADD COLUMN rank REAL; CREATE TABLE a (id INTEGER PRIMARY KEY);",
		"queries":       "CREATE TABLE a (id INTEGER PRIMARY KEY);\n-- name: Get :one\nSELECT * FROM a WHERE id = ?;",
		"attached":      "ATTACH ':memory:' AS b; CREATE TABLE b.c (id INTEGER); CREATE TABLE a (id INTEGER PRIMARY KEY);",
		"mark":          "\ufeffCREATE TABLE a (id INTEGER PRIMARY KEY);",
		"down":          "-- +goose Up\nCREATE TABLE a (id INTEGER PRIMARY KEY);\n-- +goose down\nDROP TABLE a;",
	} {
		t.Run(name, func(t *testing.T) {
			pool, err := Input{Schema: fstest.MapFS{"1.sql": {Data: []byte(script)}}}.openWhole(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer pool.Close()
			if _, err := pool.ExecContext(t.Context(), "INSERT INTO a DEFAULT VALUES"); err != nil {
				t.Error(err)
			}
		})
	}
	for script, want := range map[string]string{
		"CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE VIEW b AS SELECT nothing FROM":                              "schema 1.sql: ",
		"CREATE TABLE a (id INTEGER PRIMARY KEY, at F32_BLOB(3)); CREATE INDEX b ON a (libsql_vector_idx(at));":      "duolite gen --server URL",
		"CREATE TABLE a (id INTEGER PRIMARY KEY, body TEXT); ALTER TABLE a ALTER COLUMN body TO body TEXT NOT NULL;": "duolite gen --server URL",
	} {
		if _, err := (Input{Schema: fstest.MapFS{"1.sql": {Data: []byte(script)}}}).openWhole(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want an error with %q", script, err, want)
		}
	}
}
