package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/duolite/duolite/cmd/duolite/internal/usage"
	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// setOnly sets environment variables, and empties the others that name a database or a token.
func setOnly(t *testing.T, variables map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir()) // without .env
	for _, name := range []string{"TURSO_DATABASE_URL", "LIBSQL_URL", "DATABASE_URL", "TURSO_AUTH_TOKEN", "LIBSQL_AUTH_TOKEN", "JWT_TOKEN"} {
		t.Setenv(name, variables[name])
	}
}

func TestLocation(t *testing.T) {
	const url, other = "http://127.0.0.1:8080", "http://127.0.0.1:9090"
	for _, tt := range []struct {
		name      string
		location  location
		variables map[string]string
		url       string
		token     bool
		problem   string // a part of the error, or ""
	}{
		{name: "a file", location: location{url: "app.db"}, url: "app.db"},
		{name: "the environment", variables: map[string]string{"LIBSQL_URL": url, "LIBSQL_AUTH_TOKEN": "secret"}, url: url, token: true},
		{name: "a URL, and a token without its URL", location: location{url: url}, variables: map[string]string{"TURSO_AUTH_TOKEN": "secret"}, url: url, token: true},
		{name: "a URL, and another one's token", location: location{url: url}, variables: map[string]string{"TURSO_DATABASE_URL": other, "TURSO_AUTH_TOKEN": "secret"}, url: url},
		{name: "one of two servers, and a token without its URL", location: location{url: url, alone: true}, variables: map[string]string{"TURSO_AUTH_TOKEN": "secret"}, url: url},
		{name: "one of two servers, and its token", location: location{url: url, alone: true}, variables: map[string]string{"TURSO_DATABASE_URL": url, "TURSO_AUTH_TOKEN": "secret"}, url: url, token: true},
		{name: "nothing", problem: "no database URL"},
		{name: "a token file that isn't there", location: location{url: url, tokenFile: "nowhere"}, problem: "no such file"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			setOnly(t, tt.variables)
			url, opts, err := tt.location.resolve()
			if tt.problem != "" {
				var wrong usage.Error
				if !errors.As(err, &wrong) || !strings.Contains(err.Error(), tt.problem) || strings.Contains(err.Error(), "secret") {
					t.Errorf("error %v, want one about usage with %q", err, tt.problem)
				}
				return
			}
			if err != nil || url != tt.url || (len(opts) > 0) != tt.token {
				t.Errorf("%q, %d options, error %v; want %q, a token %v", url, len(opts), err, tt.url, tt.token)
			}
		})
	}
}

func TestTokenInArgument(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]bool{
		"http://127.0.0.1?authToken=secret": true, "http://user:secret@127.0.0.1": true, "http://[::1?authToken=secret": true,
		"--db=libsql://user:secret@example.com": true, "-fhttp://example.com?authtoken=secret": true,
		"libsql://example.com?tls=0": false, "app.db": false, "--db": false, "--module=example.com/app": false, "a@b.db": false,
	} {
		if got := hasToken(arg); got != want {
			t.Errorf("hasToken(%q) = %v, want %v", arg, got, want)
		}
	}
}

// TestLocationOpens opens a server by a token of a file.
func TestLocationOpens(t *testing.T) {
	srv := dbtest.StartServer(t, dbtest.WithAuth())
	setOnly(t, nil)
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(srv.Token(dbtest.ReadOnly)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	with := location{url: srv.URL(), tokenFile: file}
	pool, shown, err := with.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pool.Close()
	if shown != srv.URL() {
		t.Errorf("it shows %q, want %q", shown, srv.URL())
	}
	without := location{url: srv.URL()}
	if _, _, err := without.open(t.Context()); !errors.Is(err, db.ErrUnauthorized) || !strings.Contains(err.Error(), "TURSO_AUTH_TOKEN") {
		t.Errorf("without a token: error %v, want ErrUnauthorized with the name of a variable", err)
	}
}
