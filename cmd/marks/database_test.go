package main

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/schema"
	"github.com/google/go-cmp/cmp"
)

// everyCommand has each command that needs a database, in a form that it can do on one
// that fill has filled.
func everyCommand(t testing.TB) [][]string {
	file := writeFile(t, "one.ndjson", `{"url":"https://one.example/"}`)
	return [][]string{
		{"add", "https://d.example/"}, {"import", file}, {"export"}, {"export", "-o", filepath.Join(t.TempDir(), "out")},
		{"list"}, {"search", "a"}, {"show", "1"}, {"visit", "1"},
		{"edit", "1", "--title", "t"}, {"archive", "1"}, {"rm", "3", "--yes"},
		{"tag", "list"}, {"tag", "rename", "x", "z"}, {"tag", "rm", "y"}, {"tag", "prune"},
		{"attach", "1", file}, {"cat", "1", "a"}, {"detach", "1", "a"},
		{"stats"}, {"status"}, {"migrate", "up"}, {"migrate", "status"}, {"migrate", "down", "--yes"},
	}
}

// TestNoDatabase names what isn't one, or can't be opened: no command does anything.
func TestNoDatabase(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	text := writeFile(t, "text.db", strings.Repeat("This is a text and no database.\n", 100))
	tests := []struct {
		name, url string
		code      int
		want      string
	}{
		{"folder", folder, exitUnavailable, folder + " is a folder; name a file in it"},
		{"no folder", folder + "/no/marks.db", exitUnavailable, "can't be created: the folder " + folder + "/no doesn't exist"},
		{"no file", "file:" + folder + "/no.db?mode=rw", exitUnavailable, folder + "/no.db doesn't exist"},
		{"text", text, exitUnavailable, "file is not a database"},
		{"device", os.DevNull, exitUnavailable, os.DevNull + " is not a regular file"},
		{"scheme", "postgres://localhost/marks", exitInput, "unknown scheme in the database URL"},
		{"parameter", "file:marks.db?cache=shared", exitInput, "the parameter cache is another driver's"},
		{"no host", "libsql://", exitInput, "URL without a host"},
		{"password", "libsql://me:canary-password@localhost", exitInput, "credentials in the URL aren't supported"},
		{"port", "http://127.0.0.1:canary-port", exitInput, "malformed URL"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, args := range everyCommand(t) {
				s := shellOn(t, tt.url)
				s.secret = "canary"
				s.fails(tt.code, tt.want, args...)
				s.environ = nil
				s.fails(tt.code, tt.want, append(args, "--db", tt.url)...)
			}
		})
	}
	if content, err := os.ReadFile(text); err != nil || !strings.HasPrefix(string(content), "This is a text") {
		t.Errorf("the text that is no database has changed: %v", err)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 0 {
		t.Errorf("something was made: %v, %v", entries, err)
	}
}

// TestReadOnlyFile lets a person read what can't be written.
func TestReadOnlyFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "marks.db")
	fill(shellOn(t, path))
	s := shellOn(t, "file:"+path+"?mode=ro")
	s.must("list")
	s.refuses(exitRefused, "readonly", "add", "https://d.example/")
	s.refuses(exitRefused, "readonly", "visit", "1")
}

// TestTokens tries every token that is none, as a variable and within the URL.
func TestTokens(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t, dbtest.WithAuth())
	good := newShell(t, dbtest.Database{URL: server.URL(), Token: server.Token(dbtest.ReadWrite)})
	fill(good)
	before := good.must("export")
	// inBoth runs test with the token in the environment, and in --db.
	inBoth := func(name, token string, test func(s shell, args ...string)) {
		t.Run(name, func(t *testing.T) {
			s := newShell(t, dbtest.Database{URL: server.URL(), Token: token})
			test(s)
			if token != "" {
				s.environ = []string{"TURSO_DATABASE_URL=unused.db"}
				test(s, "--db", server.URL()+"?authToken="+url.QueryEscape(token))
			}
		})
	}
	for _, tt := range []struct{ name, token string }{
		{"none", ""},
		{"expired", server.ExpiredToken()},
		{"foreign", server.ForeignToken()},
		{"cut", server.Token(dbtest.ReadWrite)[:100]},
		{"no token at all", "canary/with?signs&in it"},
	} {
		inBoth(tt.name, tt.token, func(s shell, global ...string) {
			for _, args := range everyCommand(s) {
				const advice = "; the token comes from TURSO_AUTH_TOKEN, LIBSQL_AUTH_TOKEN or JWT_TOKEN, set where the URL is: in the environment or in .env\n"
				s.fails(exitRefused, advice, append(args, global...)...)
			}
		})
	}
	inBoth("read-only", server.Token(dbtest.ReadOnly), func(s shell, global ...string) {
		for _, args := range [][]string{{"list"}, {"export"}, {"search", "a"}, {"cat", "1", "a"}, {"status"}} {
			s.must(append(args, global...)...)
		}
		for _, args := range [][]string{{"add", "https://d.example/"}, {"edit", "1", "--title", "t"}, {"visit", "1"}, {"migrate", "down", "--yes"}} {
			s.fails(exitRefused, "", append(args, global...)...)
		}
	})
	if diff := cmp.Diff(before, good.must("export")); diff != "" {
		t.Errorf("the database has changed (-before +after):\n%s", diff)
	}
	// A token is for its server alone.
	s := newShell(t, dbtest.Database{URL: "http://192.0.2.1:1", Token: server.Token(dbtest.ReadWrite)})
	s.fails(exitInput, "would be sent over plain HTTP, where others can read it", "list")
}

