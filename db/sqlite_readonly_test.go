package db_test

import (
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/duolite/duolite/db"
)

// copyFile copies a file as it is, also while it is open.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, to, string(content))
}

// TestHotJournal is about a file whose last writer, without a write-ahead log, ended in the
// middle of a change: who only reads can't undo that.
func TestHotJournal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, hot := filepath.Join(dir, "app.db"), filepath.Join(dir, "hot.db")
	other, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	other.SetMaxOpenConns(1)
	execute(t, other, "CREATE TABLE t (x)", "INSERT INTO t VALUES (7)", "PRAGMA cache_size = 1", "BEGIN", "UPDATE t SET x = 8",
		"CREATE TABLE u AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) SELECT zeroblob(4000) FROM n")
	copyFile(t, path, hot)
	copyFile(t, path+"-journal", hot+"-journal")

	_, err = db.Open(t.Context(), "file:"+hot+"?mode=ro")
	checkError(t, "mode=ro", err, db.ErrCantOpen, 14, hot+" can't be read: somebody ended in the middle of a change, and "+hot+"-journal, "+
		"which undoes it, has to be carried out first; open it once without mode=ro, by a user who may write it")
	_, err = db.Open(t.Context(), "file:"+hot+"?immutable=1")
	checkError(t, "immutable=1", err, db.ErrCantOpen, 14, hot+" can't be read with immutable=1: next to it is "+hot+"-journal with changes that wouldn't be seen; "+
		"open it once where it can be written, and close it there, so that the file has them all")
	check(t, "undone", get[int](t, open(t, hot), "SELECT x FROM t"), 7)
	check(t, "afterwards", get[int](t, open(t, "file:"+hot+"?mode=ro"), "SELECT x FROM t"), 7)
}

// TestImmutable reads files as they are, and makes none.
func TestImmutable(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"app.db", "100% sure?#1.db", "a b.db"} {
		dir := t.TempDir()
		path := filepath.Join(dir, "app.db")
		pool, err := db.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		execute(t, pool, "CREATE TABLE t (x)", "INSERT INTO t VALUES (7)")
		live := filepath.Join(t.TempDir(), "live.db")
		copyFile(t, path, live)
		copyFile(t, path+"-wal", live+"-wal")
		if err := pool.Close(); err != nil {
			t.Fatal(err)
		}
		moveFile(t, path, filepath.Join(dir, name))
		path = filepath.Join(dir, name)
		before := contents(t, dir)

		pool = open(t, "file:"+(&url.URL{Path: filepath.ToSlash(path)}).EscapedPath()+"?immutable=1")
		check(t, "value", get[int](t, pool, "SELECT x FROM t"), 7)
		_, err = pool.ExecContext(t.Context(), "INSERT INTO t VALUES (8)")
		checkError(t, "insert", err, db.ErrReadOnly, codeReadOnly, "attempt to write a readonly database")
		execute(t, pool, "PRAGMA query_only = OFF")
		_, err = pool.ExecContext(t.Context(), "INSERT INTO t VALUES (8)")
		checkKind(t, "insert", err, db.ErrReadOnly)
		check(t, "folder", contents(t, dir), before)
		// It says nothing of what is attached: that is named by its path, and not made.
		_, err = pool.ExecContext(t.Context(), "ATTACH 'file:"+filepath.ToSlash(dir)+"/new.db?mode=rwc' AS n")
		checkKind(t, "ATTACH", err, db.ErrCantOpen)
		check(t, "folder", contents(t, dir), before)

		_, err = db.Open(t.Context(), "file:"+live+"?mode=ro&immutable=1")
		checkError(t, "with a log", err, db.ErrCantOpen, 14, live+" can't be read with immutable=1: next to it is "+live+"-wal with changes that wouldn't be seen; "+
			"open it once where it can be written, and close it there, so that the file has them all")
	}
	dir := t.TempDir()
	_, err := db.Open(t.Context(), "file:"+filepath.Join(dir, "none.db")+"?immutable=1")
	checkKind(t, "no file", err, db.ErrCantOpen)
	check(t, "folder", contents(t, dir), map[string]string{})
}
