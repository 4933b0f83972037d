package trial

import (
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/google/go-cmp/cmp"
)

// manyQuoted has names enough that trying all sets of them would take for ever.
const manyQuoted = `SELECT "id" AS "c1", "id" AS "c2", "id" AS "c3", "id" AS "c4", "id" AS "c5", "id" AS "c6", "id" AS "c7", "id" AS "c8", "id" AS "c9",
	"id" AS "d1", "id" AS "d2", "id" AS "d3", "id" AS "d4", "id" AS "d5", "id" AS "d6", "id" AS "d7", "id" AS "d8", "id" AS "d9" FROM "t" `

// TestQuotedTexts wants the names that name nothing, and no others, whatever statement they
// are in.
func TestQuotedTexts(t *testing.T) {
	pool, err := db.Open(t.Context(), ":memory:", db.WithDoubleQuotedStrings())
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
		manyQuoted + `WHERE "id" IN ("x1", "x2", "x3")`:                                             {`"x1"`, `"x2"`, `"x3"`},
		`SELECT "rowid", "_rowid_" FROM t`:                                                          nil,
		`SELECT "true", "current_time" FROM t`:                                                      {`"true"`, `"current_time"`},
	} {
		got := quotedTexts(text, func(variant string) bool { return compile(t.Context(), pool, variant) == nil })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}
