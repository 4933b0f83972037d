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

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/pressly/goose/v3"
)

// TestFilesOfOtherTools wants each to be recognised, named, and told what to do about.
func TestFilesOfOtherTools(t *testing.T) {
	t.Parallel()
	const form = "want a line -- +goose Up before the statements, and -- +goose Down before the statements that undo them"
	for name, tt := range map[string]struct {
		files fs.FS
		want  string
	}{
		"golang-migrate": {
			migrations("1_init.up.sql", "CREATE TABLE one (x);", "1_init.down.sql", "DROP TABLE one;"),
			"read the migrations: 1_init.up.sql and 1_init.down.sql are golang-migrate's, one for each direction; want one file in goose's form: 1_init.sql with a line -- +goose Up before the text of the one and -- +goose Down before the other's; duolite migrate import FOLDER writes it",
		},
		"golang-migrate, up alone": {
			migrations("000001_init.up.sql", "\nCREATE TABLE one (x);"),
			"migration 000001_init.up.sql, line 2: the file is named like a file of golang-migrate; db.Migrate reads goose's form: " + form + "; duolite migrate import FOLDER writes such files",
		},
		"dbmate": {
			migrations("20260101120000_init.sql", "-- x\n-- migrate:up\nCREATE TABLE one (x);\n-- migrate:down\nDROP TABLE one;\n"),
			"migration 20260101120000_init.sql, line 2: -- migrate:up is dbmate's; db.Migrate reads goose's form: " + form + "; duolite migrate import FOLDER writes such files",
		},
		"sql-migrate": {migrations("1_init.sql", "-- +migrate Up\nCREATE TABLE one (x);"), "migration 1_init.sql, line 1: -- +migrate Up is sql-migrate's; "},
		"tern":        {migrations("001_init.sql", "CREATE TABLE one (x);\n---- create above / drop below ----\n"), "migration 001_init.sql, line 2: ---- create above / drop below ---- is tern's; "},
		"Drizzle":     {migrations("0001_init.sql", "CREATE TABLE one (x);--> statement-breakpoint\nSELECT 1;"), "migration 0001_init.sql, line 1: --> statement-breakpoint is Drizzle's; "},
		"Liquibase":   {migrations("1_init.sql", "--liquibase formatted sql\n"), "migration 1_init.sql, line 1: --liquibase formatted sql is Liquibase's; "},
		"Flyway":      {migrations("V1__init.sql", "CREATE TABLE one (x);"), "read the migrations: no file begins with a number and an underscore (there is V1__init.sql); want files in goose's form, named like 00001_bookmarks.sql"},
		"in a folder": {migrations("migrations/00001_one.sql", upOne, "readme.txt", ""), `read the migrations: there is no *.sql file in the root folder, but there are in "migrations"; name that folder, in Go by fs.Sub(files, "migrations")`},
		"deeper":      {migrations("db/sql/00001_one.sql", upOne), `read the migrations: there is no *.sql file in the root folder, but there are in "db/sql"; name that folder, in Go by fs.Sub(files, "db/sql")`},
		"Go":          {migrations("00001_one.sql", upOne, "00002_two.go", "package x"), "read the migrations: 00002_two.go is a Go migration, which db.Migrate doesn't run; run it with goose itself (goose.NewProvider takes the same pool), or leave"},
	} {
		pool := open(t, ":memory:")
		_, err := db.Migrate(t.Context(), pool, tt.files)
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: error\n\t%v, want\n\t%s", name, err, tt.want)
		}
		checkText(t, name, err)
		check(t, "all tables", get[int](t, pool, "SELECT count(*) FROM sqlite_master"), 0)
	}

	// A name of golang-migrate's is no fault of a file in goose's form.
	migrate(t, open(t, ":memory:"), migrations("1_one.up.sql", upOne), []db.Migration{{Version: 1, Name: "1_one.up.sql", Applied: true}})
	sub, err := fs.Sub(migrations("migrations/00001_one.sql", upOne), "migrations")
	if err != nil {
		t.Fatal(err)
	}
	migrate(t, open(t, ":memory:"), sub, the(true, 1))
	folder := t.TempDir()
	if err := os.WriteFile(folder+"/00001_one.sql", []byte(upOne), 0o600); err != nil {
		t.Fatal(err)
	}
	migrate(t, open(t, ":memory:"), os.DirFS(folder), the(true, 1))
}

