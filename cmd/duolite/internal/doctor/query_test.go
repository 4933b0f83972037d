package doctor_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/duolite/duolite/cmd/duolite/internal/doctor"
)

func TestReadQueries(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a.sql")
	write(t, file, "\ufeff-- a; comment\n\n-- name: First :one\n-- it's the first\nSELECT sqlc.embed(books), sqlc . arg ( id ) FROM books WHERE id IN (sqlc.slice('ids')) AND x = sqlc.narg((\"y\"));\n"+
		"CREATE TABLE nameless (x);\n/* name: Second :exec */\nUPDATE books SET title = ';' WHERE id = @id AND 'sqlc.arg(z)' <> ?2; -- name: after\n")
	queries := readQueries(t, file)
	var got []string
	for _, q := range queries {
		got = append(got, fmt.Sprintf("%s %d %q %q", q.Name, q.Line, q.Statement.Text, q.Statement.Params))
	}
	want := []string{
		`First 3 "-- a; comment\n\n-- name: First :one\n-- it's the first\nSELECT books.*, :id FROM books WHERE id IN (:ids) AND x = :y" [":id" ":ids" ":y"]`,
		`Second 7 "/* name: Second :exec */\nUPDATE books SET title = ';' WHERE id = @id AND 'sqlc.arg(z)' <> ?2" ["@id" "?2"]`,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("queries\n\t%s\nwant\n\t%s", got, want)
	}
}

// TestOddNames: names in quotes, and more tables than a statement counts.
func TestOddNames(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	const odd = `"we""ird 'table'"`
	other(t, path, "CREATE TABLE "+odd+` ("a ""b" INTEGER PRIMARY KEY, "select" DATETIME DEFAULT CURRENT_TIMESTAMP, "x;y" REFERENCES `+odd+`)`,
		`CREATE INDEX "in dex" ON `+odd+` ("select")`, `CREATE INDEX "in dex 2" ON `+odd+` ("select")`,
		"CREATE TRIGGER \"tri'gger\" AFTER INSERT ON "+odd+" BEGIN SELECT 1; END", "CREATE VIEW \"v i\" AS SELECT * FROM "+odd,
		"INSERT INTO "+odd+" VALUES (1, '2026-03-04 05:06:07.000', 9), (2, CURRENT_TIMESTAMP, NULL)",
		"CREATE TABLE pairs (a INTEGER, b TEXT REFERENCES "+odd+", PRIMARY KEY (a, b)) WITHOUT ROWID", "INSERT INTO pairs VALUES (1, 5)", "CREATE INDEX pairs_by_b ON pairs (b)")
	for i := range 250 {
		other(t, path, fmt.Sprintf("CREATE TABLE t%d (x)", i))
	}
	report := examineFile(t, path, doctor.Input{})
	for _, w := range []want{
		{"foreign-keys", doctor.Error, `we"ird 'table'.x;y`, "such as the one with rowid 1"},
		{"foreign-keys", doctor.Error, "pairs.b", `1 row without a row of we"ird 'table'`},
		{"foreign-key-index", doctor.Warning, `we"ird 'table'.x;y`, "has no index"},
		{"times", doctor.Warning, `we"ird 'table'.select`, "forms that don't compare"},
		{"duplicate-index", doctor.Warning, "in dex 2", "same columns as the index in dex"},
	} {
		checkHas(t, report, w)
	}
	if n := len(report.Skipped); n != 4 {
		t.Errorf("skipped %+v, want the checks of files alone", report.Skipped)
	}
	if n := report.Count(doctor.Error) + report.Count(doctor.Warning); n != 5 {
		t.Errorf("%d errors and warnings, want 5: %+v", n, report.Findings)
	}
	other(t, path, statementsOf(report.Findings)...)
	if left := statementsOf(examineFile(t, path, doctor.Input{}).Findings); len(left) > 0 {
		t.Errorf("after the remedies: %q", left)
	}
}
