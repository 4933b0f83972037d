package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/schema"
)

// everyCommand returns each command that needs a database, in a form that succeeds on a database
// that fill has filled.
func everyCommand(t testing.TB) [][]string {
	file := writeFile(t, "one.ndjson", `{"url":"https://one.example/"}`)
	return [][]string{
		{"add", "https://d.example/"}, {"import", file}, {"export"}, {"export", "-o", filepath.Join(t.TempDir(), "out")},
		{"list"}, {"search", "a"}, {"show", "1"}, {"visit", "1"},
		{"edit", "1", "--title", "t"}, {"archive", "1"}, {"rm", "3", "--yes"},
		{"tag", "add", "1", "z"}, {"tag", "remove", "1", "x"}, {"tag", "list"}, {"tag", "rename", "x", "z"}, {"tag", "rm", "y"}, {"tag", "prune"},
		{"attach", "1", file}, {"cat", "1", "a"}, {"detach", "1", "a"},
		{"stats"}, {"status"}, {"migrate", "up"}, {"migrate", "down", "--yes"},
	}
}

// TestNoDatabase names objects that aren't databases, or can't be opened. Nothing is created.
func TestNoDatabase(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	content := strings.Repeat("This is a text and no database.\n", 100)
	text := writeFile(t, "text.db", content)
	for _, args := range everyCommand(t) {
		shellOn(t, folder).fails(exitUnavailable, folder+" is a folder; name a file in it", args...)
	}
	for _, tt := range []struct {
		url  string
		code int
		want string
	}{
		{folder + "/no/marks.db", exitUnavailable, "can't be created: the folder " + folder + "/no doesn't exist"},
		{"file:" + folder + "/no.db?mode=rw", exitUnavailable, folder + "/no.db doesn't exist"},
		{text, exitUnavailable, "file is not a database"},
		{os.DevNull, exitUnavailable, os.DevNull + " is not a regular file"},
		{"postgres://localhost/marks", exitInput, "unknown scheme in the database URL"},
		{"file:marks.db?cache=shared", exitInput, "the parameter cache is another driver's"},
		{"libsql://", exitInput, "URL without a host"},
		{"libsql://me:canary-password@localhost", exitInput, "credentials in the URL aren't supported"},
		{"http://127.0.0.1:canary-port", exitInput, "malformed URL"},
	} {
		for _, command := range []string{"list", "status"} {
			s := shellOn(t, tt.url)
			s.secret = "canary"
			s.fails(tt.code, tt.want, command)
			s = shellOn(t, "unused.db")
			s.secret = "canary"
			s.fails(tt.code, tt.want, command, "--db", tt.url)
		}
	}
	if got, err := os.ReadFile(text); err != nil || string(got) != content {
		t.Errorf("the text that is no database has changed: %v", err)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 0 {
		t.Errorf("the folder has %v, %v", entries, err)
	}
}

// TestTokens tries every kind of wrong token, as a variable and in the URL.
func TestTokens(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t, dbtest.WithAuth())
	// shells returns shells with the token in the environment and in the URL.
	shells := func(token string) []shell {
		inURL := shellOn(t, server.URL()+"?authToken="+token)
		inURL.secret = token
		return []shell{newShell(t, dbtest.Database{URL: server.URL(), Token: token}), inURL}
	}
	readOnly := shells(server.Token(dbtest.ReadOnly))
	readOnly[0].fails(exitRefused, "", "list") // can't create the tables
	readOnly[0].must("status")
	good := newShell(t, dbtest.Database{URL: server.URL(), Token: server.Token(dbtest.ReadWrite)})
	fill(good)
	good.unchanged(func() {
		const advice = "; the token comes from TURSO_AUTH_TOKEN, LIBSQL_AUTH_TOKEN or JWT_TOKEN, set where the URL is: in the environment or in .env\n"
		for _, token := range []string{server.ExpiredToken(), server.ForeignToken(), server.Token(dbtest.ReadWrite)[:100], "canary-of-no-token"} {
			for _, s := range shells(token) {
				s.fails(exitRefused, advice, "list")
				s.fails(exitRefused, advice, "add", "https://d.example/")
			}
		}
		for _, args := range everyCommand(t) {
			shellOn(t, server.URL()).fails(exitRefused, advice, args...)
		}
		for _, s := range readOnly {
			for _, args := range [][]string{{"list"}, {"export"}, {"search", "a"}, {"cat", "1", "a"}, {"status"}} {
				s.must(args...)
			}
			for _, args := range [][]string{{"add", "https://d.example/"}, {"edit", "1", "--title", "t"}, {"migrate", "down", "--yes"}} {
				s.fails(exitRefused, "", args...)
			}
		}
	})
	s := newShell(t, dbtest.Database{URL: "http://192.0.2.1:1", Token: server.Token(dbtest.ReadWrite)})
	s.fails(exitInput, "would be sent over plain HTTP, where others can read it", "list")
}

func TestServerDown(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t, dbtest.WithAuth())
	s := newShell(t, dbtest.Database{URL: server.URL(), Token: server.Token(dbtest.ReadWrite)})
	fill(s)
	s.unchanged(func() {
		server.Kill()
		for _, args := range everyCommand(t) {
			s.fails(exitUnavailable, "can't reach the server: ", args...)
		}
		server.Restart()
	})
}

// TestNewerSchema doesn't change a database of a newer marks.
func TestNewerSchema(t *testing.T) {
	t.Parallel()
	newer := fstest.MapFS{"00005_colors.sql": {Data: []byte(
		"-- +goose Up\nALTER TABLE bookmarks ADD COLUMN color text;\n-- +goose Down\nALTER TABLE bookmarks DROP COLUMN color;\n",
	)}}
	files, err := schema.FS.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := schema.FS.ReadFile(file.Name())
		if err != nil {
			t.Fatal(err)
		}
		newer[file.Name()] = &fstest.MapFile{Data: data}
	}
	eachDatabase(t, func(t *testing.T, d dbtest.Database) {
		s := newShell(t, d)
		fill(s)
		s.unchanged(func() {
			pool := d.Open(t, newer)
			for _, args := range everyCommand(t) {
				s.fails(exitSchema, "database has a newer schema than this program (it has version 5; known here: up to 4); install a newer marks", args...)
			}
			if _, err := db.MigrateDown(t.Context(), pool, newer); err != nil {
				t.Fatal(err)
			}
		})
	})
}