// TestDatabaseOfOtherTool wants a database that has been migrated by another tool to be refused, until
// goose's table says what it has.
func TestDatabaseOfOtherTool(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		for name, table := range map[string]string{
			"golang-migrate": "CREATE TABLE schema_migrations (version uint64,dirty bool)",
			"dbmate":         `CREATE TABLE IF NOT EXISTS "schema_migrations" (version varchar(128) primary key)`,
			"sql-migrate":    `CREATE TABLE "gorp_migrations" ("id" varchar(255) not null primary key, "applied_at" datetime)`,
			"Prisma":         `CREATE TABLE "_prisma_migrations" (id TEXT PRIMARY KEY)`,
			"Drizzle":        `CREATE TABLE __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)`,
			"Flyway":         `CREATE TABLE "flyway_schema_history" (installed_rank INT)`,
			"Atlas":          "CREATE TABLE `atlas_schema_revisions` (`version` text NOT NULL)",
		} {
			execute(t, pool, table, "CREATE TABLE one (x)")
			made := strings.FieldsFunc(strings.TrimPrefix(strings.TrimPrefix(table, "CREATE TABLE "), "IF NOT EXISTS "), func(r rune) bool { return strings.ContainsRune("\"` (", r) })[0]
			want := "the database was migrated by " + name + " (it has the table " + made + ", and no goose_db_version); record in goose_db_version which of the files it has already, "
			if name == "golang-migrate" || name == "dbmate" {
				want += "by duolite migrate import FOLDER --db URL, or "
			}
			want += "as the documentation of db.Migrate shows"
			_, migrateErr := db.Migrate(t.Context(), pool, twoFiles)
			_, statusErr := db.MigrationStatus(t.Context(), pool, twoFiles)
			_, downErr := db.MigrateDown(t.Context(), pool, twoFiles)
			for what, err := range map[string]error{"Migrate": migrateErr, "MigrationStatus": statusErr, "MigrateDown": downErr} {
				if err == nil || !strings.HasSuffix(err.Error(), want) {
					t.Errorf("%s: error\n\t%v, want\n\t%s", what, err, want)
				}
			}
			check(t, "objects", objects(t, pool), strings.Join(sorted(made, "one"), ","))

			// As the documentation has it.
			execute(t, pool, `CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL,
				is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')))`,
				`INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1)`)
			migrate(t, pool, twoFiles, the(true, 2))
			execute(t, pool, "DROP TABLE one", "DROP TABLE two", "DROP TABLE goose_db_version", "DROP TABLE "+made)
		}
		// A program's own table of that name is none of a tool's.
		execute(t, pool, "CREATE TABLE schema_migrations (at TEXT)")
		migrate(t, pool, twoFiles, the(true, 1, 2))
	})
}

func sorted(a, b string) []string {
	if a > b {
		a, b = b, a
	}
	return []string{a, b}
}

// TestGoMigration is about one that goose has applied between two files.
func TestGoMigration(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		one := migrations("00001_one.sql", upOne, "00003_three.sql", "-- +goose Up\nSELECT 1;\n")
		inGo := goose.NewGoMigration(2, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "CREATE TABLE two (x)")
			return err
		}}, nil)
		provider, err := goose.NewProvider(goose.DialectSQLite3, pool, one, goose.WithGoMigrations(inGo))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := provider.Up(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, err = db.Migrate(t.Context(), pool, one)
		const want = "the database has the migration 2, but there is no file with that number: it is a Go migration of goose, which db.Migrate doesn't run, or the file was removed; add 00002_NAME.sql with the line -- +goose Up alone, or run the migrations with goose itself (goose.NewProvider takes the same pool)"
		if err == nil || err.Error() != want || !errors.Is(err, db.ErrNewerSchema) {
			t.Errorf("error\n\t%v, want\n\t%s", err, want)
		}

		// As it says.
		one["00002_in_go.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\n")}
		one["00004_four.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE TABLE four (x);\n")}
		migrate(t, pool, one, []db.Migration{{Version: 4, Name: "00004_four.sql", Applied: true}})
	})
}
