package gen

import "testing"

// TestSchemaForSQLC: words that sqlc can't parse are blanked, and nothing else is.
func TestSchemaForSQLC(t *testing.T) {
	for text, want := range map[string]string{
		`CREATE TABLE t ("id" INTEGER, PRIMARY KEY("id" AUTOINCREMENT));`: `CREATE TABLE t ("id" INTEGER, PRIMARY KEY("id"              ));`,
		"-- a\nCREATE TABLE t (a TEXT NULL, b VARCHAR(9) NULL) ;\n":       "-- a\nCREATE TABLE t (a TEXT     , b VARCHAR(9)     ) ;\n",
		`CREATE TABLE t (a DEFAULT "it's", b TEXT DEFAULT 'x')`:           `CREATE TABLE t (a DEFAULT 'it s', b TEXT DEFAULT 'x')`,
		`CREATE VIRTUAL TABLE f USING FTS5(a)`:                            `CREATE VIRTUAL TABLE f USING fts5(a)`,
		`CREATE TEMP TABLE IF NOT EXISTS t (a TEXT NULL)`:                 `CREATE TEMP TABLE IF NOT EXISTS t (a TEXT     )`,
	} {
		if got := schemaForSQLC(text); got != want {
			t.Errorf("%s\nis %s\nwant %s", text, got, want)
		}
	}
	for _, text := range []string{
		"", "-- NULL", "CREATE TABLE t (a TEXT NOT NULL DEFAULT NULL REFERENCES u ON DELETE SET NULL, CHECK (a IS NULL OR a = NULL))",
		"INSERT INTO t VALUES (NULL, NULL); SELECT NULL", "CREATE VIEW v AS SELECT NULL", "CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT NULL; END;",
	} {
		if got := schemaForSQLC(text); got != text {
			t.Errorf("%s\nis %s\nwant the same", text, got)
		}
	}
}
