package db_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// shop fills a database with the kinds of objects that a copy can get wrong.
const shop = `
CREATE TABLE notes (body TEXT, tags);
INSERT INTO notes (rowid, body, tags) VALUES (7, 'seven', 1), (-3, 'minus three', 2.5), (9000000000, 'far', NULL), (8, x'00ff', x'');
CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, total REAL, doubled AS (total * 2));
INSERT INTO orders VALUES (1, 'first', 1.5), (90, 'ninety', -0.0), (50, 'fifty', 3);
DELETE FROM orders WHERE id = 90;
CREATE TABLE pairs (a TEXT COLLATE NOCASE, b INT, PRIMARY KEY (a, b DESC)) STRICT, WITHOUT ROWID;
INSERT INTO pairs VALUES ('b', 1), ('B', 2), ('a', 9), ('c', -1);
CREATE VIRTUAL TABLE search USING fts5(body, content='notes', content_rowid='rowid');
INSERT INTO search (search) VALUES ('rebuild');
CREATE INDEX by_total ON orders (total DESC) WHERE total > 1;
CREATE VIEW totals AS SELECT sum(total) AS total FROM orders;
CREATE TRIGGER noted AFTER INSERT ON orders BEGIN INSERT INTO notes (body) VALUES (new.name); END;
PRAGMA user_version = 42;
`

func tempPath(t *testing.T) string { return filepath.Join(t.TempDir(), "backup.db") }

// wantAlone checks that a folder has these files, and that their owner alone can read them.
func wantAlone(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
		info, err := entry.Info()
		if err != nil {
			t.Fatal(err)
		}
		if runtime.GOOS != "windows" && info.Mode() != 0o600 {
			t.Errorf("%s has the mode %v, want 0600", entry.Name(), info.Mode())
		}
	}
	check(t, "files", fmt.Sprint(got), fmt.Sprint(names))
}

// TestBackup: a backup of each kind of database has the whole database, and is a plain file of its own.
func TestBackup(t *testing.T) {
	t.Parallel()
	each := func(t *testing.T, pool *sql.DB) {
		path := tempPath(t)
		var last, all int64
		if err := db.Backup(t.Context(), pool, path, db.WithBackupProgress(func(n, of int64) { last, all = n, of })); err != nil {
			t.Fatal(err)
		}
		wantAlone(t, filepath.Dir(path), "backup.db")
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		check(t, "progress", []int64{last, all}, []int64{info.Size(), info.Size()})
		plain := open(t, "file:"+path+"?immutable=1")
		check(t, "journal mode", get[string](t, plain, "PRAGMA journal_mode"), "delete")
		plain.Close()
		wantShop(t, open(t, path))
	}
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		execute(t, pool, shop)
		each(t, pool)
	})
	t.Run("replica", func(t *testing.T) {
		s := dbtest.StartServer(t)
		pool := open(t, replicaURL(s, filepath.Join(t.TempDir(), "replica.db")))
		execute(t, pool, shop)
		each(t, pool)
	})
}

// wantShop checks the content that shop made.
func wantShop(t *testing.T, pool *sql.DB) {
	t.Helper()
	for query, want := range map[string]string{
		"SELECT group_concat(rowid || ':' || typeof(body) || ':' || typeof(tags)) FROM notes": "-3:text:real,7:text:integer,8:blob:blob,9000000000:text:null",
		"SELECT group_concat(a || b) FROM pairs":                                              "a9,B2,b1,c-1",
		"SELECT group_concat(id) FROM (SELECT id FROM orders ORDER BY id)":                    "1,50",
		"SELECT rowid FROM search WHERE search MATCH 'minus'":                                 "-3",
		"SELECT group_concat(name || seq) FROM sqlite_sequence":                               "orders90",
		"SELECT total FROM totals":                                                            "4.5",
		"SELECT user_version FROM pragma_user_version":                                        "42",
		"SELECT integrity_check FROM pragma_integrity_check":                                  "ok",
	} {
		check(t, query, get[string](t, pool, query), want)
	}
	execute(t, pool, "INSERT INTO orders (name) VALUES ('next')")
	check(t, "the next id, and the trigger's row", get[string](t, pool, "SELECT max(id) || ' ' || (SELECT count(*) FROM notes) FROM orders"), "91 5")
}