// TestReadOnlyTokenOnNewDatabase can't make the tables.
func TestReadOnlyTokenOnNewDatabase(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t, dbtest.WithAuth())
	s := newShell(t, dbtest.Database{URL: server.URL(), Token: server.Token(dbtest.ReadOnly)})
	s.fails(exitRefused, "", "list")
	s.must("status")
}

// TestServerDown talks to a server that was there.
func TestServerDown(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t, dbtest.WithAuth())
	token := server.Token(dbtest.ReadWrite)
	s := newShell(t, dbtest.Database{URL: server.URL(), Token: token})
	fill(s)
	before := s.must("export")
	server.Kill()
	for _, args := range everyCommand(t) {
		s.fails(exitUnavailable, "can't reach the server: ", args...)
		s.fails(exitUnavailable, "can't reach the server: ", append(args, "--db", server.URL()+"?authToken="+token)...)
	}
	server.Restart()
	if diff := cmp.Diff(before, s.must("export")); diff != "" {
		t.Errorf("the database has changed (-before +after):\n%s", diff)
	}
}

// TestBusy has another program in the middle of writing.
func TestBusy(t *testing.T) {
	t.Parallel()
	d := dbtest.Database{URL: filepath.Join(t.TempDir(), "marks.db")}
	s := newShell(t, d)
	fill(s)
	before := s.must("export")
	release := holdLock(t, d.Open(t, nil))
	s.refuses(exitBusy, "database is locked; another program is writing, try again", "add", "https://d.example/")
	s.must("list")
	s.must("search", "a")
	s.must("migrate", "up")
	release()
	s.must("add", "https://d.example/")
	s.must("rm", "4", "--yes")
	if diff := cmp.Diff(before, s.must("export")); diff != "" {
		t.Errorf("the database has changed (-before +after):\n%s", diff)
	}
}

// holdLock begins a write, which lasts until the returned function is called.
func holdLock(t testing.TB, pool *sql.DB) (release func()) {
	t.Helper()
	tx, err := pool.BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec("UPDATE bookmarks SET title = 'not kept'"); err != nil {
		t.Fatal(err)
	}
	release = func() { tx.Rollback() }
	t.Cleanup(release)
	return release
}

// TestNewerSchema leaves alone a database that a newer marks made.
func TestNewerSchema(t *testing.T) {
	t.Parallel()
	newer := fstest.MapFS{"00005_colors.sql": {Data: []byte(
		"-- +goose Up\nALTER TABLE bookmarks ADD COLUMN color text;\n-- +goose Down\nALTER TABLE bookmarks DROP COLUMN color;\n",
	)}}
	if err := fs.WalkDir(schema.FS, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(schema.FS, path)
		newer[path] = &fstest.MapFile{Data: data}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		s := newShell(t, d)
		fill(s)
		before := s.must("export")
		pool := d.Open(t, newer)
		for _, args := range everyCommand(t) {
			s.fails(exitSchema, "database has a newer schema than this program (it has version 5; known here: up to 4); install a newer marks", args...)
		}
		if _, err := db.MigrateDown(t.Context(), pool, newer); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, s.must("export")); diff != "" {
			t.Errorf("the database has changed (-before +after):\n%s", diff)
		}
	})
}

// TestOlderSchema leaves alone a database that an older marks made, from every version.
func TestOlderSchema(t *testing.T) {
	t.Parallel()
	s := shellOn(t, filepath.Join(t.TempDir(), "marks.db"))
	fill(s)
	for version := 3; version > 0; version-- {
		s.must("migrate", "down", "--yes")
		for _, args := range everyCommand(t) {
			switch args[0] {
			case "migrate":
			case "status":
				if out := s.must("status"); !strings.Contains(out, fmt.Sprintf("%d of 4; run: marks migrate up", version)) {
					t.Errorf("status of version %d:\n%s", version, out)
				}
			default:
				s.fails(exitSchema, "the database's schema is older than this program's; run: marks migrate up", args...)
			}
		}
	}
	s.must("migrate", "up")
	if n := len(s.bookmarks()); n != 3 {
		t.Errorf("%d bookmarks are left", n)
	}
}
