package db_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/duolite/duolite/db"
)

// TestDoubleQuotedStrings opens a file that plain SQLite has filled with strings in double
// quotes, in every place that a schema has for them.
func TestDoubleQuotedStrings(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "old.db")
	execute(t, openPlain(t, file),
		`CREATE TABLE u (id INTEGER PRIMARY KEY, name TEXT DEFAULT "none" CHECK (name <> "root"), kind AS (CASE WHEN name = "ann" THEN "a" ELSE "b" END))`,
		`CREATE INDEX anns ON u (name = "ann")`,
		`CREATE INDEX part ON u (id) WHERE name = "bob"`,
		`CREATE VIEW bobs AS SELECT id FROM u WHERE name = "bob"`,
		`CREATE TABLE log (x)`,
		`CREATE TRIGGER noted AFTER DELETE ON u BEGIN INSERT INTO log VALUES ("gone"); END`,
		`INSERT INTO u (name) VALUES ("ann"), ("bob")`)

	pool := open(t, file)
	execute(t, pool, "INSERT INTO u (id) VALUES (7)", "UPDATE u SET name = 'eve' WHERE id = 7") // tables and indexes go on
	check(t, "kind", get[string](t, pool, "SELECT group_concat(kind, '') FROM u"), "abb")
	for statement, wants := range map[string][]string{
		`SELECT id FROM u WHERE "nmae" = 'bob'`:        {"no such column", "nmae", "single-quotes"},
		`INSERT INTO u (name) VALUES ("eve")`:          {"no such column", "eve"},
		`CREATE VIEW v AS SELECT "x" FROM u`:           nil, // it fails when it is used
		`SELECT * FROM bobs`:                           {"view bobs", `'bob'`, "WithDoubleQuotedStrings"},
		`DELETE FROM u`:                                {"trigger noted", `'gone'`, "WithDoubleQuotedStrings"},
		`CREATE TABLE w (x CHECK (x <> "y"))`:          {"no such column", "y"},
		`CREATE INDEX more ON u (name = "cy")`:         {"no such column", "cy"},
		`CREATE TABLE w (x TEXT DEFAULT ("y" || "z"))`: {"default value"},
	} {
		_, err := pool.ExecContext(t.Context(), statement)
		if wants == nil {
			continue
		}
		for _, want := range wants {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want one with %s", statement, err, want)
			}
		}
	}
	check(t, "rows", get[int](t, pool, "SELECT count(*) FROM u"), 3)
	check(t, "a column that is there", get[int](t, pool, `SELECT count("name") FROM "u"`), 3)

	old := open(t, file, db.WithDoubleQuotedStrings())
	check(t, "bobs", get[int](t, old, "SELECT count(*) FROM bobs"), 1)
	execute(t, old, "DELETE FROM u")
	check(t, "log", get[string](t, old, "SELECT min(x) FROM log"), "gone")

	if _, err := db.Open(t.Context(), "http://127.0.0.1:9", db.WithDoubleQuotedStrings()); err == nil || !strings.Contains(err.Error(), "WithDoubleQuotedStrings") {
		t.Errorf("on a server: %v", err)
	}
}
