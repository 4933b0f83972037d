package doctor_test

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/duolite/duolite/cmd/duolite/internal/doctor"
	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/dbtype"
)

// A want is a finding that is expected. The others of the same check are wrong.
type want struct {
	check    string
	severity doctor.Severity
	object   string
	problem  string // a part of it
}

// noQueries is the reason of tests without queries.
const noQueries = "there are none"

// authors is the parent of the tables below.
const authors = "CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL)"

// manyNotes is a table with 1,100 rows.
const manyNotes = `CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT, kind TEXT);
	INSERT INTO notes (body, kind) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1100) SELECT 'body ' || i, i % 50 FROM n`

// TestFaults plants one fault in each database, on files, in memory and on servers, and wants it to be found, and no other
// error or warning.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		plant   []string
		migrate fs.FS // applied before the others
		files   fs.FS // which the doctor sees
		queries string
		want    want
	}{
		{
			name:  "a copy that isn't complete",
			plant: []string{"CREATE TABLE duolite_copy (x)"},
			want:  want{"integrity", doctor.Error, "duolite_copy", "a copy that isn't complete"},
		},
		{
			name:  "a foreign key without an index",
			plant: []string{authors, "CREATE TABLE books (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES authors (id))"},
			want:  want{"foreign-key-index", doctor.Warning, "books.author_id", "reads the whole table books"},
		},
		{
			name: "a foreign key of two columns with an index on the second",
			plant: []string{"CREATE TABLE a (x, y, PRIMARY KEY (x, y))", "CREATE TABLE b (x, y, z, FOREIGN KEY (x, y) REFERENCES a (x, y))",
				"CREATE INDEX b_by_z ON b (z, x)"},
			want: want{"foreign-key-index", doctor.Warning, "b.(x, y)", "reads the whole table b"},
		},
		{
			name: "rows without a parent",
			plant: []string{authors, "CREATE TABLE books (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES authors (id))", "CREATE INDEX books_by_author ON books (author_id)",
				"PRAGMA foreign_keys = OFF; INSERT INTO books VALUES (7, 1), (8, 1), (9, NULL); PRAGMA foreign_keys = ON"},
			want: want{"foreign-keys", doctor.Error, "books.author_id", "2 rows without a row of authors, such as the one with rowid 7"},
		},
		{
			name: "a foreign key to columns without UNIQUE",
			plant: []string{authors, "CREATE TABLE books (id INTEGER PRIMARY KEY, author TEXT REFERENCES authors (name))", "CREATE INDEX books_by_author ON books (author)",
				"PRAGMA foreign_keys = OFF; INSERT INTO books VALUES (7, 'a'); PRAGMA foreign_keys = ON"},
			want: want{"foreign-keys", doctor.Error, "books", "foreign key mismatch"},
		},
		{
			name: "a foreign key to columns without UNIQUE, and a trigger",
			plant: []string{authors, "CREATE TABLE books (id INTEGER PRIMARY KEY, author TEXT REFERENCES authors (name))", "CREATE INDEX books_by_author ON books (author)",
				"CREATE TRIGGER added AFTER INSERT ON authors BEGIN SELECT 1; END"},
			want: want{"foreign-keys", doctor.Error, "books", "foreign key mismatch"},
		},
		{
			name:  "a foreign key to no table",
			plant: []string{"CREATE TABLE books (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES authors (id))", "CREATE INDEX books_by_author ON books (author_id)"},
			want:  want{"foreign-keys", doctor.Error, "books.author_id", "the table authors, which doesn't exist"},
		},
		{
			name: "a trigger without its table",
			plant: []string{authors, "CREATE TABLE audit (x)", "CREATE TRIGGER logged AFTER UPDATE OF name ON authors BEGIN INSERT INTO audit (x) VALUES (NEW.name); END",
				"DROP TABLE audit"},
			want: want{"objects", doctor.Error, "authors", "UPDATE authors fails because of a trigger: no such table"},
		},
		{
			name:  "a trigger that has its table in another case",
			plant: []string{authors, "CREATE TRIGGER logged AFTER DELETE ON AUTHORS BEGIN SELECT x FROM authors; END"},
			want:  want{"objects", doctor.Error, "authors", "DELETE FROM authors fails because of a trigger: no such column"},
		},
		{
			name: "a trigger on a view",
			plant: []string{authors, "CREATE VIEW names AS SELECT name FROM authors", "CREATE TRIGGER kept INSTEAD OF DELETE ON names BEGIN SELECT 1; END",
				"CREATE TRIGGER named INSTEAD OF UPDATE OF name ON names BEGIN UPDATE nowhere SET name = NEW.name; END"},
			want: want{"objects", doctor.Error, "names", "UPDATE names fails because of a trigger: no such table"},
		},
		{
			name:  "a view without its table",
			plant: []string{authors, "CREATE VIEW names AS SELECT name FROM authors", "DROP TABLE authors"},
			want:  want{"objects", doctor.Error, "names", "the view doesn't compile: no such table"},
		},
		{
			name:  "a view with a type that looks like a function",
			plant: []string{authors, "CREATE VIEW names AS SELECT CAST(name AS VARCHAR(10)) AS name, born FROM authors"},
			want:  want{"objects", doctor.Error, "names", "no such column: born"},
		},
		{
			name:  "a trigger with the program's function",
			plant: []string{authors, "CREATE TRIGGER folded AFTER UPDATE ON authors BEGIN SELECT fold(NEW.name); END"},
			want:  want{"objects", doctor.Note, "authors", "no such function: fold"},
		},
		{
			name:  "a view with the program's collation",
			plant: []string{authors, "CREATE VIEW sorted AS SELECT name FROM authors ORDER BY name COLLATE german"},
			want:  want{"objects", doctor.Note, "sorted", "no such collation sequence"},
		},
		{
			name:    "a pending migration",
			migrate: migration("1_a.sql", "CREATE TABLE a (x)"),
			files: migration("1_a.sql", "CREATE TABLE a (x)", "2_b.sql", "CREATE TABLE b (x)", "3_c.sql", "CREATE TABLE c (x)",
				"4_d.sql", "CREATE TABLE d (x)", "5_e.sql", "CREATE TABLE e (x)"),
			want: want{"migrations", doctor.Warning, "2_b.sql, 3_c.sql, 4_d.sql and 1 more", "4 migrations are pending"},
		},
		{
			name:    "a pending migration before an applied one",
			migrate: migration("1_a.sql", "CREATE TABLE a (x)", "3_c.sql", "CREATE TABLE c (x)"),
			files:   migration("1_a.sql", "CREATE TABLE a (x)", "2_b.sql", "CREATE TABLE b (x)", "3_c.sql", "CREATE TABLE c (x)"),
			want:    want{"migrations", doctor.Warning, "2_b.sql", "1 migration is pending, with a number before one that the database has already"},
		},
		{
			name:    "a migration that the folder lacks",
			migrate: migration("1_a.sql", "CREATE TABLE a (x)", "2_b.sql", "CREATE TABLE b (x)"),
			files:   migration("1_a.sql", "CREATE TABLE a (x)"),
			want:    want{"migrations", doctor.Warning, "", "newer schema"},
		},
		{
			name:    "a migration that was edited after it was applied",
			migrate: migration("1_a.sql", "CREATE TABLE a (x INTEGER)"),
			files:   migration("1_a.sql", "create table a (x INTEGER NOT NULL) -- edited\n"),
			want:    want{"schema", doctor.Warning, "a", "the table differs from the one that the applied migrations make: it has 'INTEGER )', and they 'INTEGER NOT NULL )'"},
		},
		{
			name:    "an index that no migration makes",
			migrate: migration("1_a.sql", "CREATE TABLE a (x INTEGER)"),
			plant:   []string{"CREATE INDEX a_by_x ON a (x)"},
			files:   migration("1_a.sql", "CREATE TABLE a (x INTEGER)"),
			want:    want{"schema", doctor.Warning, "a_by_x", "no applied migration makes the index"},
		},
		{
			name:    "an index that was dropped",
			migrate: migration("1_a.sql", "CREATE TABLE a (x INTEGER); CREATE INDEX a_by_x ON a (x)"),
			plant:   []string{"DROP INDEX a_by_x"},
			files:   migration("1_a.sql", "CREATE TABLE a (x INTEGER); CREATE INDEX a_by_x ON a (x)"),
			want:    want{"schema", doctor.Warning, "a_by_x", "the database doesn't have it"},
		},
		{
			name: "CURRENT_TIMESTAMP beside dbtype.Time",
			plant: []string{"CREATE TABLE visits (id INTEGER PRIMARY KEY, at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP)", "INSERT INTO visits (id) VALUES (1), (2)",
				"INSERT INTO visits (at) VALUES ('" + dbtype.NewTime(time.Unix(1, 0)).String() + "')"},
			want: want{"times", doctor.Warning, "visits.at", `in 2 rows (and the DEFAULT), "1970-01-01 00:00:01.000" in 1 row`},
		},
		{
			name: "a DEFAULT of CURRENT_TIMESTAMP that no row has",
			plant: []string{"CREATE TABLE visits (id INTEGER PRIMARY KEY, at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP)",
				"INSERT INTO visits (at) VALUES ('" + dbtype.NewTime(time.Unix(1, 0)).String() + "')"},
			want: want{"times", doctor.Warning, "visits.at", `the DEFAULT's "2026-03-04 05:06:07"`},
		},
		{
			name:  "a DEFAULT of CURRENT_DATE beside numbers",
			plant: []string{"CREATE TABLE visits (at DATE DEFAULT CURRENT_DATE)", "INSERT INTO visits DEFAULT VALUES", "INSERT INTO visits VALUES (1772600000)"},
			want:  want{"times", doctor.Warning, "visits.at", `"1772600000" in 1 row`},
		},
		{
			name:  "T and Z",
			plant: []string{"CREATE TABLE visits (at TIMESTAMP)", "INSERT INTO visits VALUES ('2026-03-04T05:06:07Z'), ('2026-03-04 05:06:07')"},
			want:  want{"times", doctor.Warning, "visits.at", "forms that don't compare"},
		},
		{
			name:  "the form of another driver",
			plant: []string{"CREATE TABLE visits (at DATETIME DEFAULT CURRENT_TIMESTAMP)", "INSERT INTO visits VALUES ('2026-03-04 05:06:07.089012+00:00')"},
			want:  want{"times", doctor.Warning, "visits.at", `"2026-03-04 05:06:07.089012+00:00" in 1 row, the DEFAULT's "2026-03-04 05:06:07"`},
		},
		{
			name:  "fractions of different lengths before a Z",
			plant: []string{"CREATE TABLE visits (at TIMESTAMP)", "INSERT INTO visits VALUES ('2026-03-04T05:06:07Z'), ('2026-03-04T05:06:07.5Z')"},
			want:  want{"times", doctor.Warning, "visits.at", `"2026-03-04T05:06:07Z" and "2026-03-04T05:06:07.5Z" in 2 rows`},
		},
		{
			name:  "offsets",
			plant: []string{"CREATE TABLE visits (at TIMESTAMP)", "INSERT INTO visits VALUES ('2026-03-04 05:06:07+00:00'), ('2026-03-04 05:06:07.5+02:00')"},
			want:  want{"times", doctor.Warning, "visits.at", `"2026-03-04 05:06:07+00:00" and "2026-03-04 05:06:07.5+02:00" in 2 rows`},
		},
		{
			name:  "two indexes with the same columns",
			plant: []string{authors, "CREATE INDEX one ON authors (name)", "CREATE INDEX two ON authors (name)"},
			want:  want{"duplicate-index", doctor.Warning, "two", "the same columns as the index one"},
		},
		{
			name:  "an index that UNIQUE makes",
			plant: []string{"CREATE TABLE a (x TEXT UNIQUE)", "CREATE INDEX one ON a (x)"},
			want:  want{"duplicate-index", doctor.Warning, "one", "of UNIQUE (x)"},
		},
		{
			name:  "an index of the rowid",
			plant: []string{authors, "CREATE INDEX one ON authors (id)"},
			want:  want{"duplicate-index", doctor.Warning, "one", "indexes the primary key authors.id"},
		},
		{
			name:  "an index with the first columns of another one",
			plant: []string{"CREATE TABLE a (x, y)", "CREATE INDEX one ON a (x)", "CREATE INDEX two ON a (x, y)"},
			want:  want{"duplicate-index", doctor.Note, "one", "first ones of the index two"},
		},
		{
			name:    "a query of a column that doesn't exist",
			plant:   []string{authors},
			queries: "-- name: GetAuthor :one\nSELECT nmae FROM authors WHERE id = sqlc.arg(id);\n",
			want:    want{"queries", doctor.Warning, "GetAuthor (FILE:1)", "no such column"},
		},
		{
			name:    "a query that calls the program's function",
			plant:   []string{authors},
			queries: "-- name: GetAuthor :one\nSELECT fold(name) FROM authors WHERE id = sqlc.arg(id);\n",
			want:    want{"queries", doctor.Note, "GetAuthor (FILE:1)", "no such function"},
		},
		{
			name:    "a query that reads a whole table",
			plant:   []string{manyNotes},
			queries: "-- name: ListNotes :many\nSELECT n.* FROM notes AS n WHERE n.kind IN (sqlc.slice(kinds));\n",
			want:    want{"queries", doctor.Note, "ListNotes (FILE:1)", "reads the whole table notes (1100 rows)"},
		},
		{
			name:    "a variant of a dynamic query that reads a whole table",
			plant:   []string{manyNotes, "CREATE INDEX notes_by_kind ON notes (kind)"},
			queries: "-- name: FindNotes :many\n-- db:dynamic\nSELECT * FROM notes WHERE (sqlc.arg(kind) = '' AND body = 'x' OR sqlc.arg(kind) <> '' AND kind = sqlc.arg(kind));\n",
			want:    want{"queries", doctor.Note, "FindNotes (FILE:1)", "reads the whole table notes"},
		},
		{
			name:    "a query for which SQLite makes an index",
			plant:   []string{manyNotes, "CREATE VIEW pairs AS SELECT a.id, b.id AS other FROM notes AS a JOIN notes AS b ON b.body = a.body"},
			queries: "-- name: ListPairs :many\nSELECT * FROM pairs;\n",
			want:    want{"queries", doctor.Warning, "ListPairs (FILE:1)", "SQLite makes an index (body=?) of notes"},
		},
		{
			name:    "an index that no query uses",
			plant:   []string{manyNotes, "CREATE INDEX notes_by_kind ON notes (kind)", "CREATE INDEX notes_by_body ON notes (body)"},
			queries: "-- name: ListNotes :many\nSELECT * FROM notes WHERE kind = ? ORDER BY id;\n",
			want:    want{"unused-index", doctor.Note, "notes_by_body", "no query of the project uses the index"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
				pool := d.Open(t, tt.migrate)
				execute(t, pool, tt.plant...)
				in := doctor.Input{Migrations: tt.files, NoQueries: noQueries}
				file := filepath.Join(t.TempDir(), "queries.sql")
				if tt.queries != "" {
					write(t, file, tt.queries)
					in.Queries, in.NoQueries = readQueries(t, file), ""
				}
				expected := tt.want
				expected.object = strings.ReplaceAll(expected.object, "FILE", filepath.ToSlash(file))
				report := examine(t, pool, d.URL, in)
				checkFound(t, report, expected)
				execute(t, pool, statementsOf(report.Findings)...)
				if left := examine(t, pool, d.URL, in); len(statementsOf(left.Findings)) > 0 {
					t.Errorf("after the remedies: %+v", left.Findings)
				}
			})
		})
	}
}

