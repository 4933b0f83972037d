package db_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/duolite/duolite/db"
)

// openEnv opens what env names. The pool is closed when the test ends.
func openEnv(t *testing.T, env db.Env, given string) (*sql.DB, error) {
	t.Helper()
	url, opts, err := env.Resolve(given)
	if err != nil {
		return nil, err
	}
	pool, err := db.Open(t.Context(), url, opts...)
	if err == nil {
		t.Cleanup(func() { pool.Close() })
	}
	return pool, err
}

// envNames are the variables, each URL before its token.
var envNames = [6]string{"TURSO_DATABASE_URL", "TURSO_AUTH_TOKEN", "LIBSQL_URL", "LIBSQL_AUTH_TOKEN", "DATABASE_URL", "JWT_TOKEN"}

// A varSource is an environment or a file, with a server for each URL and tokens that no other
// source has. A set of its variables is a number with a bit for each.
type varSource struct {
	name  string
	hosts [3]*host
}

func newVarSource(t *testing.T, name string) varSource {
	return varSource{name, [3]*host{newHost(t), newHost(t), newHost(t)}}
}

func (s varSource) lines(set int) (lines []string) {
	for i, name := range envNames {
		switch {
		case set>>i&1 == 0:
		case i%2 == 0:
			lines = append(lines, name+"="+s.hosts[i/2].url)
		default:
			lines = append(lines, name+"="+s.name+"-"+name)
		}
	}
	return lines
}

// hasURL reports whether the set has the URL of a family.
func hasURL(set, family int) bool { return set>>(2*family)&1 == 1 }

// first returns the server of the first URL, and its family.
func (s varSource) first(set int) (*host, int) {
	for family, h := range s.hosts {
		if hasURL(set, family) {
			return h, family
		}
	}
	return nil, -1
}

// mayGet reports whether the server of a family, or a given one (-1), may be sent a header.
func (s varSource) mayGet(set, family int, header string) bool {
	if header == "" {
		return true
	}
	for of := range s.hosts {
		if header == "Bearer "+s.name+"-"+envNames[2*of+1] {
			return of == family || !hasURL(set, of)
		}
	}
	return false
}

// TestEnvTokensStay sets each variable in the environment, in a file, in both or in neither, with and
// without a given URL. Only the server of the first URL may be asked, and only with a token of the
// URL's own source that stands beside no other URL.
func TestEnvTokensStay(t *testing.T) {
	t.Parallel()
	const sets = 1 << len(envNames)
	environ, file, given := newVarSource(t, "environment"), newVarSource(t, "file"), newHost(t)
	var files [sets]string
	for set := range files {
		files[set] = filepath.Join(t.TempDir(), strconv.Itoa(set))
		if err := os.WriteFile(files[set], []byte(strings.Join(file.lines(set), "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	headers := map[string]int{}
	for set := range sets {
		env := db.Env{Lookup: environment(environ.lines(set)...), Default: ":memory:"}
		for fileSet := range sets {
			env.Files = files[fileSet : fileSet+1]
			for _, url := range []string{"", given.url} {
				if url != "" && fileSet != set && fileSet != set^(sets-1) {
					continue // which of the two has a variable makes no difference
				}
				source, sourceSet, asked, family := environ, set, given, -1
				if url == "" {
					asked, family = environ.first(set)
				}
				if asked == nil {
					source, sourceSet = file, fileSet
					asked, family = file.first(fileSet)
				}
				if pool, err := openEnv(t, env, url); err == nil {
					pool.Close()
				}
				for _, h := range append(append(environ.hosts[:], file.hosts[:]...), given) {
					for _, header := range h.take() {
						headers[header]++
						if h != asked || !source.mayGet(sourceSet, family, header) {
							t.Fatalf("environment %q, file %q, given %q: %s was sent %q", environ.lines(set), file.lines(fileSet), url, h.url, header)
						}
						asked = nil
					}
				}
				if asked != nil {
					t.Fatalf("environment %q, file %q, given %q: %s wasn't asked", environ.lines(set), file.lines(fileSet), url, asked.url)
				}
			}
		}
	}
	if len(headers) != 7 { // each token, and none
		t.Errorf("headers that were sent: %v", headers)
	}
}
