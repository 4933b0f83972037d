//go:build cgo

package beside

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/duolite/duolite/db"
	_ "github.com/mattn/go-sqlite3"
)

// TestMattn uses a file of each driver, at once. The other
// driver's connections have its own settings, and its files their usual mode.
func TestMattn(t *testing.T) {
	own, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "own.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	path := filepath.Join(t.TempDir(), "other.db")
	other, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	other.SetMaxOpenConns(1)
	var all sync.WaitGroup
	for name, pool := range map[string]*sql.DB{"duolite": own, "mattn": other} {
		all.Go(func() {
			if err := use(t.Context(), pool); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	all.Wait()
	for query, want := range map[string]string{
		"PRAGMA journal_mode":            "delete",
		"PRAGMA foreign_keys":            "0",
		"PRAGMA synchronous":             "1",    // the driver's default
		"PRAGMA busy_timeout":            "5000", // the driver's default
		`SELECT "a name that is quoted"`: "a name that is quoted",
	} {
		var got string
		if err := other.QueryRowContext(t.Context(), query).Scan(&got); err != nil || got != want {
			t.Errorf("mattn: %s: got %q and error %v, want %q", query, got, err, want)
		}
	}
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, nil, 0o644); err != nil { // with the umask
		t.Fatal(err)
	}
	want, err := os.Stat(plain)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.Stat(path); err != nil || got.Mode() != want.Mode() {
		t.Errorf("mattn: the file has mode %v and error %v, want %v", got.Mode(), err, want.Mode())
	}
}

// use writes and reads more than a small page cache has room for, and checks the file.
func use(ctx context.Context, pool *sql.DB) error {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, statement := range []string{
		"PRAGMA cache_size = 20", "CREATE TABLE t (i, x)",
		"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO t SELECT i, randomblob(1000) FROM n",
		"CREATE INDEX by_x ON t (x)", "DELETE FROM t WHERE i % 2 = 0",
	} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	var rows int
	if err := conn.QueryRowContext(ctx, "SELECT count(DISTINCT x) FROM t").Scan(&rows); err != nil || rows != 500 {
		return fmt.Errorf("%d rows, and error %v", rows, err)
	}
	var sound string
	if err := conn.QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&sound); err != nil || sound != "ok" {
		return fmt.Errorf("integrity: %s, and error %v", sound, err)
	}
	return nil
}