// checkFound wants exactly one finding that isn't a note, or the note.
func checkFound(t *testing.T, report *doctor.Report, w want) {
	t.Helper()
	matched := 0
	for _, f := range report.Findings {
		matches := f.Check == w.check && f.Severity == w.severity && f.Object == w.object && strings.Contains(f.Problem, w.problem)
		switch {
		case matches:
			matched++
		case f.Severity != doctor.Note || f.Check == w.check && w.severity == doctor.Note:
			t.Errorf("found %+v besides", f)
		}
		if f.Problem == "" || f.Remedy == "" {
			t.Errorf("%+v lacks a problem or a remedy", f)
		}
	}
	if matched != 1 {
		t.Errorf("found %d times, want 1: %+v\nreport: %+v", matched, w, report)
	}
}

// statementsOf returns the remedies that are statements about indexes.
func statementsOf(findings []doctor.Finding) (statements []string) {
	for _, f := range findings {
		statement, _, _ := strings.Cut(f.Remedy, ", unless")
		statement, _, _ = strings.Cut(statement, ", if")
		if strings.HasPrefix(statement, "DROP INDEX ") || strings.HasPrefix(statement, "CREATE INDEX ") && strings.Contains(statement, " ON ") {
			statements = append(statements, statement)
		}
	}
	return statements
}

