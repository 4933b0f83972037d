package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
)

// A move is something that happens to a file that is open.
type move struct {
	name string
	do   func(t *testing.T, dir, path string)
	undo func(t *testing.T, dir, path string) // nil where the first file is no more
	want string
	gone bool // nothing is at the path
}

func moveFile(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func removeFile(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

const (
	wasMoved    = "was renamed or deleted while it was open"
	wasReplaced = "was replaced while it was open"
	lostItsLog  = "has lost its log"
)

var moves = []move{
	{"renamed", func(t *testing.T, dir, path string) { moveFile(t, path, path+".old") },
		func(t *testing.T, dir, path string) { moveFile(t, path+".old", path) }, wasMoved, true},
	{"deleted", func(t *testing.T, dir, path string) { removeFile(t, path) }, nil, wasMoved, true},
	{"deleted with its log", func(t *testing.T, dir, path string) {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			removeFile(t, path+suffix)
		}
	}, nil, wasMoved, true},
	{"deleted and made anew", func(t *testing.T, dir, path string) {
		removeFile(t, path)
		writeFile(t, path, "")
	}, nil, wasReplaced, false},
	{"replaced by a rename", func(t *testing.T, dir, path string) {
		writeFile(t, path+".new", "")
		moveFile(t, path+".new", path)
	}, nil, wasReplaced, false},
	{"exchanged", func(t *testing.T, dir, path string) {
		moveFile(t, path, path+".old")
		writeFile(t, path, "")
	}, func(t *testing.T, dir, path string) { moveFile(t, path+".old", path) }, wasReplaced, false},
	{"replaced by a folder", func(t *testing.T, dir, path string) {
		moveFile(t, path, path+".old")
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
	}, func(t *testing.T, dir, path string) {
		removeFile(t, path)
		moveFile(t, path+".old", path)
	}, wasReplaced, false},
	{"folder renamed", func(t *testing.T, dir, path string) { moveFile(t, dir, dir+".old") },
		func(t *testing.T, dir, path string) { moveFile(t, dir+".old", dir) }, wasMoved, true},
	{"folder replaced", func(t *testing.T, dir, path string) {
		moveFile(t, dir, dir+".old")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}, func(t *testing.T, dir, path string) {
		removeFile(t, dir)
		moveFile(t, dir+".old", dir)
	}, wasMoved, true},
	{"folder replaced by a file", func(t *testing.T, dir, path string) {
		moveFile(t, dir, dir+".old")
		writeFile(t, dir, "")
	}, func(t *testing.T, dir, path string) {
		removeFile(t, dir)
		moveFile(t, dir+".old", dir)
	}, wasMoved, true},
}

// movedUses are ways to use a pool. Each is the first use of a connection after the move.
var movedUses = map[string]func(ctx context.Context, pool *sql.DB) error{
	"read": func(ctx context.Context, pool *sql.DB) error {
		return pool.QueryRowContext(ctx, "SELECT x FROM t").Scan(new(int))
	},
	"new read": func(ctx context.Context, pool *sql.DB) error {
		return pool.QueryRowContext(ctx, "SELECT x + 1 FROM t").Scan(new(int))
	},
	"write": func(ctx context.Context, pool *sql.DB) error {
		_, err := pool.ExecContext(ctx, "UPDATE t SET x = 8")
		return err
	},
	"RETURNING": func(ctx context.Context, pool *sql.DB) error {
		return pool.QueryRowContext(ctx, "UPDATE t SET x = 8 RETURNING x").Scan(new(int))
	},
	"script": func(ctx context.Context, pool *sql.DB) error {
		_, err := pool.ExecContext(ctx, "CREATE TABLE u (x); UPDATE t SET x = 8")
		return err
	},
	"transaction": func(ctx context.Context, pool *sql.DB) error {
		return db.InTx(ctx, pool, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "UPDATE t SET x = 8")
			return err
		})
	},
	"read transaction": func(ctx context.Context, pool *sql.DB) error {
		return db.InReadTx(ctx, pool, func(tx *sql.Tx) error {
			return tx.QueryRowContext(ctx, "SELECT x FROM t").Scan(new(int))
		})
	},
	"Ping": func(ctx context.Context, pool *sql.DB) error { return pool.PingContext(ctx) },
	"new connection": func(ctx context.Context, pool *sql.DB) error {
		conn, err := pool.Conn(ctx)
		if err != nil {
			return err
		}
		defer conn.Close() // while it is borrowed, the next use needs another one
		return pool.PingContext(ctx)
	},
}

// pause is longer than a read relies on the one before it.
const pause = time.Millisecond

