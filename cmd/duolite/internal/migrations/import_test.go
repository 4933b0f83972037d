package migrations_test

import (
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/cmd/duolite/internal/migrations"
	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/pressly/goose/v3"
)

const (
	trigger = "CREATE TRIGGER kept AFTER INSERT ON one\nBEGIN\n  INSERT INTO two VALUES (NEW.x);\n  DELETE FROM one WHERE x = ';';\nEND"
	up      = "-- the first\nCREATE TABLE one (x); CREATE TABLE two (x);\r\n\n" + trigger + " ;\nINSERT INTO two VALUES ('a;b')"
	down    = "DROP TABLE one;\nDROP TABLE two;\n"
)

// folder writes files to a new folder, given as name, text, name, text…
func folder(t *testing.T, namesAndTexts ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(namesAndTexts); i += 2 {
		if err := os.WriteFile(filepath.Join(dir, namesAndTexts[i]), []byte(namesAndTexts[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func read(t *testing.T, dir string) *migrations.Import {
	t.Helper()
	imported, err := migrations.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	return imported
}

// both are the same migrations in the forms of both tools.
func both(t *testing.T) map[migrations.Tool]string {
	return map[migrations.Tool]string{
		migrations.GolangMigrate: folder(t, "000001_first.up.sql", up, "000001_first.down.sql", down, "000010_second.up..sql", "CREATE TABLE three (x);\n", "README.md", "no migration"),
		migrations.Dbmate: folder(t, "000001_first.sql", "-- made by hand\n-- migrate:up\n"+up+"\n-- migrate:down\n"+down,
			"000010_second.sql", "-- migrate:up\nCREATE TABLE three (x);\n\n-- migrate:down\n"),
	}
}

// TestImportRuns applies the files by db.Migrate and by goose itself, and undoes them.
func TestImportRuns(t *testing.T) {
	t.Parallel()
	for tool, dir := range both(t) {
		imported := read(t, dir)
		if imported.Tool != tool || len(imported.Files) != 2 || imported.Files[0].Name != "000001_first.sql" || imported.Files[1].Version != 10 {
			t.Errorf("%s: %+v", tool, imported)
		}
		to := filepath.Join(t.TempDir(), "schema")
		written, err := imported.Write(to)
		if err != nil || len(written) != 2 {
			t.Fatalf("%s: wrote %q, error %v", tool, written, err)
		}
		pool := dbtest.OpenTemp(t, os.DirFS(to))
		checkTables(t, pool, "one,three,two")
		for range 2 {
			if _, err := db.MigrateDown(t.Context(), pool, os.DirFS(to)); err != nil {
				t.Fatal(err)
			}
		}
		checkTables(t, pool, "three") // its file has no way back

		pool = dbtest.OpenTemp(t, nil)
		provider, err := goose.NewProvider(goose.DialectSQLite3, pool, os.DirFS(to))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := provider.Up(t.Context()); err != nil {
			t.Errorf("%s: goose: %v", tool, err)
		}
		checkTables(t, pool, "one,three,two")
	}
}

func checkTables(t *testing.T, pool *sql.DB, want string) {
	t.Helper()
	var got string
	if err := pool.QueryRowContext(t.Context(), `SELECT coalesce(group_concat(name), '') FROM (SELECT name FROM sqlite_master
		WHERE type = 'table' AND name NOT IN ('goose_db_version', 'sqlite_sequence', 'schema_migrations') ORDER BY name)`).Scan(&got); err != nil || got != want {
		t.Errorf("tables %q, error %v; want %q", got, err, want)
	}
}

// TestImportText: the SQL stays byte for byte, between goose's lines.
func TestImportText(t *testing.T) {
	t.Parallel()
	for tool, dir := range both(t) {
		text := read(t, dir).Files[0].Text
		before := ""
		if tool == migrations.Dbmate {
			before = "-- made by hand\n"
		}
		want := before + "-- +goose Up\n-- the first\nCREATE TABLE one (x); CREATE TABLE two (x);\r\n\n" +
			"-- +goose StatementBegin\n" + trigger + " ;\n-- +goose StatementEnd\n" +
			"-- +goose StatementBegin\nINSERT INTO two VALUES ('a;b')\n-- +goose StatementEnd\n" +
			"-- +goose Down\n" + down
		if text != want {
			t.Errorf("%s: text\n%s\nwant\n%s", tool, text, want)
		}
		for _, line := range []string{"-- +goose Up\n", "-- +goose Down\n", "-- +goose StatementBegin\n", "-- +goose StatementEnd\n"} {
			text = strings.ReplaceAll(text, line, "")
		}
		if want := before + up + "\n" + down; text != want {
			t.Errorf("%s: without goose's lines\n%q\nwant\n%q", tool, text, want)
		}
	}
}

func TestImportNoTransaction(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		dir     string
		outside string
	}{
		"dbmate's option":  {folder(t, "1_a.sql", "-- migrate:up transaction:false\nVACUUM;\n-- migrate:down\n"), ""},
		"dbmate's default": {folder(t, "1_a.sql", "-- migrate:up transaction:true\nPRAGMA foreign_keys = off;\n-- migrate:down\n"), "PRAGMA foreign_keys = off"},
		"golang-migrate":   {folder(t, "1_a.up.sql", "BEGIN;\nCREATE TABLE a (x);\nCOMMIT;\n"), "BEGIN"},
		"on the way back":  {folder(t, "1_a.up.sql", "SELECT 1;", "1_a.down.sql", "VACUUM;"), "VACUUM"},
	} {
		imported := read(t, tt.dir)
		file := imported.Files[0]
		if !strings.HasPrefix(file.Text, "-- +goose NO TRANSACTION\n-- +goose Up\n") || file.Outside != tt.outside {
			t.Errorf("%s: because of %q, text\n%s", name, file.Outside, file.Text)
		}
		to := t.TempDir()
		if _, err := imported.Write(to); err != nil {
			t.Fatal(err)
		}
		pool := dbtest.OpenTemp(t, os.DirFS(to))
		if _, err := db.MigrateDown(t.Context(), pool, os.DirFS(to)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestImportRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		dir  string
		want string
	}{
		"no folder":        {filepath.Join(t.TempDir(), "none"), "no such file or directory"},
		"an empty folder":  {t.TempDir(), "has no *.sql file; want golang-migrate's files"},
		"plain SQL":        {folder(t, "1_a.sql", "SELECT 1;"), "1_a.sql: want golang-migrate's files"},
		"goose's":          {folder(t, "1_a.sql", "-- +goose Up\nSELECT 1;"), "1_a.sql is in goose's form already"},
		"both tools":       {folder(t, "1_a.sql", "-- migrate:up\n", "2_b.up.sql", "SELECT 1;"), "1_a.sql is dbmate's, and 2_b.up.sql is golang-migrate's"},
		"no number":        {folder(t, "a.up.sql", "SELECT 1;"), "a.up.sql doesn't begin with a number and an underscore"},
		"only back":        {folder(t, "1_a.down.sql", "SELECT 1;"), "1_a.down.sql has no file 1_a.up.sql"},
		"twice":            {folder(t, "1_a.up.sql", "SELECT 1;", "01_b.up.sql", "SELECT 1;"), "01_b.up.sql and 1_a.up.sql have the same number"},
		"back twice":       {folder(t, "1_a.up.sql", "SELECT 1;", "1_a.down.sql", "SELECT 1;", "1_b.down.sql", "SELECT 1;"), "1_a.down.sql and 1_b.down.sql have the same number"},
		"dbmate's number":  {folder(t, "1_a.sql", "-- migrate:up\n", "01_b.sql", "-- migrate:up\n"), "01_b.sql and 1_a.sql have the same number"},
		"dbmate's twice":   {folder(t, "1_a.sql", "-- migrate:up\n-- migrate:up\n"), "1_a.sql, line 2: a second -- migrate:up"},
		"dbmate's order":   {folder(t, "1_a.sql", "-- migrate:down\n-- migrate:up\n"), "1_a.sql, line 1: -- migrate:down without"},
		"dbmate's option":  {folder(t, "1_a.sql", "-- migrate:up lock:false\n"), `1_a.sql, line 1: unknown option "lock:false"`},
		"dbmate's outside": {folder(t, "1_a.sql", "SELECT 1;\n-- migrate:up\n"), "1_a.sql: a statement before -- migrate:up"},
	} {
		if _, err := migrations.Read(tt.dir); err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %q", name, err, tt.want)
		}
	}
}

// TestImportWritesAllOrNothing: an existing file stays, and no other is written.
func TestImportWritesAllOrNothing(t *testing.T) {
	t.Parallel()
	imported := read(t, both(t)[migrations.GolangMigrate])
	for name, tt := range map[string]struct{ dir, want string }{
		"another text":   {folder(t, "000010_second.sql", "-- +goose Up\nSELECT 2;\n"), "000010_second.sql exists, with another text; nothing is overwritten"},
		"another number": {folder(t, "1_mine.sql", "-- +goose Up\nSELECT 2;\n"), "000001_first.sql and 1_mine.sql would have the same number"},
	} {
		before := names(t, tt.dir)
		if written, err := imported.Write(tt.dir); err == nil || !strings.Contains(err.Error(), tt.want) || written != nil {
			t.Errorf("%s: wrote %q, error %v; want %q", name, written, err, tt.want)
		}
		if after := names(t, tt.dir); after != before {
			t.Errorf("%s: %s, want %s", name, after, before)
		}
	}
	if written, err := read(t, folder(t, "0_a.up.sql", "SELECT 1;")).Write(t.TempDir()); err == nil || !strings.Contains(err.Error(), "0_a.sql has the number 0") {
		t.Errorf("number 0: wrote %q, error %v", written, err)
	}
	dir := t.TempDir()
	for _, want := range []int{2, 0} { // and the second time they are there
		if written, err := imported.Write(dir); err != nil || len(written) != want {
			t.Errorf("wrote %q, error %v; want %d files", written, err, want)
		}
	}
}

func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	var all []string
	for _, entry := range entries {
		all = append(all, entry.Name())
	}
	return strings.Join(all, ",")
}

// TestAdopt marks the versions that the tool's table has, and continues from there.
func TestAdopt(t *testing.T) {
	t.Parallel()
	dirs := both(t)
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		for tool, made := range map[migrations.Tool][]string{
			migrations.GolangMigrate: {"CREATE TABLE schema_migrations (version uint64,dirty bool)", "INSERT INTO schema_migrations VALUES (1, false)"},
			migrations.Dbmate:        {`CREATE TABLE "schema_migrations" (version varchar(128) primary key)`, "INSERT INTO schema_migrations VALUES ('000001')"},
		} {
			imported := read(t, dirs[tool])
			pool := d.Open(t, nil)
			if _, err := imported.Applied(t.Context(), pool); err == nil || !strings.Contains(err.Error(), "no table schema_migrations") {
				t.Errorf("%s: error %v", tool, err)
			}
			execute(t, pool, append(made, "CREATE TABLE one (x)", "CREATE TABLE two (x)")...)
			applied, err := imported.Applied(t.Context(), pool)
			if err != nil || len(applied) != 1 || applied[0] != 1 {
				t.Fatalf("%s: %v, error %v", tool, applied, err)
			}
			if err := migrations.Mark(t.Context(), pool, applied); err != nil {
				t.Fatal(err)
			}
			to := t.TempDir()
			if _, err := imported.Write(to); err != nil {
				t.Fatal(err)
			}
			done, err := db.Migrate(t.Context(), pool, os.DirFS(to))
			if err != nil || len(done) != 1 || done[0].Version != 10 {
				t.Errorf("%s: applied %v, error %v", tool, done, err)
			}
			checkTables(t, pool, "one,three,two")
			if _, err := imported.Applied(t.Context(), pool); err == nil || !strings.Contains(err.Error(), "goose_db_version already") {
				t.Errorf("%s: error %v", tool, err)
			}
			execute(t, pool, "DROP TABLE one", "DROP TABLE two", "DROP TABLE three", "DROP TABLE schema_migrations", "DROP TABLE goose_db_version")
		}
	})
}

func TestAdoptRefused(t *testing.T) {
	t.Parallel()
	imported := read(t, both(t)[migrations.GolangMigrate])
	pool := dbtest.OpenTemp(t, nil)
	execute(t, pool, "CREATE TABLE schema_migrations (version uint64,dirty bool)")
	if applied, err := imported.Applied(t.Context(), pool); err != nil || len(applied) > 0 {
		t.Errorf("without a row: %v, error %v", applied, err)
	}
	execute(t, pool, "INSERT INTO schema_migrations VALUES (10, true)")
	if _, err := imported.Applied(t.Context(), pool); !errors.Is(err, migrations.ErrDirty) || !strings.Contains(err.Error(), "version 10 is dirty") {
		t.Errorf("dirty: error %v", err)
	}
	execute(t, pool, "UPDATE schema_migrations SET version = 11, dirty = false")
	if _, err := imported.Applied(t.Context(), pool); err == nil || !strings.Contains(err.Error(), "the database has the migration 11, and there is no file") {
		t.Errorf("without the file: error %v", err)
	}
}

func execute(t *testing.T, pool *sql.DB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := pool.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.FixedZone("", 3600))
	for name, tt := range map[string]struct{ dir, name, want string }{
		"no folder":       {filepath.Join(t.TempDir(), "a", "b"), "first", "00001_first.sql"},
		"the next":        {folder(t, "00009_a.sql", ""), "Add authors ", "00010_Add_authors.sql"},
		"three digits":    {folder(t, "001_a.sql", "", "002_b.sql", "", "notes.sql", ""), "c", "003_c.sql"},
		"one digit":       {folder(t, "9_a.sql", ""), "b", "10_b.sql"},
		"times":           {folder(t, "20260101120000_a.sql", ""), "b", "20260304040607_b.sql"},
		"a time to come":  {folder(t, "20990101120000_a.sql", ""), "b", "20990101120001_b.sql"},
		"the newest wins": {folder(t, "1_a.sql", "", "00002_b.sql", ""), "c", "00003_c.sql"},
	} {
		path, err := migrations.Create(tt.dir, tt.name, now)
		if err != nil || path != filepath.Join(tt.dir, tt.want) {
			t.Errorf("%s: %s, error %v; want %s", name, path, err, tt.want)
			continue
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != "-- +goose Up\n\n-- +goose Down\n" {
			t.Errorf("%s: text %q, error %v", name, text, err)
		}
	}
	for _, bad := range []string{"", " ", "a/b", "../a", "a.b", "a'b"} {
		dir := t.TempDir()
		if path, err := migrations.Create(dir, bad, now); err == nil || names(t, dir) != "" {
			t.Errorf("%q: %s, error %v", bad, path, err)
		}
	}
}