// TestBackupRefused: a backup that can't be made is one clear error, and leaves nothing behind.
func TestBackupRefused(t *testing.T) {
	t.Parallel()
	pool := dbtest.OpenTemp(t, nil)
	execute(t, pool, shop)

	t.Run("a file that exists", func(t *testing.T) {
		path := tempPath(t)
		must(t, os.WriteFile(path, []byte("mine"), 0o600))
		err := db.Backup(t.Context(), pool, path)
		checkError(t, "error", err, db.ErrCantOpen, 14, path+" exists; choose another name, or allow the file to be replaced")
		check(t, "is fs.ErrExist", errors.Is(err, fs.ErrExist), true)
		check(t, "content", string(readFile(t, path)), "mine")
		wantAlone(t, filepath.Dir(path), "backup.db")
		must(t, db.Backup(t.Context(), pool, path, db.WithReplace()))
		wantShop(t, open(t, path))
	})
	t.Run("a log of another database", func(t *testing.T) {
		path := tempPath(t)
		must(t, os.WriteFile(path+"-wal", []byte("mine"), 0o600))
		checkKind(t, "error", db.Backup(t.Context(), pool, path), db.ErrCantOpen)
		wantAlone(t, filepath.Dir(path), "backup.db-wal")
		must(t, db.Backup(t.Context(), pool, path, db.WithReplace()))
		wantAlone(t, filepath.Dir(path), "backup.db")
	})
	t.Run("a folder that doesn't exist", func(t *testing.T) {
		err := db.Backup(t.Context(), pool, filepath.Join(t.TempDir(), "no", "backup.db"))
		checkKind(t, "error", err, db.ErrCantOpen)
		check(t, "is fs.ErrNotExist", errors.Is(err, fs.ErrNotExist), true)
	})
	t.Run("a path that ends like a folder", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "no") + string(filepath.Separator)
		checkError(t, "error", db.Backup(t.Context(), pool, path), db.ErrCantOpen, 14, path+" is a folder; name a file in it")
		wantAlone(t, filepath.Dir(filepath.Dir(path)))
	})
	t.Run("a context that ends", func(t *testing.T) {
		path := tempPath(t)
		ctx, cancel := context.WithCancel(t.Context())
		err := db.Backup(ctx, pool, path, db.WithBackupProgress(func(int64, int64) { cancel() }))
		check(t, "the context ended it", errors.Is(err, context.Canceled), true)
		wantAlone(t, filepath.Dir(path))
	})
	t.Run("a progress function that panics", func(t *testing.T) {
		path, pool := tempPath(t), dbtest.OpenTemp(t, nil)
		execute(t, pool, shop)
		func() {
			defer func() { check(t, "panic", recover(), any("mine")) }()
			_ = db.Backup(t.Context(), pool, path, db.WithBackupProgress(func(int64, int64) { panic("mine") }))
		}()
		wantAlone(t, filepath.Dir(path))
		execute(t, pool, "CREATE TABLE after (x)") // the pool can be used again
	})
	t.Run("a damaged database", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "damaged.db")
		damaged := open(t, file)
		execute(t, damaged, "CREATE TABLE t (x); CREATE INDEX i ON t (x); INSERT INTO t VALUES (1), (2)")
		must(t, damaged.Close())
		content := readFile(t, file)
		content[2*4096+4] = 1 // the number of entries in the index's page
		must(t, os.WriteFile(file, content, 0o600))
		damaged = open(t, file)
		path := tempPath(t)
		checkKind(t, "error", db.Backup(t.Context(), damaged, path), db.ErrCorrupt)
		wantAlone(t, filepath.Dir(path))
		must(t, db.Backup(t.Context(), damaged, path, db.WithoutIntegrityCheck()))
		wantAlone(t, filepath.Dir(path), "backup.db")
	})
}