// examine does all checks.
func examine(t *testing.T, pool *sql.DB, url string, in doctor.Input) *doctor.Report {
	t.Helper()
	var err error
	if in.Engine, err = db.EngineOf(url); err != nil {
		t.Fatal(err)
	}
	in.Pool = pool
	report, err := doctor.Run(t.Context(), in, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	if report.Checks+len(report.Skipped) != doctor.Number() {
		t.Errorf("%d checks and %d skipped ones, want %d", report.Checks, len(report.Skipped), doctor.Number())
	}
	return report
}

func execute(t *testing.T, pool *sql.DB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := pool.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// migration returns files in goose's form, given as name, SQL, name, SQL…
func migration(namesAndSQL ...string) fs.FS {
	files := fstest.MapFS{}
	for i := 0; i < len(namesAndSQL); i += 2 {
		files[namesAndSQL[i]] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + namesAndSQL[i+1] + ";\n-- +goose Down\nSELECT 1;\n")}
	}
	return files
}

func readQueries(t *testing.T, files ...string) []doctor.Query {
	t.Helper()
	queries, err := doctor.ReadQueries(files)
	if err != nil {
		t.Fatal(err)
	}
	return queries
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestToken(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	const day = 24 * time.Hour
	for _, tt := range []struct {
		life, left time.Duration // life 0: unknown
		want       string
	}{
		{0, 8 * day, ""},
		{0, 7 * day, "warning: the server's token expires at 2026-03-11 05:06:07 UTC, in 168h0m0s"},
		{0, time.Minute, "warning: the server's token expires at 2026-03-04 05:07:07 UTC, in 1m0s"},
		{0, 0, "error: the server's token expired at 2026-03-04 05:06:07 UTC"},
		{0, -time.Hour, "error: the server's token expired at 2026-03-04 04:06:07 UTC"},
		{365 * day, 8 * day, ""},
		{365 * day, 7 * day, "warning: the server's token expires at 2026-03-11 05:06:07 UTC, in 168h0m0s"},
		{30 * day, 4 * day, ""},
		{30 * day, 3 * day, "warning: the server's token expires at 2026-03-07 05:06:07 UTC, in 72h0m0s"},
		{day, day, ""},
		{day, 2 * time.Hour, "warning: the server's token expires at 2026-03-04 07:06:07 UTC, in 2h0m0s"},
		{day, -time.Hour, "error: the server's token expired at 2026-03-04 04:06:07 UTC"},
	} {
		expires, issued := now.Add(tt.left), time.Time{}
		if tt.life > 0 {
			issued = expires.Add(-tt.life)
		}
		got := ""
		if f := doctor.Token(issued, expires, now); f != nil {
			got = fmt.Sprintf("%s: %s", f.Severity, f.Problem)
		}
		if got != tt.want {
			t.Errorf("%v of %v left: %q, want %q", tt.left, tt.life, got, tt.want)
		}
	}
	if f := doctor.Token(now, time.Time{}, now); f != nil {
		t.Errorf("a token without an end: %v", f)
	}
}

// TestCanceled: a check that is interrupted ends the run.
func TestCanceled(t *testing.T) {
	t.Parallel()
	pool := dbtest.OpenTemp(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := doctor.Run(ctx, doctor.Input{Pool: pool, Engine: db.SQLite, NoQueries: noQueries}, func(check string) {
		if check == "times" {
			cancel()
		}
	})
	if err == nil || ctx.Err() == nil {
		t.Errorf("error %v, want the context's", err)
	}
}
