package db_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
)

// conns takes n connections of a pool at once.
func conns(t *testing.T, pool *sql.DB, n int) []*sql.Conn {
	t.Helper()
	var taken []*sql.Conn
	for range n {
		conn, err := pool.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		taken = append(taken, conn)
	}
	return taken
}

func wantOne(t *testing.T, on interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}, query string, want any) {
	t.Helper()
	var got any
	if err := on.QueryRowContext(t.Context(), query).Scan(&got); err != nil || got != want {
		t.Errorf("%s: got %v, %v, want %v", query, got, err, want)
	}
}

// TestAfterConnect looks for the set-up on all connections of a pool, also after programs have used them.
func TestAfterConnect(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "app.db")
	execute(t, open(t, file), "CREATE TABLE t (x)", "INSERT INTO t VALUES (1), (2)")
	for name, url := range map[string]string{"file": file, "ro": "file:" + file + "?mode=ro", "memory": ":memory:"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			other := filepath.Join(t.TempDir(), "other.db")
			execute(t, open(t, other), "CREATE TABLE o (y)", "INSERT INTO o VALUES ('o')")
			pool := open(t, url,
				db.WithAfterConnect("ATTACH '"+other+"' AS other; PRAGMA cache_size = -4321; PRAGMA case_sensitive_like = ON"),
				db.WithAfterConnectFunc(func(ctx context.Context, conn *sql.Conn) error {
					_, err := conn.ExecContext(ctx, "CREATE TEMP VIEW v AS SELECT y || ? AS z FROM other.o")
					if err == nil {
						return errors.New("a view with a parameter was made")
					}
					tx, err := conn.BeginTx(ctx, nil)
					if err != nil {
						return err
					}
					if _, err := tx.ExecContext(ctx, "CREATE TEMP TABLE temporary AS SELECT ? AS x", "tmp"); err != nil {
						return err
					}
					return tx.Commit()
				}))
			for range 2 {
				for _, conn := range conns(t, pool, 4) {
					wantOne(t, conn, "SELECT y FROM o", "o")
					wantOne(t, conn, "SELECT x FROM temporary", "tmp")
					wantOne(t, conn, "PRAGMA cache_size", int64(-4321))
					wantOne(t, conn, "SELECT 'a' LIKE 'A'", int64(0))
					wantOne(t, conn, "PRAGMA foreign_keys", int64(1))
					if name == "ro" {
						for _, text := range []string{"INSERT INTO t VALUES (3)", "INSERT INTO other.o VALUES (3)", "INSERT INTO temporary VALUES (3)"} {
							if _, err := conn.ExecContext(t.Context(), text); !errors.Is(err, db.ErrReadOnly) {
								t.Errorf("%s: %v", text, err)
							}
						}
					}
					execute(t, conn, "PRAGMA cache_size = 17", "PRAGMA case_sensitive_like = OFF", "PRAGMA cache_size = 18")
					conn.Close()
				}
			}
		})
	}
}

// TestAfterConnectRefuses: a set-up that would break a promise of the pool is an error of Open, and has no effect.
func TestAfterConnectRefuses(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "app.db")
	keep := open(t, file)
	for text, want := range map[string]string{
		"PRAGMA journal_mode = DELETE":                "PRAGMA journal_mode can't be set when a connection opens",
		"PRAGMA cache_size = 7; PRAGMA synchronous=0": "WithFullSync",
		"PRAGMA main.synchronous(0)":                  "WithFullSync",
		`PRAGMA "MAIN" . 'Journal_Mode' = 'delete'`:   "write-ahead log",
		"PRAGMA foreign_keys = OFF":                   "sql.Conn",
		"PRAGMA busy_timeout = 1":                     "WithBusyTimeout",
		"PRAGMA locking_mode = EXCLUSIVE":             "share the file",
		"PRAGMA query_only = 0":                       "mode=ro",
		"PRAGMA writable_schema = 1":                  "sql.Conn",
		"PRAGMA user_version = 7":                     "migration",
		"PRAGMA soft_heap_limit = 7":                  "process",
		"BEGIN":                                       "left a transaction open",
		"SELECT 1; SAVEPOINT a":                       "left a transaction open",
		"BEGIN; CREATE TABLE half (x)":                "COMMIT",
		"CREATE TABLE half (x); nonsense":             "syntax error",
		"SELECT \x00":                                 "NUL",
	} {
		_, err := db.Open(t.Context(), file, db.WithAfterConnect(text))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "app.db") {
			t.Errorf("%q: %v, want an error with %q and the file's name", text, err, want)
		}
		if text == "CREATE TABLE half (x); nonsense" { // one by one
			execute(t, keep, "DROP TABLE half")
		}
	}
	wantOne(t, keep, "SELECT count(*) FROM sqlite_schema", int64(0))
	wantOne(t, keep, "PRAGMA journal_mode", "wal")
	wantOne(t, keep, "PRAGMA user_version", int64(0))
	for _, url := range []string{"http://127.0.0.1:9", "libsql://example.com?replica=" + filepath.Join(t.TempDir(), "copy.db")} {
		_, err := db.NewConnector(url, db.WithAfterConnect("SELECT 1"))
		if !errors.Is(err, db.ErrConfig) || !strings.Contains(err.Error(), "a server keeps no settings") {
			t.Errorf("%s: %v", url, err)
		}
	}
	if _, err := db.NewConnector(file, db.WithAfterConnectFunc(nil)); !errors.Is(err, db.ErrConfig) {
		t.Errorf("a nil function: %v", err)
	}
}

