package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	_ "modernc.org/sqlite" // the driver of other programs
)

func init() {
	orders["open"] = openAndInsert
}

// contents returns what is in a folder: the mode and content of each file by its name.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil {
			t.Fatal(err)
		}
		text := info.Mode().String()
		if info.Mode().IsRegular() {
			content, err := os.ReadFile(filepath.Join(dir, entry.Name()))
			if err != nil {
				t.Fatal(err)
			}
			text += " " + string(content)
		}
		found[entry.Name()] = text
	}
	return found
}

// modes returns the mode of each file in a folder by its name.
func modes(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := contents(t, dir)
	for name, text := range found {
		found[name], _, _ = strings.Cut(text, " ")
	}
	return found
}

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// makeDatabase makes a file with a table t of one row, 7.
func makeDatabase(t *testing.T, path string) {
	t.Helper()
	pool, err := db.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	execute(t, pool, "CREATE TABLE t (x)", "INSERT INTO t VALUES (7)")
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestNewFileIsPrivate(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("has no such modes")
	}
	private := map[string]string{"app.db": "-rw-------", "app.db-wal": "-rw-------", "app.db-shm": "-rw-------"}

	dir := t.TempDir()
	execute(t, open(t, filepath.Join(dir, "app.db")), "CREATE TABLE t (x)")
	check(t, "modes", modes(t, dir), private)

	// A link that leads to no file yet.
	target, links := t.TempDir(), t.TempDir()
	if err := os.Symlink(filepath.Join(target, "app.db"), filepath.Join(links, "link.db")); err != nil {
		t.Skip(err)
	}
	execute(t, open(t, filepath.Join(links, "link.db")), "CREATE TABLE t (x)")
	check(t, "modes behind a link", modes(t, target), private)
}

// TestCantOpen wants one line that says what is wrong, and a folder as it was before.
func TestCantOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "text"), strings.Repeat("This is no database.\n", 200))
	writeFile(t, filepath.Join(dir, "short"), "This is no database.\n")
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	before := contents(t, dir)
	notAFolder := "DIR/text/app.db can't be opened: not a directory"
	if runtime.GOOS == "windows" { // which doesn't tell a file from nothing there
		notAFolder = "DIR/text/app.db can't be created: the folder DIR/text doesn't exist"
	}
	for _, tt := range []struct {
		url  string // DIR stands for the folder
		kind error
		want string
	}{
		{"DIR/none/app.db", db.ErrCantOpen, "DIR/none/app.db can't be created: the folder DIR/none doesn't exist"},
		{"DIR/text/app.db", db.ErrCantOpen, notAFolder},
		{"DIR/folder", db.ErrCantOpen, "DIR/folder is a folder; name a file in it"},
		{"file:DIR/folder?mode=ro", db.ErrCantOpen, "DIR/folder is a folder; name a file in it"},
		{"file:DIR/none?mode=ro", db.ErrCantOpen, "DIR/none doesn't exist (mode=ro creates nothing)"},
		{"file:DIR/none?mode=rw", db.ErrCantOpen, "DIR/none doesn't exist (mode=rw creates nothing)"},
		{"DIR/text", db.ErrNotADatabase, "open DIR/text: file is not a database"},
		{"DIR/short", db.ErrNotADatabase, "open DIR/short: file is not a database"},
		{"file:DIR/text?mode=rw", db.ErrNotADatabase, "open DIR/text: file is not a database"},
		{"file:DIR/text?mode=ro", db.ErrNotADatabase, "open DIR/text: file is not a database"},
	} {
		pool, err := db.Open(t.Context(), strings.ReplaceAll(tt.url, "DIR", dir))
		if pool != nil {
			t.Errorf("%s: Open returns a pool besides the error %v", tt.url, err)
		}
		e := checkKind(t, tt.url, err, tt.kind)
		if got := filepath.ToSlash(strings.ReplaceAll(fmt.Sprint(err), dir, "DIR")); got != tt.want {
			t.Errorf("%s: got error\n\t%s, want\n\t%s", tt.url, got, tt.want)
		}
		if e.Code&0xff != map[error]int{db.ErrCantOpen: 14, db.ErrNotADatabase: 26}[tt.kind] {
			t.Errorf("%s: the error has the code %d", tt.url, e.Code)
		}
		check(t, tt.url+": folder", contents(t, dir), before)
	}
}

