package db_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/duolite/duolite/db"
)

// TestMovedLink is about a symbolic link that leads to another file.
func TestMovedLink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"a.db", "b.db"} {
		makeDatabase(t, filepath.Join(dir, name))
	}
	link := filepath.Join(dir, "link.db")
	if err := os.Symlink("a.db", link); err != nil {
		t.Skip(err)
	}
	pool := open(t, link)
	execute(t, pool, "UPDATE t SET x = 8")
	if _, err := os.Lstat(link + "-wal"); err == nil {
		t.Error("the log is beside the link")
	}
	removeFile(t, link)
	checkMoved(t, pool.PingContext(t.Context()), link, wasMoved)
	if err := os.Symlink("b.db", link); err != nil {
		t.Fatal(err)
	}
	for use, try := range movedUses {
		t.Log(use)
		checkMoved(t, try(t.Context(), pool), link, wasReplaced)
	}
	removeFile(t, link)
	if err := os.Symlink(filepath.Join(dir, "a.db"), link); err != nil { // another link to the same file
		t.Fatal(err)
	}
	check(t, "value", get[int](t, pool, "SELECT x FROM t"), 8)
}

// TestMovedLog is about the log, which has what was committed last.
func TestMovedLog(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("an open file can't be moved there")
	}
	for name, m := range map[string]func(t *testing.T, log string){
		"deleted":  func(t *testing.T, log string) { removeFile(t, log) },
		"renamed":  func(t *testing.T, log string) { moveFile(t, log, log+".old") },
		"replaced": func(t *testing.T, log string) { removeFile(t, log); writeFile(t, log, "") },
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "app.db")
		pool, err := db.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		execute(t, pool, "CREATE TABLE t (x)", "INSERT INTO t VALUES (7)")
		m(t, path+"-wal")
		_, err = pool.ExecContext(t.Context(), "INSERT INTO t VALUES (8)")
		checkMoved(t, err, path, lostItsLog)
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
		check(t, name+": rows", get[int](t, open(t, path), "SELECT count(*) FROM t"), 1)
	}
	// A connection that is opened while others have the log open makes no other one.
	path := filepath.Join(t.TempDir(), "app.db")
	pool := open(t, path)
	execute(t, pool, "CREATE TABLE t (x)")
	conn, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	removeFile(t, path+"-wal")
	checkMoved(t, pool.PingContext(t.Context()), path, lostItsLog)
	if _, err := os.Stat(path + "-wal"); err == nil {
		t.Error("a log was made")
	}
}

// TestLogOfItsOwn is about logs that begin and end as they should.
func TestLogOfItsOwn(t *testing.T) {
	t.Parallel()
	pool := open(t, filepath.Join(t.TempDir(), "app.db"), db.WithMaxOpenConns(1))
	execute(t, pool, "CREATE TABLE t (x)")
	for _, mode := range []string{"delete", "wal", "truncate", "persist", "wal"} {
		check(t, "mode", get[string](t, pool, "PRAGMA journal_mode = "+mode), mode)
		execute(t, pool, "INSERT INTO t VALUES (1)", "PRAGMA wal_checkpoint(TRUNCATE)", "VACUUM", "INSERT INTO t VALUES (1)")
	}
	pool.SetMaxIdleConns(0) // the log ends with each use
	for range 3 {
		execute(t, pool, "INSERT INTO t VALUES (1)")
	}
	check(t, "rows", get[int](t, pool, "SELECT count(*) FROM t"), 13)
}