// TestAfterConnectLater: an error of a later connection is the error of the call that needed it, and the
// pool goes on when the set-up works again. A kept connection is closed.
func TestAfterConnectLater(t *testing.T) {
	t.Parallel()
	var fails error
	var kept *sql.Conn
	pool := open(t, filepath.Join(t.TempDir(), "app.db"), db.WithAfterConnectFunc(func(ctx context.Context, conn *sql.Conn) error {
		kept = conn
		rows, err := conn.QueryContext(ctx, "VALUES (1), (2)")
		if err != nil || !rows.Next() { // and left open
			return errors.Join(err, rows.Err(), errors.New("no row"))
		}
		return fails
	}))
	first := conns(t, pool, 1)[0]
	fails = errors.New("not now")
	if _, err := pool.ExecContext(t.Context(), "CREATE TABLE t (x)"); !errors.Is(err, fails) {
		t.Errorf("a connection whose set-up fails: %v", err)
	}
	fails = nil
	execute(t, pool, "CREATE TABLE t (x)")
	if _, err := kept.ExecContext(t.Context(), "CREATE TABLE u (x)"); !errors.Is(err, sql.ErrConnDone) {
		t.Errorf("a kept connection: %v", err)
	}
	first.Close()
}

// TestAfterConnectBesideWriter: a connection opens, and makes temporary tables, while another one has a
// transaction that writes.
func TestAfterConnectBesideWriter(t *testing.T) {
	t.Parallel()
	pool := open(t, filepath.Join(t.TempDir(), "app.db"), db.WithBusyTimeout(10*time.Second),
		db.WithAfterConnect("CREATE TEMP TABLE tmp (x); INSERT INTO tmp VALUES (1); CREATE TEMP TABLE IF NOT EXISTS tmp (x)"))
	execute(t, pool, "CREATE TABLE t (x)")
	tx, err := pool.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	execute(t, tx, "INSERT INTO t VALUES (1)")
	for _, conn := range conns(t, pool, 3) {
		wantOne(t, conn, "SELECT count(*) FROM tmp", int64(1))
	}
}

// TestAfterConnectEnds: a set-up ends with its context, with the pool, and by a panic, and leaves nothing.
func TestAfterConnectEnds(t *testing.T) {
	t.Parallel()
	const forever = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
	file := filepath.Join(t.TempDir(), "app.db")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := db.Open(ctx, file, db.WithAfterConnect(forever)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the context ended: %v", err)
	}
	began := make(chan struct{})
	connector, err := db.NewConnector(file, db.WithAfterConnectFunc(func(ctx context.Context, conn *sql.Conn) error {
		close(began)
		_, err := conn.ExecContext(ctx, forever)
		return err
	}))
	if err != nil {
		t.Fatal(err)
	}
	pool := sql.OpenDB(connector)
	ended := make(chan error)
	go func() { ended <- pool.PingContext(context.Background()) }()
	<-began
	pool.Close()
	if err := <-ended; !errors.Is(err, sql.ErrConnDone) {
		t.Errorf("the pool was closed: %v", err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic is gone")
			}
		}()
		_, _ = db.Open(t.Context(), file, db.WithAfterConnectFunc(func(context.Context, *sql.Conn) error { panic("!") }))
	}()
	execute(t, open(t, file), "CREATE TABLE t (x)")
}
