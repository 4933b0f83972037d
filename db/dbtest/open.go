package dbtest

import (
	"context"
	"database/sql"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/duolite/duolite/db"
)

// OpenTemp opens a fresh SQLite file with all migrations applied; a nil migrations
// leaves it empty. The pool is closed and the file removed when the test ends.
func OpenTemp(tb testing.TB, migrations fs.FS, opts ...db.Option) *sql.DB {
	tb.Helper()
	d := Database{Name: "file", URL: filepath.Join(tb.TempDir(), "test.db")}
	return d.Open(tb, migrations, opts...)
}

// A Database is one that a program may be given. It is fresh: nothing is in it.
type Database struct {
	// Name tells which kind it is: "file", "memory", "server" or "server-auth".
	Name string
	// URL is what [db.Open] takes.
	URL string
	// Token is a server's, for reading and writing, or "".
	Token string
	// Server is the server, or nil.
	Server *Server
}

// EachDatabase runs test as one subtest for each kind of database: a SQLite file, one
// in memory, a libSQL server, and one that wants a token.
func EachDatabase(t *testing.T, test func(t *testing.T, d Database)) {
	t.Run("file", func(t *testing.T) {
		test(t, Database{Name: "file", URL: filepath.Join(t.TempDir(), "test.db")})
	})
	t.Run("memory", func(t *testing.T) {
		// Named after the test, so that several pools share it.
		d := Database{Name: "memory", URL: "file:" + escapeName(t.Name()) + "?mode=memory"}
		// One connection keeps it alive for as long as the test runs.
		d.Open(t, nil)
		test(t, d)
	})
	t.Run("server", func(t *testing.T) {
		s := StartServer(t)
		test(t, Database{Name: "server", URL: s.URL(), Server: s})
	})
	t.Run("server-auth", func(t *testing.T) {
		s := StartServer(t, WithAuth())
		test(t, Database{Name: "server-auth", URL: s.URL(), Token: s.Token(ReadWrite), Server: s})
	})
}

// Open opens the database and applies migrations, if they aren't nil. The pool is
// closed when the test ends. Its options come after the token's.
func (d Database) Open(tb testing.TB, migrations fs.FS, opts ...db.Option) *sql.DB {
	tb.Helper()
	ctx := context.Background()
	if d.Token != "" {
		opts = append([]db.Option{db.WithAuthToken(d.Token)}, opts...)
	}
	pool, err := db.Open(ctx, d.URL, opts...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := pool.Close(); err != nil {
			tb.Errorf("close %s: %v", db.Redact(d.URL), err)
		}
	})
	if migrations != nil {
		if _, err := db.Migrate(ctx, pool, migrations); err != nil {
			tb.Fatal(err)
		}
	}
	return pool
}

// Local reports whether the database is in this process: a file or in memory.
func (d Database) Local() bool {
	return d.Server == nil
}

// escapeName keeps of a test's name what needs no escape in a URI.
func escapeName(name string) string {
	safe := []byte(name)
	for i, c := range safe {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9') {
			safe[i] = '-'
		}
	}
	return string(safe)
}
