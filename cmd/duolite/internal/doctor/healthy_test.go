package doctor_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/duolite/duolite/cmd/duolite/internal/doctor"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/schema"
)

const repository = "../../../.."

// marksRows fills the tables of cmd/marks.
var marksRows = []string{
	`INSERT INTO bookmarks (url, title, notes, visited_at) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
		SELECT 'https://example.com/' || i, 'title ' || i, 'notes', CASE WHEN i % 2 THEN '2026-03-04 05:06:07.089' END FROM n`,
	`UPDATE bookmarks SET archived = 1 WHERE id % 100 = 0`,
	`INSERT INTO tags (name) VALUES ('go'), ('sqlite')`,
	`INSERT INTO bookmark_tags SELECT b.id, t.id FROM bookmarks AS b, tags AS t WHERE b.id % 3 < t.id`,
	`INSERT INTO attachments (bookmark_id, name, mime_type, data) SELECT id, 'a', 'text/plain', CAST('a' AS BLOB) FROM bookmarks WHERE id < 1200`,
}

// TestHealthy wants no error and no warning about databases that are in order, on files, in memory and on servers.
func TestHealthy(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		migrations fs.FS
		fill       []string
		queries    string // a pattern
	}{
		{"an empty one", nil, nil, ""},
		{"the schema of marks, without rows", schema.FS, nil, "queries/*.sql"},
		{"the schema of marks", schema.FS, marksRows, "queries/*.sql"},
		{"times that compare", nil, []string{
			`CREATE TABLE a (plain DATETIME DEFAULT CURRENT_TIMESTAMP, fixed DATETIME DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')), day DATE DEFAULT CURRENT_DATE,
				number TIMESTAMP DEFAULT (unixepoch()), driver DATETIME, t TIMESTAMP, z TIMESTAMP, other DATETIME, text TEXT)`,
			`INSERT INTO a VALUES
				('2026-03-04 05:06:07', '2026-03-04 05:06:07.000', '2026-03-04', 1772600000, '2026-03-04 05:06:07+00:00', '2026-03-04T05:06:07', '2026-03-04T05:06:07.089Z', 'soon', '1'),
				('2026-03-04 05:06:07.089', '2026-03-04 05:06:07.089', '2026-03-05', 1772600000.5, '2026-03-04 05:06:07.089+00:00', '2026-03-04T05:06:07.5', '2026-03-04T05:06:07.000Z', '', '2026-03-04'),
				('2026-03-04 05:06:07.089012', '2026-03-04 05:06:07.089', NULL, NULL, NULL, NULL, NULL, '2026-03-04', '2026-03-04 05:06:07')`,
			`INSERT INTO a DEFAULT VALUES`,
		}, ""},
		{"a shop for music", nil, []string{read(t, "testdata/chinook.sql")}, ""},
		{"the schema of the benchmarks", nil, []string{
			read(t, repository+"/bench/schema/schema.sql"),
			`INSERT INTO bookmarks (url, title, visits, score, created_at) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
				SELECT 'https://example.com/' || i, 'title ' || i, i, i / 2.0, i FROM n`,
			`INSERT INTO tags SELECT id, 'go' FROM bookmarks`,
		}, "bench/queries/*.sql"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
				pool := d.Open(t, tt.migrations)
				execute(t, pool, tt.fill...)
				in := doctor.Input{Migrations: tt.migrations, NoQueries: noQueries}
				if tt.queries != "" {
					files, err := filepath.Glob(repository + "/" + tt.queries)
					if err != nil || len(files) == 0 {
						t.Fatalf("no queries at %s: %v", tt.queries, err)
					}
					in.Queries, in.NoQueries = readQueries(t, files...), ""
				}
				report := examine(t, pool, d.URL, in)
				for _, f := range report.Findings {
					if f.Severity != doctor.Note {
						t.Errorf("found %+v", f)
					} else {
						t.Logf("note: %s %s: %s", f.Check, f.Object, f.Problem)
					}
				}
				var skipped []string
				for _, s := range report.Skipped {
					skipped = append(skipped, s.Check)
				}
				if want := skippedChecks(d, in); !slices.Equal(skipped, want) {
					t.Errorf("skipped %+v, want %q", report.Skipped, want)
				}
			})
		})
	}
}

// skippedChecks returns the checks that a database, or the lack of files, leaves out.
func skippedChecks(d dbtest.Database, in doctor.Input) (names []string) {
	if in.Migrations == nil {
		names = append(names, "migrations", "schema")
	}
	if in.NoQueries != "" {
		names = append(names, "queries", "unused-index")
	}
	if !d.Local() {
		names = append(names, "settings", "log", "free-pages", "statistics")
	}
	return names
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