// TestCantOpenCause is about the operating system's error being there for those who
// look for it.
func TestCantOpenCause(t *testing.T) {
	t.Parallel()
	_, err := db.Open(t.Context(), "file:"+filepath.ToSlash(t.TempDir())+"/none?mode=rw")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not fs.ErrNotExist", err)
	}
}

// TestDamagedFile is about a file that begins as a database does.
func TestDamagedFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "app.db")
	makeDatabase(t, path)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	for i := page; i < len(content); i++ {
		content[i] = 0xff
	}
	writeFile(t, path, string(content))
	_, err = open(t, path).ExecContext(t.Context(), "INSERT INTO t VALUES (8)")
	checkError(t, "insert", err, db.ErrCorrupt, codeCorrupt, "database disk image is malformed")
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	pool := open(t, filepath.Join(t.TempDir(), "app.db"), db.WithMaxOpenConns(1))
	conn, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	execute(t, conn, "CREATE TABLE t (x)", "PRAGMA max_page_count = 10")
	_, err = conn.ExecContext(t.Context(), "INSERT INTO t VALUES (zeroblob(100000))")
	checkError(t, "insert", err, db.ErrFull, codeFull, "database or disk is full")
}

// TestNoWorkingFolder is about a relative path where there is nothing to start from.
func TestNoWorkingFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	if err := os.Remove(dir); err != nil {
		t.Skip(err)
	}
	_, err := db.Open(t.Context(), "app.db")
	checkKind(t, "Open", err, db.ErrCantOpen)
}

func TestReadOnlyFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "app.db")
	makeDatabase(t, path)
	before := contents(t, dir)
	pool := open(t, "file:"+path+"?mode=ro")
	check(t, "value", get[int](t, pool, "SELECT x FROM t"), 7)
	for _, statement := range []string{
		"INSERT INTO t VALUES (8)",
		"UPDATE t SET x = 8",
		"DELETE FROM t",
		"CREATE TABLE u (x)",
		"DROP TABLE t",
		"CREATE TEMP TABLE u (x)",
		"PRAGMA user_version = 1",
		"VACUUM",
	} {
		_, err := pool.ExecContext(t.Context(), statement)
		checkError(t, statement, err, db.ErrReadOnly, codeReadOnly, "attempt to write a readonly database")
	}
	// Not even if somebody tries.
	execute(t, pool, "PRAGMA query_only = OFF")
	_, err := pool.ExecContext(t.Context(), "INSERT INTO t VALUES (8)")
	checkKind(t, "after query_only = OFF", err, db.ErrReadOnly)
	check(t, "file", contents(t, dir)["app.db"], before["app.db"])

	// It sees what others write.
	execute(t, open(t, path), "UPDATE t SET x = 9")
	check(t, "value", get[int](t, pool, "SELECT x FROM t"), 9)
}

// TestReadOnlyCreatesNothing is about a file without a write-ahead log, as other
// programs make them: next to one with a log, SQLite also needs its log to read.
func TestReadOnlyCreatesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "app.db")
	other, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	execute(t, other, "CREATE TABLE t (x)", "INSERT INTO t VALUES (7)")
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	before := contents(t, dir)
	pool := open(t, "file:"+path+"?mode=ro")
	check(t, "value", get[int](t, pool, "SELECT x FROM t"), 7)
	check(t, "folder", contents(t, dir), before)
}

func TestReadWriteFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "app.db")
	writeFile(t, path, "") // an empty file is an empty database
	pool := open(t, "file:"+path+"?mode=rw")
	execute(t, pool, "CREATE TABLE t (x)", "INSERT INTO t VALUES (7)")
	check(t, "value", get[int](t, pool, "SELECT x FROM t"), 7)
}

// TestFileNames opens each file by its path, and by a URI, and wants it to have just
// that name.
func TestFileNames(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("has no such names")
	}
	for _, name := range []string{
		"plain", "with space.db", "100%.db", "%20.db", "%41", "what?.db", "?mode=ro", "no#1.db", "a&b=c.db", "a+b.db", "a;b.db",
		"it's.db", `"quoted".db`, "日本語.db", "é.db", "émoji🙂.db", ":memory:.db", "a:b.db", "-dash", "~", "[x]{y}|z",
	} {
		dir := t.TempDir()
		uri := open(t, "file:"+dir+"/"+url.PathEscape(name))
		execute(t, uri, "CREATE TABLE t (x)", "INSERT INTO t VALUES (7)")
		check(t, name, slices.Sorted(maps.Keys(modes(t, dir))), []string{name, name + "-shm", name + "-wal"})
		if !strings.Contains(name, "?") { // which a path can't have
			check(t, name, get[int](t, open(t, dir+"/"+name), "SELECT x FROM t"), 7)
		}
	}
}

