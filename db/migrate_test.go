package db_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/pressly/goose/v3"
)

// migrations returns files, given as name, text, name, text…
func migrations(namesAndTexts ...string) fstest.MapFS {
	files := fstest.MapFS{}
	for i := 0; i < len(namesAndTexts); i += 2 {
		files[namesAndTexts[i]] = &fstest.MapFile{Data: []byte(namesAndTexts[i+1])}
	}
	return files
}

const (
	upOne   = "-- +goose Up\nCREATE TABLE one (x);\n-- +goose Down\nDROP TABLE one;\n"
	upTwo   = "-- +goose Up\nCREATE TABLE two (x);\nINSERT INTO two VALUES ('a;b');\n-- +goose Down\nDROP TABLE two;\n"
	upThree = "-- +goose Up\n-- +goose StatementBegin\nCREATE TRIGGER three AFTER INSERT ON one BEGIN INSERT INTO two VALUES (NEW.x); DELETE FROM one; END;\n-- +goose StatementEnd\n-- +goose Down\nDROP TRIGGER three;\n"
)

var (
	oneFile    = migrations("00001_one.sql", upOne)
	twoFiles   = migrations("00001_one.sql", upOne, "00002_two.sql", upTwo)
	threeFiles = migrations("00001_one.sql", upOne, "00002_two.sql", upTwo, "00003_three.sql", upThree,
		"README.md", "not a migration", "later/00004_four.sql", "in another folder")
)

// the returns the migrations of threeFiles with these versions.
func the(applied bool, versions ...int64) []db.Migration {
	var all []db.Migration
	for _, v := range versions {
		all = append(all, db.Migration{Version: v, Name: []string{"00001_one.sql", "00002_two.sql", "00003_three.sql"}[v-1], Applied: applied})
	}
	return all
}

func migrate(t *testing.T, pool *sql.DB, files fs.FS, want []db.Migration) {
	t.Helper()
	applied, err := db.Migrate(t.Context(), pool, files)
	if err != nil {
		t.Fatal(err)
	}
	check(t, "applied", applied, want)
}

func checkStatus(t *testing.T, pool *sql.DB, files fs.FS, want []db.Migration) {
	t.Helper()
	status, err := db.MigrationStatus(t.Context(), pool, files)
	if err != nil {
		t.Fatal(err)
	}
	check(t, "status", status, want)
}

// objects returns what a database has, but for what belongs to goose and SQLite.
func objects(t *testing.T, pool *sql.DB) string {
	t.Helper()
	return get[string](t, pool, `SELECT coalesce(group_concat(name), '') FROM (
		SELECT name FROM sqlite_master WHERE name NOT LIKE 'goose_%' AND name NOT LIKE 'sqlite_%' ORDER BY name)`)
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		checkStatus(t, pool, threeFiles, the(false, 1, 2, 3))
		check(t, "all tables", get[int](t, pool, "SELECT count(*) FROM sqlite_master"), 0) // a status only reads

		migrate(t, pool, twoFiles, the(true, 1, 2))
		check(t, "objects", objects(t, pool), "one,two")
		checkStatus(t, pool, threeFiles, append(the(true, 1, 2), the(false, 3)...))
		migrate(t, pool, twoFiles, nil)

		migrate(t, pool, threeFiles, the(true, 3))
		check(t, "objects", objects(t, pool), "one,three,two")
		checkStatus(t, pool, threeFiles, the(true, 1, 2, 3))
		migrate(t, pool, threeFiles, nil)
		execute(t, pool, "INSERT INTO one VALUES ('c')")
		check(t, "rows", get[string](t, pool, "SELECT group_concat(x) FROM two"), "a;b,c")

		for _, want := range []db.Migration{the(false, 3)[0], the(false, 2)[0], the(false, 1)[0]} {
			rolledBack, err := db.MigrateDown(t.Context(), pool, threeFiles)
			if err != nil {
				t.Fatal(err)
			}
			check(t, "rolled back", rolledBack, want)
		}
		if _, err := db.MigrateDown(t.Context(), pool, threeFiles); !errors.Is(err, db.ErrNoMigration) {
			t.Errorf("MigrateDown: error %v, want %v", err, db.ErrNoMigration)
		}
		check(t, "objects", objects(t, pool), "")
		checkStatus(t, pool, threeFiles, the(false, 1, 2, 3))

		migrate(t, pool, threeFiles, the(true, 1, 2, 3))
		check(t, "objects", objects(t, pool), "one,three,two")
	})
}

