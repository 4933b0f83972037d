package dbcheck

import (
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/google/go-cmp/cmp"
)

// TestQuotedTexts wants the names that name nothing, and no others, whatever statement they
// are in.
func TestQuotedTexts(t *testing.T) {
	pool, err := db.Open(t.Context(), ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.ExecContext(t.Context(), `CREATE TABLE t (id INTEGER PRIMARY KEY, "a b", "q""x", "c`+"`"+`d", name); CREATE TABLE "order" ("id", "when")`); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string][]string{
		`SELECT id FROM t`:     nil,
		`SELECT "nmae" FROM t`: {`"nmae"`},
		`SELECT "name", "nmae", "x" FROM t WHERE "id" = "y"`:                                                          {`"nmae"`, `"x"`, `"y"`},
		`SELECT "a b", "q""x", "c` + "`" + `d" FROM "t"`:                                                              nil,
		`SELECT "NAME" FROM "T" AS "u" WHERE "U"."ID" = 1`:                                                            nil,
		`SELECT "s"."id" FROM (SELECT "id" FROM "t") AS "s"`:                                                          nil,
		`SELECT "s"."id" FROM (SELECT "id" FROM "t" WHERE "name" = "x") AS "s"`:                                       {`"x"`},
		`SELECT "s"."id" FROM (SELECT "id" FROM "t" WHERE "name" IN ("x", "y")) AS "s"`:                               {`"x"`, `"y"`},
		`WITH "c"("n") AS (SELECT 1 UNION ALL SELECT "n" + 1 FROM "c" WHERE "n" < 3) SELECT "n" FROM "c"`:             nil,
		`SELECT "when" AS "name of it" FROM "order" GROUP BY "name of it" ORDER BY "name of it"`:                      nil,
		`INSERT INTO "order" ("id", "when") VALUES ("now", 'x') ON CONFLICT DO UPDATE SET "when" = "excluded"."when"`: {`"now"`},
		`UPDATE "t" SET "name" = "it's ""so""" WHERE "id" = ?`:                                                        {`"it's ""so"""`},
		`SELECT name COLLATE "NOCASE", CAST(id AS "TEXT") FROM t`:                                                     nil,
		`SELECT json_object("key", id) FROM t`:                                                                        {`"key"`},
		`SELECT '"x"', [id], "id" -- "y"
 FROM t`: nil,
		`SELECT "x" FROM nowhere`: nil,
		`SELECT nonesuch("x")`:    nil,
		`SELECT count(*) FILTER (WHERE "name" = "x") OVER "w" FROM t WINDOW "w" AS (ORDER BY "id")`: {`"x"`},
		`SELECT "rowid", "_rowid_" FROM t`:     nil,
		`SELECT "true", "current_time" FROM t`: {`"true"`, `"current_time"`},
	} {
		got := quotedTexts(text, func(variant string) bool { return compilesIn(t.Context(), pool, variant) })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}
