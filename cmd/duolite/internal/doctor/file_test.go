package doctor_test

import (
	"bytes"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/cmd/duolite/internal/doctor"
	"github.com/duolite/duolite/db"

	_ "modernc.org/sqlite" // makes files that package db doesn't make
)

func open(t *testing.T, url string) *sql.DB {
	t.Helper()
	pool, err := db.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	return pool
}

// other makes a file by another driver.
func other(t *testing.T, path string, statements ...string) {
	t.Helper()
	pool, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	pool.SetMaxOpenConns(1)
	execute(t, pool, statements...)
}

// examineFile examines a file as the command does.
func examineFile(t *testing.T, path string, in doctor.Input) *doctor.Report {
	t.Helper()
	in.NoQueries = noQueries
	return examine(t, open(t, "file:"+path+"?mode=ro"), path, in)
}

func TestDamagedPage(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	other(t, path, manyNotes, "CREATE INDEX notes_by_body ON notes (body)")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copy(data[3*4096:], strings.Repeat("garbage ", 100))
	write(t, path, string(data))
	for _, quick := range []bool{false, true} {
		report := examineFile(t, path, doctor.Input{Quick: quick})
		if report.Count(doctor.Error) == 0 || report.Findings[0].Check != "integrity" {
			t.Errorf("quick %v: %+v, want an error of integrity", quick, report)
		}
	}
}

// TestFileOfNoBytes: a file into which nothing was written yet is an empty database.
func TestFileOfNoBytes(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	write(t, path, "")
	report := examineFile(t, path, doctor.Input{})
	if report.Count(doctor.Error)+report.Count(doctor.Warning) > 0 || len(report.Skipped) != 4 {
		t.Errorf("%+v, want no fault, and four checks skipped that need files", report)
	}
}

// TestForeignKeyWithCollation: a foreign key whose column has the program's collation is no fault.
func TestForeignKeyWithCollation(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	pool, err := db.Open(t.Context(), path, db.WithCollation("german", strings.Compare))
	if err != nil {
		t.Fatal(err)
	}
	execute(t, pool, "CREATE TABLE authors (name TEXT COLLATE german PRIMARY KEY)", "CREATE TABLE books (author TEXT PRIMARY KEY REFERENCES authors)",
		"INSERT INTO authors VALUES ('a')", "INSERT INTO books VALUES ('a')")
	pool.Close()
	report := examineFile(t, path, doctor.Input{})
	found := report.Findings
	if len(found) != 1 || found[0].Severity != doctor.Note || found[0].Object != "books" || !strings.Contains(found[0].Remedy, "german") {
		t.Errorf("%+v, want a note about books", report)
	}
}

// TestIndexWithoutRows: an index that misses a row is found by the full check alone.
func TestIndexWithoutRows(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	other(t, path, "CREATE TABLE a (x)", "INSERT INTO a VALUES (1), (2)", "CREATE INDEX a_by_x ON a (x)", "PRAGMA writable_schema = ON",
		"CREATE TABLE b (x)", "CREATE INDEX b_by_x ON b (x)",
		"UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'b_by_x') WHERE name = 'a_by_x'",
		"DELETE FROM sqlite_schema WHERE name = 'b_by_x'")
	report := examineFile(t, path, doctor.Input{})
	found := false
	for _, f := range report.Findings {
		found = found || f.Severity == doctor.Error && strings.Contains(f.Problem, "missing from index a_by_x") && strings.HasPrefix(f.Remedy, "REINDEX")
	}
	if !found {
		t.Errorf("%+v, want rows that are missing from the index", report)
	}
}

// TestUnknownModule: a virtual table whose module the command doesn't have keeps no other check from its work.
func TestUnknownModule(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	other(t, path, authors, "CREATE TABLE books (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES authors (id))", "PRAGMA writable_schema = ON",
		"INSERT INTO sqlite_schema VALUES ('table', 'places', 'places', 0, 'CREATE VIRTUAL TABLE places USING of_the_program (at)')")
	report := examineFile(t, path, doctor.Input{})
	checkHas(t, report, want{"foreign-key-index", doctor.Warning, "books.author_id", "reads the whole table"})
	for _, s := range report.Skipped {
		if s.Reason != noQueries && s.Check != "migrations" && s.Check != "schema" {
			t.Errorf("skipped %+v", s)
		}
	}
}

