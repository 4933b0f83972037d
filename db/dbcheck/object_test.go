package dbcheck_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/duolite/duolite/db/dbcheck"
	"github.com/duolite/duolite/db/dbcheck/internal/cases/right"
	"github.com/google/go-cmp/cmp"
)

// TestSchema: what names nothing is found in all that SQLite compiles when it is used, and so
// is what isn't the same everywhere. Nothing else is.
func TestSchema(t *testing.T) {
	base, err := os.ReadFile("internal/cases/schema/schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	schema := fstest.MapFS{
		"1.sql": {Data: base},
		"2.sql": {Data: []byte(`
CREATE TABLE log (id INTEGER PRIMARY KEY, "what" TEXT DEFAULT 'x', "when" TEXT DEFAULT (datetime('now')));
CREATE VIEW live AS SELECT "id", "title" AS "the title" FROM "posts"
WHERE "status" = "live";
CREATE VIEW right_view AS SELECT "p"."id" FROM "posts" AS "p" WHERE "p"."status" = 'live';
CREATE TRIGGER noted AFTER UPDATE OF "status" ON "posts" WHEN "new"."status" <> "old"."status" BEGIN
  INSERT INTO log ("what") VALUES ("changed");
END;
CREATE TRIGGER removed AFTER DELETE ON posts BEGIN
  INSERT INTO "log" ("what", "when") SELECT "old"."title", 'now' FROM "posts" WHERE "posts"."id" = "old"."id";
END;
CREATE TRIGGER inserted INSTEAD OF INSERT ON live BEGIN
  INSERT INTO log ("what") VALUES ("new"."the title" || "!");
END;
CREATE INDEX by_title ON posts ("title") WHERE "status" = 'live';
CREATE INDEX by_what ON log (what);
CREATE TABLE checked (
  id INTEGER PRIMARY KEY,
  "state" TEXT DEFAULT "new" CHECK ("state" IN ("new", 'old')),
  kind TEXT DEFAULT "plain", shout AS ("state" || "!!"),
  CHECK ("id" > 0 AND "state" <> "none")
);
CREATE INDEX by_upper ON checked (upper("state"),
  coalesce("stat", 'x'));
CREATE INDEX by_state ON checked ("state") WHERE "state" = 'new' OR
  "state" = "older";
CREATE TABLE files (id INTEGER PRIMARY KEY, data BLOB NOT NULL, size REAL AS (log10(length(data) + 1)));
CREATE VIEW scripts AS SELECT id,
  log(length(data) + 1) AS size
FROM files WHERE data NOT LIKE '#!%';
CREATE VIEW allowed AS
-- dbcheck:allow homes: no server will see it
SELECT log(id) AS size FROM files;
`)},
	}
	report, err := dbcheck.Check(t.Context(), right.New, schema, os.DirFS("internal/cases/right"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range report.Findings {
		if f.Schema {
			got = append(got, fmt.Sprintf("%s (%s)", f, f.Rule))
		}
	}
	want := []string{
		`2.sql:4: "live" names no column in the view live: package db and a server refuse it, and other drivers may take it for a text; write: 'live' for a text, or the right name (compile)`,
		`2.sql:7: "changed" names no column in the trigger noted: package db and a server refuse it, and other drivers may take it for a text; write: 'changed' for a text, or the right name (compile)`,
		`2.sql:13: "!" names no column in the trigger inserted: package db and a server refuse it, and other drivers may take it for a text; write: '!' for a text, or the right name (compile)`,
		`2.sql:19: "new" names no column in the table checked: package db and a server refuse it, and other drivers may take it for a text; write: 'new' for a text, or the right name (compile)`,
		`2.sql:20: "!!" names no column in the table checked: package db and a server refuse it, and other drivers may take it for a text; write: '!!' for a text, or the right name (compile)`,
		`2.sql:21: "none" names no column in the table checked: package db and a server refuse it, and other drivers may take it for a text; write: 'none' for a text, or the right name (compile)`,
		`2.sql:24: "stat" names no column in the index by_upper: package db and a server refuse it, and other drivers may take it for a text; write: 'stat' for a text, or the right name (compile)`,
		`2.sql:26: "older" names no column in the index by_state: package db and a server refuse it, and other drivers may take it for a text; write: 'older' for a text, or the right name (compile)`,
		"2.sql:29: log is to the base 10 on a file, and the natural logarithm on a server; write: log10(...), or ln(...) (homes)",
		"2.sql:30: LIKE is false on a file for a BLOB, such as data, and takes it for a text on a server; write: CAST(data AS TEXT) LIKE ... (homes)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
	for _, f := range report.Findings {
		if !f.Schema && strings.Contains(f.Message, "names no column") {
			t.Errorf("found %s", f)
		}
	}
}
