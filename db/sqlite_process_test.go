package db_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

func init() {
	orders["first-plain"] = func(ctx context.Context, path string) error { return openAlone(ctx, path, db.WithPlainSQLite()) }
	orders["first"] = func(ctx context.Context, path string) error { return openAlone(ctx, path) }
}

// openAlone opens the first database of the process. Its error says which page cache SQLite has before
// that, and which one has the pages of the database.
func openAlone(ctx context.Context, path string, opts ...db.Option) error {
	if err := pageCacheIsSQLites(); err != nil {
		return fmt.Errorf("after the import: %w", err)
	}
	connector, err := db.NewConnector(path, opts...)
	if err != nil {
		return err
	}
	if err := pageCacheIsSQLites(); err != nil {
		return fmt.Errorf("after NewConnector: %w", err)
	}
	pool := sql.OpenDB(connector)
	defer pool.Close()
	if _, err := pool.ExecContext(ctx, "CREATE TABLE t AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400) SELECT randomblob(4000) x FROM n"); err != nil {
		return err
	}
	tls := libc.NewTLS()
	defer tls.Close()
	p := libc.Xcalloc(tls, 1, 16)
	defer libc.Xfree(tls, p)
	sqlite3.Xsqlite3_status(tls, sqlite3.SQLITE_STATUS_PAGECACHE_OVERFLOW, p, p+8, 0)
	if highest := *cmem.As[int32](p + 8); highest > 400*4096 {
		return fmt.Errorf("SQLite's page cache has the pages")
	}
	return fmt.Errorf("SQLite's page cache is empty")
}

func pageCacheIsSQLites() error {
	tls := libc.NewTLS()
	defer tls.Close()
	p := libc.Xcalloc(tls, 1, 256)
	defer libc.Xfree(tls, p)
	if rc := sqlite3.Xsqlite3_config(tls, sqlite3.SQLITE_CONFIG_GETPCACHE2, libc.VaList(p, p+16)); rc != sqlite3.SQLITE_OK {
		return fmt.Errorf("SQLite is in use: error %d", rc)
	}
	fetch := runtime.FuncForPC(cmem.Load(cmem.As[sqlite3.Tsqlite3_pcache_methods2](p + 16).FxFetch)).Name()
	if !strings.HasPrefix(fetch, "modernc.org/sqlite/lib.") {
		return fmt.Errorf("SQLite's page cache is %s", fetch)
	}
	return nil
}

// TestProcessIsLeftAlone: to import package db changes nothing in SQLite, and WithPlainSQLite opens a
// database without the package's page cache.
func TestProcessIsLeftAlone(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"first":       "SQLite's page cache is empty",
		"first-plain": "SQLite's page cache has the pages",
	} {
		if got := order(t, startChildren(t, 1), name, filepath.Join(t.TempDir(), "app.db")); got[0] != want {
			t.Errorf("%s: got %s, want %s", name, got[0], want)
		}
	}
}
