package dbtest

import (
	"context"
	"database/sql"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/duolite/duolite/db"
)

// OpenTemp opens a fresh SQLite file with all migrations applied, or an empty one if
// migrations is nil. At the end of the test the pool is closed and the file removed.
func OpenTemp(tb testing.TB, migrations fs.FS, opts ...db.Option) *sql.DB {
	tb.Helper()
	d := Database{Name: "file", URL: filepath.Join(tb.TempDir(), "test.db")}
	return d.Open(tb, migrations, opts...)
}

// A Database is a fresh, empty database of one kind.
type Database struct {
	// Name is the kind: "file", "memory", "server" or "server-auth".
	Name string
	// URL is the URL for [db.Open].
	URL string
	// Token is a token of the server for reading and writing, or "".
	Token string
	// Server is the server, or nil.
	Server *Server
}

// EachDatabase runs test as one subtest for each kind of database: a SQLite file, a database
// in memory, a libSQL server, and a libSQL server that requires a token.
func EachDatabase(t *testing.T, test func(t *testing.T, d Database)) {
	t.Run("file", func(t *testing.T) {
		test(t, Database{Name: "file", URL: filepath.Join(t.TempDir(), "test.db")})
	})
	t.Run("memory", func(t *testing.T) {
		// Named after the test, so that several pools share it.
		d := Database{Name: "memory", URL: "file:" + escapeName(t.Name()) + "?mode=memory"}
		// An open connection keeps the database alive until the test ends.
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

// Open opens the database and applies migrations, unless they are nil. The pool is closed at
// the end of the test. opts are applied after the token's option.
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

// Local reports whether the database is a file or in memory.
func (d Database) Local() bool {
	return d.Server == nil
}

// escapeName replaces the characters of a test's name that a URI would escape.
func escapeName(name string) string {
	safe := []byte(name)
	for i, c := range safe {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9') {
			safe[i] = '-'
		}
	}
	return string(safe)
}