// TestBackupOfFunctions: the check of a backup has the functions and collations of the pool, which indexes may need.
func TestBackupOfFunctions(t *testing.T) {
	t.Parallel()
	own := []db.Option{
		db.WithFunction("size", func(s string) int { return len(s) }, db.Deterministic),
		db.WithCollation("backwards", func(a, b string) int { return strings.Compare(b, a) }),
	}
	original := tempPath(t)
	pool := open(t, original, own...)
	execute(t, pool, "CREATE TABLE t (x COLLATE backwards PRIMARY KEY); CREATE INDEX by_size ON t (size(x)); INSERT INTO t VALUES ('a'), ('bb'), ('c')")
	path, again := tempPath(t), tempPath(t)
	must(t, db.Backup(t.Context(), pool, path))
	checkError(t, "restored with a check", db.Restore(t.Context(), path, again), nil, 1,
		"the integrity check isn't possible: unknown function: size(); an index may need a function or a collation of a program or a server: open the file with it and call Backup, or leave the check out (WithoutIntegrityCheck, or --no-check of the command)")
	wantAlone(t, filepath.Dir(again))
	must(t, db.Restore(t.Context(), path, again, db.WithoutIntegrityCheck()))
	check(t, "the bytes", bytes.Equal(readFile(t, again), readFile(t, path)), true)

	// A backup of a pool with the functions restores with a check.
	execute(t, pool, "DELETE FROM t")
	saved := open(t, "file:"+path+"?mode=ro", own...)
	checkKind(t, "a file in use", db.Backup(t.Context(), saved, original, db.WithReplace()), db.ErrBusy)
	must(t, pool.Close())
	must(t, db.Backup(t.Context(), saved, original, db.WithReplace()))
	check(t, "the bytes", bytes.Equal(readFile(t, original), readFile(t, path)), true)
}

// TestRestoreEmpty: a file without content, such as a download that failed, doesn't take the place of a database.
func TestRestoreEmpty(t *testing.T) {
	t.Parallel()
	path, empty := tempPath(t), tempPath(t)
	execute(t, open(t, path), "CREATE TABLE t (x)")
	before := readFile(t, path)
	for _, size := range []int{0, 1, 511} {
		must(t, os.WriteFile(empty, make([]byte, size), 0o600))
		err := db.Restore(t.Context(), empty, path, db.WithReplace())
		checkError(t, "error", err, db.ErrNotADatabase, 26, fmt.Sprintf("%s has %d bytes, and no database in it", empty, size))
	}
	check(t, "the bytes", bytes.Equal(readFile(t, path), before), true)
}

// TestRestore: a database takes the place of another one as a whole, with nothing of the other's log, unless the other
// is in use.
func TestRestore(t *testing.T) {
	t.Parallel()
	pool := dbtest.OpenTemp(t, nil)
	execute(t, pool, shop)
	saved := tempPath(t)
	must(t, db.Backup(t.Context(), pool, saved))

	path := filepath.Join(t.TempDir(), "app.db")
	old := open(t, path)
	execute(t, old, "CREATE TABLE old (x); INSERT INTO old VALUES (1)")
	checkKind(t, "a file that exists", db.Restore(t.Context(), saved, path), db.ErrCantOpen)
	inUse := db.Restore(t.Context(), saved, path, db.WithReplace())
	checkError(t, "a file in use", inUse, db.ErrBusy, 5, path+" is in use, by this process or by another; close it there first")
	check(t, "rows of the file in use", get[int64](t, old, "SELECT count(*) FROM old"), int64(1))

	// A crash leaves a log with commits.
	crashed := filepath.Join(t.TempDir(), "app.db")
	for _, suffix := range []string{"", "-wal"} {
		must(t, os.WriteFile(crashed+suffix, readFile(t, path+suffix), 0o600))
	}
	old.Close()
	for name, path := range map[string]string{"closed": path, "crashed": crashed} {
		must(t, db.Restore(t.Context(), saved, path, db.WithReplace()))
		wantAlone(t, filepath.Dir(path), "app.db")
		t.Run(name, func(t *testing.T) { wantShop(t, open(t, path)) })
	}

	notADatabase := filepath.Join(t.TempDir(), "app.db")
	for _, suffix := range []string{"", "-wal", "-journal"} {
		must(t, os.WriteFile(notADatabase+suffix, bytes.Repeat([]byte("some other content. "), 1000), 0o600))
	}
	plain := tempPath(t)
	must(t, os.WriteFile(plain, readFile(t, notADatabase), 0o600))
	checkError(t, "a backup that is no database", db.Restore(t.Context(), plain, tempPath(t)), db.ErrNotADatabase, 26, plain+": file is not a database")
	must(t, db.Restore(t.Context(), saved, notADatabase, db.WithReplace()))
	wantAlone(t, filepath.Dir(notADatabase), "app.db")
	wantShop(t, open(t, notADatabase))
	checkKind(t, "no backup", db.Restore(t.Context(), filepath.Join(t.TempDir(), "no.db"), tempPath(t)), db.ErrCantOpen)
}

