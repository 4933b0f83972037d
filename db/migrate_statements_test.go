package db_test

import (
	"strings"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/pressly/goose/v3"
)

// TestMigrationOutsideTransaction is about statements that can't do in a transaction what they say. They are
// refused before anything runs, in either direction, by file and line.
func TestMigrationOutsideTransaction(t *testing.T) {
	t.Parallel()
	const first = "-- +goose NO TRANSACTION on the file's first line"
	for text, want := range map[string]string{
		"PRAGMA foreign_keys = OFF":                        "PRAGMA foreign_keys does nothing in a transaction, which a migration is; write " + first + ", or PRAGMA defer_foreign_keys = ON in its place",
		"pragma FOREIGN_KEYS=0":                            "PRAGMA foreign_keys does nothing",
		"PRAGMA foreign_keys(off)":                         "PRAGMA foreign_keys does nothing",
		"PRAGMA/**/main . \"Foreign_Keys\" -- c\n\n= 'no'": "PRAGMA foreign_keys does nothing",
		"PRAGMA [main].[foreign_keys]\n(0)":                "PRAGMA foreign_keys does nothing",
		"PRAGMA `foreign_keys` = ON":                       "PRAGMA foreign_keys does nothing",
		"EXPLAIN PRAGMA foreign_keys = OFF":                "PRAGMA foreign_keys does nothing",
		"EXPLAIN QUERY PLAN PRAGMA foreign_keys = OFF":     "PRAGMA foreign_keys does nothing",
		"PRAGMA journal_mode = DELETE":                     "PRAGMA journal_mode has no effect in a transaction, which a migration is; write " + first,
		"PRAGMA synchronous = FULL":                        "PRAGMA synchronous has no effect",
		"PRAGMA page_size(8192)":                           "PRAGMA page_size has no effect",
		"PRAGMA auto_vacuum = FULL":                        "PRAGMA auto_vacuum has no effect",
		"PRAGMA encoding = 'UTF-16'":                       "PRAGMA encoding has no effect",
		"PRAGMA wal_checkpoint":                            "PRAGMA wal_checkpoint has no effect",
		"VACUUM":                                           "VACUUM can't be in a transaction, which a migration is; write " + first,
		"vacuum INTO 'x'":                                  "VACUUM can't be",
		"ATTACH 'x' AS y":                                  "ATTACH can't be",
		"DETACH y":                                         "DETACH can't be",
		"BEGIN":                                            "BEGIN, COMMIT and ROLLBACK can't be in a migration, which is a transaction already; leave them out, or write " + first,
		"BEGIN IMMEDIATE TRANSACTION":                      "BEGIN, COMMIT and ROLLBACK",
		"COMMIT":                                           "BEGIN, COMMIT and ROLLBACK",
		"END":                                              "BEGIN, COMMIT and ROLLBACK",
		"ROLLBACK":                                         "BEGIN, COMMIT and ROLLBACK",
	} {
		pool := open(t, ":memory:")
		text = "/* PRAGMA\n*/ " + text + ";"
		for name, file := range map[string]string{
			"a statement": "-- +goose Up\nCREATE TABLE two (x);\n-- a comment\n\n" + text + "\nCREATE TABLE three (x);\n",
			"a block":     "-- +goose Up\n-- +goose StatementBegin\nCREATE TABLE two (x);\n\n" + text + "\n-- +goose StatementEnd\n",
			"one line":    "-- +goose Up\n\n\nCREATE TABLE two (x);\n" + text,
		} {
			_, err := db.Migrate(t.Context(), pool, migrations("00001_one.sql", upOne, "00002_two.sql", file))
			if want := "migration 00002_two.sql, line 6: " + want; err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%q as %s: error\n\t%v, want\n\t%s…", text, name, err, want)
			}
			check(t, "all tables", get[int](t, pool, "SELECT count(*) FROM sqlite_master"), 0)
		}
		// What has run already isn't looked at, until it is to be rolled back.
		files := migrations("00001_one.sql", strings.Replace(upOne, "DROP", text+"\nDROP", 1))
		migrate(t, pool, files, the(true, 1))
		_, err := db.MigrateDown(t.Context(), pool, files)
		if err == nil || !strings.Contains(err.Error(), "migration 00001_one.sql, line 5: "+want) {
			t.Errorf("%q down: error %v", text, err)
		}
		execute(t, pool, "DROP TABLE one", "DELETE FROM goose_db_version WHERE version_id = 1")
	}
}

// TestMigrationOfTransaction is about statements that look like those, and do what they say.
func TestMigrationOfTransaction(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		migrate(t, pool, migrations("00001_one.sql", "-- +goose Up\nPRAGMA defer_foreign_keys = ON;\nPRAGMA foreign_keys;\nPRAGMA user_version = 3;\nCREATE TABLE one (x);\n"+
			"PRAGMA foreign_key_check;\nSAVEPOINT a;\nINSERT INTO one VALUES ('PRAGMA foreign_keys = OFF;\nVACUUM;');\nRELEASE a; -- PRAGMA foreign_keys = OFF;\n"), the(true, 1))
		check(t, "rows", get[int](t, pool, "SELECT count(*) FROM one"), 1)
	})
}