// TestLocked: nothing is known about a database that another program keeps locked.
func TestLocked(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	other(t, path, authors)
	pool, err := db.Open(t.Context(), "file:"+path+"?mode=ro", db.WithBusyTimeout(time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	writer, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	writer.SetMaxOpenConns(1)
	execute(t, writer, "BEGIN EXCLUSIVE")
	report, err := doctor.Run(t.Context(), doctor.Input{Pool: pool, Engine: db.SQLite}, func(string) {})
	if !errors.Is(err, db.ErrBusy) || report != nil {
		t.Errorf("%+v, error %v; want an ErrBusy", report, err)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	other(t, path, "PRAGMA page_size = 512", "PRAGMA auto_vacuum = FULL", "PRAGMA encoding = 'UTF-16le'", "PRAGMA legacy_file_format = ON", "CREATE TABLE a (x)")
	report := examineFile(t, path, doctor.Input{})
	for _, w := range []want{
		{"settings", doctor.Note, "journal_mode", "is delete"},
		{"settings", doctor.Note, "auto_vacuum", "is FULL"},
		{"settings", doctor.Note, "page_size", "is 512 bytes"},
		{"settings", doctor.Note, "encoding", "is UTF-16le"},
	} {
		checkHas(t, report, w)
	}
}

func checkHas(t *testing.T, report *doctor.Report, w want) {
	t.Helper()
	for _, f := range report.Findings {
		if f.Check == w.check && f.Severity == w.severity && f.Object == w.object && strings.Contains(f.Problem, w.problem) {
			return
		}
	}
	t.Errorf("%+v, want %+v", report, w)
}

// TestLargeLog: a reader keeps the log from being moved into the file.
func TestLargeLog(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	pool := open(t, path)
	execute(t, pool, "CREATE TABLE a (x)", "INSERT INTO a VALUES (zeroblob(1000000))")
	tx, err := pool.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	var n int
	if err := tx.QueryRowContext(t.Context(), "SELECT count(*) FROM a").Scan(&n); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		if _, err := pool.ExecContext(t.Context(), "UPDATE a SET x = ?", bytes.Repeat([]byte{byte(i + 1)}, 1_000_000)); err != nil {
			t.Fatal(err)
		}
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		t.Fatal(err)
	}
	checkHas(t, examineFile(t, path, doctor.Input{Quick: true}), want{"log", doctor.Warning, real + "-wal", "the log has 19.1 MiB that aren't in the file of 4.0 KiB yet: an open read keeps SQLite from moving them"})
}

func TestFreePages(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	pool := open(t, path)
	execute(t, pool, "CREATE TABLE a (x)", "INSERT INTO a VALUES (zeroblob(3000000)), (zeroblob(3000000))", "DELETE FROM a WHERE rowid = 1")
	checkHas(t, examineFile(t, path, doctor.Input{Quick: true}), want{"free-pages", doctor.Note, "", "pages are free (2.9 MiB of 5.7 MiB)"})
	execute(t, pool, "INSERT INTO a VALUES (zeroblob(20000000))", "DELETE FROM a")
	checkHas(t, examineFile(t, path, doctor.Input{Quick: true}), want{"free-pages", doctor.Warning, "", "pages are free"})
	execute(t, pool, "VACUUM")
	if report := examineFile(t, path, doctor.Input{Quick: true}); len(report.Findings) > 0 {
		t.Errorf("after VACUUM: %+v", report)
	}
}

func TestStatistics(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	pool := open(t, path)
	const insert = "INSERT INTO notes (body) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) SELECT i FROM n"
	execute(t, pool, "CREATE TABLE notes (id INTEGER PRIMARY KEY, body INTEGER, kind INTEGER)", "CREATE INDEX notes_by_body ON notes (body)", "CREATE INDEX notes_by_kind ON notes (kind)",
		"INSERT INTO notes (body) VALUES (0)")
	if report := examineFile(t, path, doctor.Input{Quick: true}); len(report.Findings) > 0 {
		t.Errorf("a small table: %+v", report)
	}
	execute(t, pool, insert)
	checkHas(t, examineFile(t, path, doctor.Input{Quick: true}), want{"statistics", doctor.Note, "notes", "ANALYZE has stored nothing"})
	execute(t, pool, "ANALYZE")
	if report := examineFile(t, path, doctor.Input{Quick: true}); len(report.Findings) > 0 {
		t.Errorf("after ANALYZE: %+v", report)
	}
	execute(t, pool, "UPDATE sqlite_stat1 SET stat = '10 1'")
	checkHas(t, examineFile(t, path, doctor.Input{Quick: true}), want{"statistics", doctor.Note, "notes", "ANALYZE counted 10 rows, and there are more than 10000 rows"})
}
