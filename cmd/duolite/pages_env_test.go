//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/dbtest"
)

// standIns take the place of programs that a test can't have: a release of duolite, and an account at Turso. The databases of
// that account are servers that the test has started.
const standIns = `
duolite() {
	if [ "$1" = new ]; then set -- "$@" --replace "$REPO"; fi
	command duolite "$@"
}
go() {
	if [ "$*" != "get -tool github.com/duolite/duolite/cmd/duolite" ]; then command go "$@"; return; fi
	command go mod edit -require=github.com/duolite/duolite@v0.0.0 -replace=github.com/duolite/duolite="$REPO" -tool="$3"
	command go mod tidy
}
turso() {
	case "$*" in
	"db create "*) test -f "$SERVERS/$3.url" ;;
	"db show --url "*) cat "$SERVERS/$4.url" ;;
	"db tokens create "*) cat "$SERVERS/$4.token" ;;
	*) echo "turso: unexpected $*"; return 1 ;;
	esac
}
`

// tursoDatabases are the databases that the pages create at Turso.
var tursoDatabases = []string{"rehearsal", "app", "second"}

// needOpenSSL skips a test on a machine without OpenSSL 3 or newer, such as one with LibreSSL.
func needOpenSSL(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "openssl", "version").Output()
	if !regexp.MustCompile(`^OpenSSL ([3-9]|\d\d)`).Match(out) && os.Getenv("CI") != "true" {
		t.Skipf("no OpenSSL 3: openssl version: %s, %v", out, err)
	}
}

// pagePrograms returns a folder for the PATH, with sqlc and the settings of curl.
func pagePrograms(t *testing.T, repo string) string {
	dir := t.TempDir()
	if err := os.Symlink(sqlcPath(t, repo), filepath.Join(dir, "sqlc")); err != nil {
		t.Fatal(err)
	}
	// curl draws a progress bar where its output isn't a terminal.
	if err := os.WriteFile(filepath.Join(dir, ".curlrc"), []byte("silent\nshow-error\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

// startTurso starts a server for each database at Turso, and returns a folder with the URLs and the tokens.
func startTurso(t *testing.T) string {
	dir := t.TempDir()
	for _, name := range tursoDatabases {
		srv := dbtest.StartServer(t, dbtest.WithAuth())
		for ending, text := range map[string]string{".url": srv.URL(), ".token": srv.Token(dbtest.ReadWrite)} {
			if err := os.WriteFile(filepath.Join(dir, name+ending), []byte(text+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// pageEnv is the environment without the variables that name a database.
func pageEnv(programs string) (env []string) {
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if !regexp.MustCompile(`^(TURSO_|LIBSQL_|DATABASE_URL|JWT_TOKEN|DUOLITE_AUTH|PATH$)`).MatchString(name) {
			env = append(env, variable)
		}
	}
	return append(env, "CGO_ENABLED=0", "CURL_HOME="+programs, "PATH="+programs+string(os.PathListSeparator)+os.Getenv("PATH"))
}