// TestMigrateOnOneConnection would wait for ever if something needed two.
func TestMigrateOnOneConnection(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil, db.WithMaxOpenConns(1))
		migrate(t, pool, threeFiles, the(true, 1, 2, 3))
		if _, err := db.MigrateDown(t.Context(), pool, threeFiles); err != nil {
			t.Error(err)
		}
	})
}

// TestMigrateOnlyReads is about a database that has all migrations: those who may only
// read it can start as well.
func TestMigrateOnlyReads(t *testing.T) {
	t.Parallel()
	test := func(t *testing.T, readWrite, readOnly *sql.DB) {
		_, err := db.Migrate(t.Context(), readOnly, oneFile)
		checkKind(t, "of an empty database", err, db.ErrReadOnly)
		checkStatus(t, readOnly, oneFile, the(false, 1))

		migrate(t, readWrite, threeFiles, the(true, 1, 2, 3))
		migrate(t, readOnly, threeFiles, nil)
		checkStatus(t, readOnly, threeFiles, the(true, 1, 2, 3))
		_, err = db.MigrateDown(t.Context(), readOnly, threeFiles)
		checkKind(t, "down", err, db.ErrReadOnly)
		migrate(t, readWrite, threeFiles, nil)
	}
	t.Run("file", func(t *testing.T) {
		path := t.TempDir() + "/app.db"
		test(t, open(t, path), open(t, "file:"+path+"?mode=ro"))
	})
	t.Run("server", func(t *testing.T) {
		server := dbtest.StartServer(t, dbtest.WithAuth())
		test(t,
			open(t, server.URL(), db.WithAuthToken(server.Token(dbtest.ReadWrite))),
			open(t, server.URL(), db.WithAuthToken(server.Token(dbtest.ReadOnly))))
	})
}

// TestNewerSchema is about a program that is older than its database.
func TestNewerSchema(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, threeFiles)
		_, migrateErr := db.Migrate(t.Context(), pool, twoFiles)
		_, statusErr := db.MigrationStatus(t.Context(), pool, twoFiles)
		_, downErr := db.MigrateDown(t.Context(), pool, twoFiles)
		for what, err := range map[string]error{"Migrate": migrateErr, "MigrationStatus": statusErr, "MigrateDown": downErr} {
			if !errors.Is(err, db.ErrNewerSchema) {
				t.Errorf("%s: error %v, want %v", what, err, db.ErrNewerSchema)
				continue
			}
			check(t, what, err.Error(), "database has a newer schema than this program (it has version 3; known here: up to 2)")
		}
		checkStatus(t, pool, threeFiles, the(true, 1, 2, 3))
	})
}

// TestMigrationFails wants a migration that fails to leave nothing, and those before
// it to stay.
func TestMigrationFails(t *testing.T) {
	t.Parallel()
	broken := migrations(
		"00001_one.sql", upOne,
		"00002_two.sql", "-- +goose Up\nCREATE TABLE two (x UNIQUE);\nINSERT INTO two VALUES (1);\nINSERT INTO one VALUES (1);\nINSERT INTO two\nVALUES (1);\n",
		"00003_three.sql", upThree,
	)
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		applied, err := db.Migrate(t.Context(), pool, broken)
		check(t, "applied", applied, the(true, 1))
		checkKind(t, "Migrate", err, db.ErrUnique)
		if want := "migration 00002_two.sql: UNIQUE constraint failed: two.x"; err == nil || err.Error() != want {
			t.Errorf("got error %v, want %s", err, want)
		}
		checkStatus(t, pool, broken, append(the(true, 1), the(false, 2, 3)...))
		check(t, "objects", objects(t, pool), "one")
		check(t, "rows", get[int](t, pool, "SELECT count(*) FROM one"), 0)

		// The same again, and then the file is mended.
		if _, err = db.Migrate(t.Context(), pool, broken); !errors.Is(err, db.ErrUnique) {
			t.Errorf("again: error %v, want the same", err)
		}
		migrate(t, pool, threeFiles, the(true, 2, 3))
		check(t, "objects", objects(t, pool), "one,three,two")
	})
}

func TestMigrateDownFails(t *testing.T) {
	t.Parallel()
	files := migrations("00001_one.sql", "-- +goose Up\nCREATE TABLE one (x);\n-- +goose Down\nDROP TABLE one;\nDROP TABLE nowhere;\n")
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, files)
		_, err := db.MigrateDown(t.Context(), pool, files)
		if want := "migration 00001_one.sql: no such table: nowhere"; err == nil || err.Error() != want {
			t.Errorf("got error %v, want %s", err, want)
		}
		checkText(t, "MigrateDown", err)
		checkStatus(t, pool, files, the(true, 1))
		check(t, "objects", objects(t, pool), "one")
	})
}