// TestMovedFile wants the next use of a file that isn't where it was to be an error, nothing to be
// made in its place, and the pool to go on when it is back.
func TestMovedFile(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("an open file can't be moved there")
	}
	for i, m := range moves {
		for j, use := range slices.Sorted(maps.Keys(movedUses)) {
			for k, mode := range []string{"rwc", "rw", "ro"} {
				if (i+j+k)%3 != 0 && !soaks {
					continue // each two of them meet
				}
				try := movedUses[use]
				t.Run(m.name+"/"+use+"/"+mode, func(t *testing.T) {
					t.Parallel()
					dir := filepath.Join(t.TempDir(), "data")
					if err := os.Mkdir(dir, 0o700); err != nil {
						t.Fatal(err)
					}
					path := filepath.Join(dir, "app.db")
					writer := open(t, path)
					execute(t, writer, "CREATE TABLE t (x)", "INSERT INTO t VALUES (7)")
					pool := open(t, "file:"+path+"?mode="+mode)
					check(t, "before", get[int](t, pool, "SELECT x FROM t"), 7)
					m.do(t, dir, path)
					time.Sleep(pause)
					for range 2 { // the first may have been an open connection, the second is a new one
						checkMoved(t, try(t.Context(), pool), path, m.want)
					}
					if _, err := os.Lstat(path); (err != nil) != m.gone {
						t.Errorf("the file at the path: %v", err)
					}
					if m.undo == nil {
						return
					}
					m.undo(t, dir, path)
					check(t, "after", get[int](t, pool, "SELECT x FROM t"), 7)
					if mode != "ro" {
						execute(t, pool, "UPDATE t SET x = 9")
					}
				})
			}
		}
	}
}

func checkMoved(t *testing.T, err error, path, want string) {
	t.Helper()
	e := checkKind(t, "use", err, db.ErrCantOpen)
	if text := fmt.Sprint(err); !strings.HasPrefix(text, path+" "+want) || strings.Contains(text, "\n") || e.Code != 14 {
		t.Errorf("error %q with the code %d, want that %s %s", text, e.Code, path, want)
	}
	if want == wasMoved && !errors.Is(err, fs.ErrNotExist) && !strings.Contains(err.Error(), "not a directory") {
		t.Errorf("%v isn't fs.ErrNotExist", err)
	}
}

// TestMovedInTransaction is about what was begun before: nothing of it is told to be stored.
func TestMovedInTransaction(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("an open file can't be moved there")
	}
	path := filepath.Join(t.TempDir(), "app.db")
	pool := open(t, path)
	execute(t, pool, "CREATE TABLE t (x)", "INSERT INTO t VALUES (7)")
	for what, end := range map[string]func(tx *sql.Tx) error{
		"Commit": func(tx *sql.Tx) error { return tx.Commit() },
		"Exec": func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(t.Context(), "INSERT INTO t VALUES (9)"); err != nil {
				return err
			}
			return tx.Commit() // which would store it
		},
		"Query": func(tx *sql.Tx) error { return tx.QueryRowContext(t.Context(), "SELECT x FROM t").Scan(new(int)) },
		"RELEASE": func(tx *sql.Tx) error {
			_, err := tx.ExecContext(t.Context(), "RELEASE a")
			return err
		},
	} {
		tx := begin(t, pool, nil)
		execute(t, tx, "SAVEPOINT a", "INSERT INTO t VALUES (8)")
		moveFile(t, path, path+".old")
		time.Sleep(pause)
		checkMoved(t, end(tx), path, wasMoved)
		if err := tx.Commit(); err == nil {
			t.Errorf("%s: Commit has no error", what)
		}
		moveFile(t, path+".old", path)
		check(t, what+": rows", get[int](t, pool, "SELECT count(*) FROM t"), 1)
	}
	conn, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	execute(t, conn, "BEGIN IMMEDIATE", "INSERT INTO t VALUES (8)")
	moveFile(t, path, path+".old")
	_, err = conn.ExecContext(t.Context(), "COMMIT")
	checkMoved(t, err, path, wasMoved)
	moveFile(t, path+".old", path)
	if _, err := conn.ExecContext(t.Context(), "SELECT 1"); err == nil {
		t.Error("the connection goes on")
	}
	check(t, "rows", get[int](t, pool, "SELECT count(*) FROM t"), 1)
}

// TestMovedAtOnce is about writes, which don't rely on an earlier look.
func TestMovedAtOnce(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("an open file can't be moved there")
	}
	path := filepath.Join(t.TempDir(), "app.db")
	pool := open(t, path)
	execute(t, pool, "CREATE TABLE t (x)")
	for range 20 {
		execute(t, pool, "INSERT INTO t VALUES (7)")
		moveFile(t, path, path+".old")
		_, err := pool.ExecContext(t.Context(), "INSERT INTO t VALUES (8)")
		checkMoved(t, err, path, wasMoved)
		moveFile(t, path+".old", path)
	}
	check(t, "rows", get[int](t, pool, "SELECT count(*) FROM t WHERE x = 8"), 0)
}

// TestMovedBetweenConnections is about a pool that has no connection when it happens, so that the
// file's number could be given to the next file.
func TestMovedBetweenConnections(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "app.db")
	pool := open(t, path)
	pool.SetMaxIdleConns(0) // each use is a new connection
	execute(t, pool, "CREATE TABLE t (x)")
	removeFile(t, path)
	writeFile(t, path, "")
	checkMoved(t, pool.PingContext(t.Context()), path, wasReplaced)
	removeFile(t, path)
	checkMoved(t, pool.PingContext(t.Context()), path, wasMoved)
	if found := modes(t, filepath.Dir(path)); len(found) > 0 {
		t.Errorf("made: %v", found)
	}
}
