package dbcheck_test

import (
	"database/sql"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbcheck"
	"github.com/duolite/duolite/db/dbcheck/internal/cases/server"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/google/go-cmp/cmp"
)

// vectors is what only a server can make.
const vectors = "\nCREATE TABLE places (id INTEGER PRIMARY KEY, at F32_BLOB(3));\nCREATE INDEX places_at ON places (libsql_vector_idx(at));\n"

// TestServer wants a finding for each statement that the server can't compile, none for a
// statement that only the server can compile, and an unchanged database.
func TestServer(t *testing.T) {
	base, err := os.ReadFile("internal/cases/schema/schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	plain := fstest.MapFS{"1.sql": {Data: base}}
	withVectors := fstest.MapFS{"1.sql": {Data: base}, "2.sql": {Data: []byte("PRAGMA foreign_keys = OFF;\n" + vectors)}}
	want := []string{
		"FileTruncates: the server doesn't compile it",
		"FileChooses: the server doesn't compile it",
		"NowhereKnown: SQLite doesn't compile it with this schema",
	}
	for _, tt := range []struct {
		name   string
		schema fstest.MapFS
		there  string
	}{
		{"an empty database", plain, ""},
		{"an empty database and a schema with vectors", withVectors, ""},
		{"the schema", plain, string(base)},
		{"the schema with vectors", withVectors, string(base) + vectors},
		{"the schema and the versions of migrations", plain, strings.ReplaceAll(string(base), "    ", " ") + "CREATE TABLE goose_db_version (id INTEGER)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pool := openServer(t, tt.there)
			before := dump(t, pool)
			report, err := dbcheck.Check(t.Context(), server.New, tt.schema, os.DirFS("internal/cases/server"), dbcheck.Server(pool))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range report.Findings {
				message, _, _ := strings.Cut(f.Message, ":")
				got = append(got, f.Query+": "+message)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("found (-want +got):\n%s", diff)
			}
			if !slices.Equal(report.ServerOnly, []string{"ServerDistance"}) {
				t.Errorf("compiled by the server alone: %v, want ServerDistance", report.ServerOnly)
			}
			if diff := cmp.Diff(before, dump(t, pool)); diff != "" {
				t.Errorf("the server's database has changed (-before +after):\n%s", diff)
			}
		})
	}
}

// TestServerRefused: a database with anything else isn't touched.
func TestServerRefused(t *testing.T) {
	schema := os.DirFS("internal/cases/schema")
	base, err := os.ReadFile("internal/cases/schema/schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	for want, there := range map[string]string{
		"the table users isn't there":          "CREATE TABLE customers (id INTEGER PRIMARY KEY)",
		"the table customers isn't in the":     string(base) + "CREATE TABLE customers (id INTEGER PRIMARY KEY)",
		"the table kv is another one":          strings.Replace(string(base), "ver INTEGER NOT NULL", "ver INTEGER", 1),
		"the view seen isn't in the schema":    string(base) + "CREATE VIEW seen AS SELECT 1",
		"the index by_day isn't in the schema": string(base) + "CREATE INDEX by_day ON events (day)",
	} {
		pool := openServer(t, there)
		before := dump(t, pool)
		_, err := dbcheck.Check(t.Context(), server.New, schema, os.DirFS("internal/cases/server"), dbcheck.Server(pool))
		if err == nil || !strings.Contains(err.Error(), "neither empty nor of this schema: "+want) {
			t.Errorf("error %v, want %s", err, want)
		}
		if diff := cmp.Diff(before, dump(t, pool)); diff != "" {
			t.Errorf("the server's database has changed (-before +after):\n%s", diff)
		}
	}
}

// TestServerGone: a server that doesn't answer is an error, and no finding.
func TestServerGone(t *testing.T) {
	srv := dbtest.StartServer(t)
	pool, err := db.Open(t.Context(), srv.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	srv.Kill()
	report, err := dbcheck.Check(t.Context(), server.New, os.DirFS("internal/cases/schema"), os.DirFS("internal/cases/server"), dbcheck.Server(pool))
	if err == nil || !strings.HasPrefix(err.Error(), "the server: ") {
		t.Errorf("error %v, findings %v", err, report.Findings)
	}
}

// openServer returns a pool on a server of its own, with some statements run.
func openServer(t *testing.T, statements string) *sql.DB {
	pool, err := db.Open(t.Context(), dbtest.StartServer(t).URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	if statements != "" {
		if _, err := pool.ExecContext(t.Context(), statements); err != nil {
			t.Fatal(err)
		}
	}
	return pool
}

// dump returns what the database has.
func dump(t *testing.T, pool *sql.DB) (all []string) {
	rows, err := pool.QueryContext(t.Context(), "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