// TestBadMigrations are files that are wrong in themselves. Nothing is done then.
func TestBadMigrations(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		files fs.FS
		want  string
	}{
		{"no file", fstest.MapFS{}, "read the migrations: there is no *.sql file; want files in goose's form, named like 00001_bookmarks.sql"},
		{"no numbered file", migrations("one.sql", upOne), "read the migrations: no file begins with a number and an underscore (there is one.sql); want"},
		{"no folder", nil, "read the migrations: no files: fs.FS is nil"},
		{"a folder that isn't there", os.DirFS("/no/such/folder"), "read the migrations: open .: "},
		{"number 0", migrations("0000_one.sql", upOne, "0001_two.sql", upTwo), "read the migrations: 0000_one.sql has the number 0, which goose leaves out; number the files from 1"},
		{"a number twice", migrations("00001_one.sql", upOne, "1_two.sql", upTwo), "read the migrations: two migrations have the number 1: 00001_one.sql and 1_two.sql; give each a number of its own"},
		{"a number that is none", migrations("99999999999999999999_one.sql", upOne), "read the migrations: no file begins with a number"},
		{"empty", migrations("00001_one.sql", ""), "migration 00001_one.sql, line 1: the file is empty; want a line -- +goose Up before the statements"},
		{"no annotation", migrations("00001_one.sql", "-- one\n\nCREATE TABLE one (x);"), "migration 00001_one.sql, line 3: want a line -- +goose Up before the statements, and -- +goose Down before the statements that undo them"},
		{"an unknown annotation", migrations("00001_one.sql", "-- +goose Sideways\nCREATE TABLE one (x);"), `migration 00001_one.sql, line 1: unknown line "-- +goose Sideways"; goose's are Up, Down,`},
		{"an annotation with a space before it", migrations("00001_one.sql", upOne+" -- +goose Down"), "migration 00001_one.sql, line 5: -- +goose Down has white space before it"},
		{"a statement before", migrations("00001_one.sql", "-- a\nPRAGMA user_version = 1;\n"+upOne), "migration 00001_one.sql, line 2: a statement before -- +goose Up, which no migration runs"},
		{"no end", migrations("00001_one.sql", "-- +goose Up\n-- +goose StatementBegin\nCREATE TABLE one (x);"), "migration 00001_one.sql, line 2: -- +goose StatementBegin without -- +goose StatementEnd after it"},
		{"a comment with the statement before it", migrations("00001_one.sql", "-- +goose Up\n-- VACUUM\n;\nVACUUM;"), "migration 00001_one.sql, line 4: VACUUM can't be in a transaction, which a migration is; write -- +goose NO TRANSACTION on the file's first line"},
		{"an end alone", migrations("00001_one.sql", "-- +goose Up\nCREATE TABLE one (x);\n-- +goose StatementEnd"), "migration 00001_one.sql, line 3: -- +goose StatementEnd without -- +goose StatementBegin before it"},
		{"two beginnings", migrations("00001_one.sql", "-- +goose Up\n-- +goose StatementBegin\n-- +goose StatementBegin\n"), "migration 00001_one.sql, line 3: a second -- +goose StatementBegin"},
		{"a beginning before Up", migrations("00001_one.sql", "-- +goose StatementBegin\n-- +goose Up\n"), "migration 00001_one.sql, line 1: want -- +goose Up before -- +goose StatementBegin"},
		{"Up twice", migrations("00001_one.sql", upOne+upOne), "migration 00001_one.sql, line 5: a second -- +goose Up"},
		{"Down first", migrations("00001_one.sql", "-- +goose Down\n"), "migration 00001_one.sql, line 1: -- +goose Down without -- +goose Up before it"},
		{"Down within a block", migrations("00001_one.sql", "-- +goose Up\n-- +goose StatementBegin\nSELECT 1;\n-- +goose Down\n"), "migration 00001_one.sql, line 4: -- +goose Down within the -- +goose StatementBegin of line 2"},
		{"the last one", migrations("00001_one.sql", upOne, "00002_two.sql", ""), "migration 00002_two.sql, line 1: the file is empty"},
		{"a name that moves a terminal", migrations("00001_\x1b[31m.sql", ""), `migration 00001_\x1b[31m.sql, line 1: the file is empty`},
	} {
		pool := open(t, ":memory:")
		_, err := db.Migrate(t.Context(), pool, tt.files)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got error\n\t%v, want\n\t…%s…", tt.name, err, tt.want)
		}
		checkText(t, tt.name, err)
		check(t, tt.name+": objects", objects(t, pool), "")
	}
}