// TestChangeFolder is about a relative path: it is seen from where the process was
// when it opened the database, for all of the pool's connections.
func TestChangeFolder(t *testing.T) {
	before, after := t.TempDir(), t.TempDir()
	t.Chdir(before)
	pool := open(t, "app.db")
	execute(t, pool, "CREATE TABLE t (x)")
	t.Chdir(after)
	pool.SetMaxIdleConns(0) // from now on each use is a new connection
	for range 2 {
		execute(t, pool, "INSERT INTO t VALUES (1)")
	}
	check(t, "rows", get[int](t, pool, "SELECT count(*) FROM t"), 2)
	check(t, "new folder", modes(t, after), map[string]string{})
}

// TestPragmas wants every connection of a pool to be set up, not just the first.
func TestPragmas(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		url     string
		opts    []db.Option
		timeout int
		sync    int
	}{
		{"file", filepath.Join(t.TempDir(), "app.db"), nil, 5000, 1},
		{"full sync", filepath.Join(t.TempDir(), "app.db"), []db.Option{db.WithFullSync()}, 5000, 2},
		{"busy timeout", filepath.Join(t.TempDir(), "app.db"), []db.Option{db.WithBusyTimeout(1234 * time.Millisecond)}, 1234, 1},
		{"no busy timeout", filepath.Join(t.TempDir(), "app.db"), []db.Option{db.WithBusyTimeout(0)}, 0, 1},
		{"memory", ":memory:", nil, 5000, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pool := open(t, tt.url, tt.opts...)
			for i := range 4 {
				conn, err := pool.Conn(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close() // all are held until the end, so each is another
				connection := fmt.Sprintf("connection %d: ", i)
				check(t, connection+"busy_timeout", get[int](t, conn, "PRAGMA busy_timeout"), tt.timeout)
				check(t, connection+"foreign_keys", get[int](t, conn, "PRAGMA foreign_keys"), 1)
				check(t, connection+"synchronous", get[int](t, conn, "PRAGMA synchronous"), tt.sync)
				check(t, connection+"journal_mode", get[string](t, conn, "PRAGMA journal_mode"), "wal")
			}
		})
	}
}

func TestForeignKeysAreEnforced(t *testing.T) {
	t.Parallel()
	pool := open(t, filepath.Join(t.TempDir(), "app.db"))
	execute(t, pool, "CREATE TABLE p (id INTEGER PRIMARY KEY)", "CREATE TABLE c (p REFERENCES p (id) ON DELETE CASCADE)")
	pool.SetMaxIdleConns(0) // each use is a new connection
	for range 3 {
		_, err := pool.ExecContext(t.Context(), "INSERT INTO c VALUES (1)")
		checkKind(t, "insert", err, db.ErrForeignKey)
	}
	execute(t, pool, "INSERT INTO p VALUES (1)", "INSERT INTO c VALUES (1)", "DELETE FROM p")
	check(t, "children", get[int](t, pool, "SELECT count(*) FROM c"), 0)
}

// TestProcessesOpenNewFile lets several processes open a file at the same time that
// isn't there yet.
func TestProcessesOpenNewFile(t *testing.T) {
	t.Parallel()
	const processes = 8
	children := startChildren(t, processes)
	for range rounds(10) {
		path := filepath.Join(t.TempDir(), "app.db")
		for i, answer := range order(t, children, "open", path) {
			if answer != "ok" {
				t.Errorf("process %d: %s", i, answer)
			}
		}
		pool := open(t, path)
		check(t, "rows", get[int](t, pool, "SELECT count(*) FROM t"), processes)
		check(t, "integrity", get[string](t, pool, "PRAGMA integrity_check"), "ok")
	}
}

func openAndInsert(ctx context.Context, path string) error {
	pool, err := db.Open(ctx, path)
	if err != nil {
		return err
	}
	_, createErr := pool.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS t (x)")
	_, insertErr := pool.ExecContext(ctx, "INSERT INTO t VALUES (1)")
	return errors.Join(createErr, insertErr, pool.Close())
}
