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
		`2.sql:4: "live" names no column in the view live: SQLite may take it for a text, and a server refuses it; write: 'live' for a text, or the right name (compile)`,
		`2.sql:7: "changed" names no column in the trigger noted: SQLite may take it for a text, and a server refuses it; write: 'changed' for a text, or the right name (compile)`,
		`2.sql:13: "!" names no column in the trigger inserted: SQLite may take it for a text, and a server refuses it; write: '!' for a text, or the right name (compile)`,
		"2.sql:19: log is to the base 10 on a file, and the natural logarithm on a server; write: log10(...), or ln(...) (homes)",
		"2.sql:20: LIKE is false on a file for a BLOB, such as data, and takes it for a text on a server; write: CAST(data AS TEXT) LIKE ... (homes)",
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