func init() {
	orders["restore"] = func(ctx context.Context, argument string) error {
		from, to, _ := strings.Cut(argument, " ")
		return db.Restore(ctx, from, to, db.WithReplace())
	}
}

// TestRestoreKilled kills a process that replaces a database, which has a log with commits. Then the one database or the other is there, as a whole.
func TestRestoreKilled(t *testing.T) {
	t.Parallel()
	saved, old := tempPath(t), filepath.Join(t.TempDir(), "old.db")
	for path, name := range map[string]string{saved: "new", old: "old"} {
		pool := open(t, path)
		execute(t, pool, "CREATE TABLE t (x, name); CREATE INDEX i ON t (x)",
			"WITH RECURSIVE i (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < 1000) INSERT INTO t SELECT randomblob(500), '"+name+"' FROM i")
	}
	log := readFile(t, old+"-wal")
	found := map[string]int{}
	for range rounds(10) {
		path := filepath.Join(t.TempDir(), "app.db")
		must(t, os.WriteFile(path, readFile(t, old), 0o600))
		must(t, os.WriteFile(path+"-wal", log, 0o600))
		killAfter(t, "restore "+saved+" "+path, time.Duration(rand.Int64N(int64(250*time.Millisecond))))
		pool := open(t, path)
		check(t, "integrity", get[string](t, pool, "PRAGMA integrity_check"), "ok")
		check(t, "rows", get[int64](t, pool, "SELECT count(*) FROM t"), int64(1000))
		found[get[string](t, pool, "SELECT group_concat(DISTINCT name) FROM t")]++
		pool.Close()
	}
	check(t, "databases with rows of both", found["old"]+found["new"], rounds(10))
	t.Log(found)
}

// killAfter has a process carry out an order, and kills it after a time.
func killAfter(t *testing.T, order string, after time.Duration) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"=1")
	cmd.Stdin = strings.NewReader(order + "\n")
	must(t, cmd.Start())
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	_ = cmd.Wait()
}

// TestBackupOfWriters makes backups while programs move amounts between two tables: each backup has the sum. The tables are larger than the part of a
// database that a backup reads at once.
func TestBackupOfWriters(t *testing.T) {
	t.Parallel()
	pool := dbtest.OpenTemp(t, nil)
	execute(t, pool, `CREATE TABLE a (id INTEGER PRIMARY KEY, n INT, pad); CREATE TABLE b (id INTEGER PRIMARY KEY, n INT, pad);
		WITH RECURSIVE i (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < 200) INSERT INTO a SELECT i, 1000, randomblob(15000) FROM i;
		INSERT INTO b SELECT id, 1000, randomblob(15000) FROM a;`)
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	for writer := range 8 {
		group.Go(func() {
			for i := writer; ctx.Err() == nil; i++ {
				err := db.InTx(ctx, pool, func(tx *sql.Tx) error {
					_, err := tx.ExecContext(ctx, "UPDATE a SET n = n - 1, pad = randomblob(15000) WHERE id = 1 + ?1 % 200; ", i)
					if err == nil {
						_, err = tx.ExecContext(ctx, "UPDATE b SET n = n + 1, pad = randomblob(15000) WHERE id = 1 + ?1 * 7 % 200", i)
					}
					return err
				})
				if err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
			}
		})
	}
	defer group.Wait()
	defer cancel()
	moved := map[int64]bool{}
	for range rounds(20) {
		path := tempPath(t)
		must(t, db.Backup(t.Context(), pool, path))
		saved := open(t, path)
		check(t, "sum", get[int64](t, saved, "SELECT (SELECT sum(n) FROM a) + (SELECT sum(n) FROM b)"), int64(400_000))
		moved[get[int64](t, saved, "SELECT sum(n) FROM b")] = true
		saved.Close()
	}
	if len(moved) < 2 {
		t.Error("the writers wrote nothing between the backups")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	must(t, err)
	return content
}