// TestMissingMigration is about a file that came later, with a number in between.
func TestMissingMigration(t *testing.T) {
	t.Parallel()
	pool := open(t, ":memory:")
	migrate(t, pool, migrations("00001_one.sql", upOne, "00003_three.sql", "-- +goose Up\nSELECT 1;"), the(true, 1, 3))
	_, err := db.Migrate(t.Context(), pool, threeFiles)
	if want := "migration 00002_two.sql comes before 00003_three.sql, which the database has already; give it a number after the newest one's"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want %s", err, want)
	}
	checkText(t, "Migrate", err)
	checkStatus(t, pool, threeFiles, append(append(the(true, 1), the(false, 2)...), the(true, 3)...))
}

// TestMigrateAfterGoose is about a database that goose has migrated until now, and its
// own commands afterwards.
func TestMigrateAfterGoose(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		before, err := goose.NewProvider(goose.DialectSQLite3, pool, twoFiles)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := before.Up(t.Context()); err != nil {
			t.Fatal(err)
		}
		checkStatus(t, pool, threeFiles, append(the(true, 1, 2), the(false, 3)...))
		migrate(t, pool, threeFiles, the(true, 3))

		after, err := goose.NewProvider(goose.DialectSQLite3, pool, threeFiles)
		if err != nil {
			t.Fatal(err)
		}
		version, err := after.GetDBVersion(t.Context())
		if err != nil || version != 3 {
			t.Errorf("goose sees version %d (%v), want 3", version, err)
		}
		if _, err := after.DownTo(t.Context(), 0); err != nil {
			t.Error(err)
		}
		checkStatus(t, pool, threeFiles, the(false, 1, 2, 3))
		migrate(t, pool, threeFiles, the(true, 1, 2, 3))
	})
}

// TestMigrationWithoutTransaction is about statements that can't be in one.
func TestMigrationWithoutTransaction(t *testing.T) {
	t.Parallel()
	files := migrations("00001_one.sql", "-- +goose NO TRANSACTION\n-- +goose Up\nCREATE TABLE one (x);\nVACUUM;\n")
	pool := open(t, t.TempDir()+"/app.db")
	migrate(t, pool, files, the(true, 1))
	migrate(t, pool, files, nil)
	check(t, "objects", objects(t, pool), "one")
}

func TestMigrateCanceled(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, migrateErr := db.Migrate(ctx, pool, threeFiles)
		_, statusErr := db.MigrationStatus(ctx, pool, threeFiles)
		_, downErr := db.MigrateDown(ctx, pool, threeFiles)
		for what, err := range map[string]error{"Migrate": migrateErr, "MigrationStatus": statusErr, "MigrateDown": downErr} {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: error %v, want %v", what, err, context.Canceled)
			}
			checkText(t, what, err)
		}
		check(t, "all tables", get[int](t, pool, "SELECT count(*) FROM sqlite_master"), 0)

		// In the middle of a migration, most of the time.
		migrate(t, pool, oneFile, the(true, 1))
		ctx, cancel = context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, err := db.Migrate(ctx, pool, migrations("00001_one.sql", upOne, "00002_two.sql", "-- +goose Up\nCREATE TABLE t (x);\n"+endless+";\n"))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Migrate: error %v, want %v", err, context.DeadlineExceeded)
		}
		checkText(t, "Migrate", err)
		check(t, "objects", objects(t, pool), "one")
		migrate(t, pool, threeFiles, the(true, 2, 3))
	})
}

// TestMigrateWaits is about a lock that somebody else has for longer than the busy
// timeout.
func TestMigrateWaits(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/app.db"
	other, pool := open(t, path), open(t, path, db.WithBusyTimeout(0))

	// It is never let go.
	tx := beginAndLock(t, other)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := db.Migrate(ctx, pool, twoFiles); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got error %v, want that of the context", err)
	}
	check(t, "all tables", get[int](t, pool, "SELECT count(*) FROM sqlite_master"), 0)

	// It is let go after a while.
	time.AfterFunc(100*time.Millisecond, func() { tx.Rollback() })
	migrate(t, pool, oneFile, the(true, 1))

	// Meanwhile the other applies the migration.
	tx = begin(t, other, nil)
	execute(t, tx, "CREATE TABLE two (x)", "INSERT INTO goose_db_version (version_id, is_applied) VALUES (2, 1)")
	time.AfterFunc(100*time.Millisecond, func() { tx.Commit() })
	migrate(t, pool, twoFiles, nil)
	checkStatus(t, pool, twoFiles, the(true, 1, 2))
}
