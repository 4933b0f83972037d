//go:build unix

package db_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/duolite/duolite/db"
)

func init() {
	orders["private"] = makeFiles
}

// makeFiles makes a file in each way that a program has, in a process whose mask keeps nothing
// from anybody. The argument is a URL and a folder.
func makeFiles(ctx context.Context, argument string) error {
	url, dir, _ := strings.Cut(argument, " ")
	syscall.Umask(0)
	pool, err := db.Open(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	statements := []string{
		"CREATE TABLE t (x)", "INSERT INTO t VALUES (1)",
		"VACUUM INTO '" + dir + "/into.db'",
		"ATTACH '" + dir + "/wal.db' AS w", "PRAGMA w.journal_mode = WAL", "CREATE TABLE w.t (x)",
		"ATTACH '" + dir + "/persist.db' AS p", "PRAGMA p.journal_mode = PERSIST", "CREATE TABLE p.t (x)",
		"ATTACH '" + dir + "/delete.db' AS d", "PRAGMA d.journal_mode = DELETE", "CREATE TABLE d.t (x)",
		"ATTACH '" + dir + "/open.db' AS o", "PRAGMA o.journal_mode = PERSIST",
		"PRAGMA temp_store = FILE", "PRAGMA cache_size = 1", "CREATE TEMP TABLE tmp AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT zeroblob(1000) AS z FROM n",
		"CREATE TABLE o.u (x)",
		"BEGIN IMMEDIATE", "INSERT INTO d.t VALUES (2)", "INSERT INTO w.t VALUES (2)",
	}
	for _, statement := range statements {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return wantPrivate(dir)
}

// wantPrivate returns an error that lists the files that somebody else may read, but for those that
// existed before.
func wantPrivate(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	names := ""
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			return err
		}
		want := os.FileMode(0o600)
		if strings.HasPrefix(entry.Name(), "open.db") {
			want = 0o664
		}
		if info.Mode() != want {
			return fmt.Errorf("%s is %v", entry.Name(), info.Mode())
		}
		names += entry.Name() + " "
	}
	return errors.New(names)
}

// TestFilesArePrivate wants that others can't read what a program makes, whatever its mask,
// and that the mode of a file that exists stays, also for its journal.
func TestFilesArePrivate(t *testing.T) {
	t.Parallel()
	children := startChildren(t, 1)
	for _, url := range []string{"app.db", ":memory:"} {
		dir := t.TempDir()
		writeFile(t, filepath.Join(dir, "open.db"), "")
		if err := os.Chmod(filepath.Join(dir, "open.db"), 0o664); err != nil {
			t.Fatal(err)
		}
		want := "delete.db delete.db-journal into.db open.db open.db-journal persist.db persist.db-journal wal.db wal.db-shm wal.db-wal "
		path := url
		if url == "app.db" {
			path = filepath.Join(dir, url)
			want = "app.db app.db-shm app.db-wal " + want
		}
		check(t, url, order(t, children, "private", path+" "+dir)[0], want)
	}
}