// TestMigrationStatements is about statements that goose's own parser cuts at the end of a line. duolite gen
// takes them whole.
func TestMigrationStatements(t *testing.T) {
	t.Setenv("DUOLITE_TEST_NAME", "from the environment;")
	for name, text := range map[string]string{
		"a trigger": "CREATE TRIGGER r AFTER INSERT ON one\nBEGIN\n  INSERT INTO log VALUES (NEW.x);\n  DELETE FROM one;\nEND;\nINSERT INTO one VALUES ('a');",
		"a trigger behind a statement, without a semicolon": "SELECT 1; CREATE TRIGGER r AFTER INSERT ON one BEGIN\nINSERT INTO log VALUES (NEW.x);\n-- END;\nDELETE FROM one; END\n;\nINSERT INTO one VALUES ('a')",
		"a string":           "INSERT INTO log VALUES ('a' || substr('\n;\n',\n 4));",
		"a comment":          "INSERT INTO log /* one;\ntwo; */ VALUES -- three;\n ('a');",
		"StatementBegin":     "-- +goose StatementBegin\nCREATE TRIGGER r AFTER INSERT ON one BEGIN\nINSERT INTO log VALUES (NEW.x);\nDELETE FROM one;\nEND\n-- +goose StatementEnd\nINSERT INTO one VALUES ('a');",
		"a block of several": "-- +goose statementbegin\nINSERT INTO log VALUES ('a');\nINSERT INTO log VALUES ('b');DELETE FROM log WHERE x = 'b';\n--+goose StatementEnd",
		"variables":          "-- +goose ENVSUB ON\nINSERT INTO log VALUES ('${DUOLITE_TEST_NAME}');\n-- +goose ENVSUB OFF\nUPDATE log SET x = 'a' WHERE x = 'from the environment;' AND\n '$DUOLITE_TEST_NAME' LIKE '$D%';",
		"variables in a trigger": "CREATE TRIGGER r AFTER INSERT ON one BEGIN\nDELETE FROM one;\n-- +goose ENVSUB ON\nINSERT INTO log VALUES (substr('${DUOLITE_TEST_NAME}', 10, 1));\n" +
			"-- +goose ENVSUB OFF\nUPDATE log SET x = 'a' WHERE x = 'e' AND '$A' = '$' || 'A';\nEND;\nINSERT INTO one VALUES (1);",
		"line ends of Windows": "CREATE TRIGGER r AFTER INSERT ON one BEGIN\r\nINSERT INTO log VALUES (NEW.x);\r\nDELETE FROM one;\r\nEND;\r\nINSERT INTO one VALUES ('a');\r\n",
	} {
		pool := open(t, ":memory:")
		file := "\ufeff\n-- a comment; \n-- +goose Up\nCREATE TABLE one (x); CREATE TABLE log (x);\n" + text + "\n-- +goose Down\nDROP TABLE one;\nDROP TABLE log;\n"
		if strings.Contains(text, "\r") {
			file = strings.ReplaceAll(strings.ReplaceAll(file, "\r", ""), "\n", "\r\n")
		}
		files := migrations("00001_one.sql", file)
		if _, err := db.Migrate(t.Context(), pool, files); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		check(t, name, get[string](t, pool, "SELECT (SELECT group_concat(x) FROM log) || (SELECT count(*) FROM one)"), "a0")
		if _, err := db.MigrateDown(t.Context(), pool, files); err != nil {
			t.Errorf("%s: down: %v", name, err)
		}
		check(t, name+": objects", objects(t, pool), "")
	}
}

// TestMigrationsLikeGoose compares with goose itself on what its parser takes as well.
func TestMigrationsLikeGoose(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		if d.Name == "server-auth" {
			t.Skip("as server")
		}
		pool := d.Open(t, nil)
		files := migrations(
			"00001_one.sql", upOne, "00002_two.sql", upTwo, "00003_three.sql", upThree,
			"4_four.sql", "-- four;\n\n-- +goose Up\n-- about it\nCREATE TABLE four (x /* ; */); -- ;\n\n\nINSERT INTO four\n  VALUES ('-- +goose Down');\n\n-- +goose Down\n",
			"5_five.sql", "-- +goose up\n-- +goose statementBegin\nCREATE TABLE five (x);\nINSERT INTO five VALUES ('a;');\n-- +goose StatementEnd\n",
			"6_six.sql", "-- +goose Up\n",
		)
		migrate := func(how func() error) string {
			if err := how(); err != nil {
				t.Fatal(err)
			}
			state := get[string](t, pool, `SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_master WHERE name NOT LIKE 'goose_%' ORDER BY name)`) +
				get[string](t, pool, `SELECT (SELECT x FROM four) || (SELECT x FROM five) || (SELECT group_concat(version_id) FROM goose_db_version)`)
			for _, name := range strings.Split(objects(t, pool), ",") {
				if name != "three" {
					execute(t, pool, "DROP TABLE "+name)
				}
			}
			execute(t, pool, "DROP TABLE goose_db_version")
			return state
		}
		want := migrate(func() error {
			provider, err := goose.NewProvider(goose.DialectSQLite3, pool, files)
			if err == nil {
				_, err = provider.Up(t.Context())
			}
			return err
		})
		got := migrate(func() error {
			_, err := db.Migrate(t.Context(), pool, files)
			return err
		})
		check(t, "what Migrate leaves", got, want)
	})
}
