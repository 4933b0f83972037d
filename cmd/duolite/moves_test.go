package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/rogpeppe/go-internal/testscript"
)

// TestMoves runs the scripts in testdata/moves: duolite schema, copy, backup and restore on files. Besides the commands of
// runScripts they have
//
//	database FILE SCRIPT
//
// which runs a script of SQL in a database that needn't exist, and in which strings may have double quotes.
//
// With -short the scripts that compile programs are left out.
func TestMoves(t *testing.T) {
	if testing.Short() {
		runScripts(t, "", func(*testscript.Env) {}, "testdata/moves/backup.txtar", "testdata/moves/copy.txtar")
		return
	}
	runScripts(t, "testdata/moves", func(*testscript.Env) {})
}

// TestMovesServer runs the scripts in testdata/moveserver. They have the URLs of two servers that want tokens, and the tokens.
func TestMovesServer(t *testing.T) {
	first, second := dbtest.StartServer(t, dbtest.WithAuth()), dbtest.StartServer(t, dbtest.WithAuth())
	runScripts(t, "testdata/moveserver", func(env *testscript.Env) {
		env.Setenv("FIRST", first.URL())
		env.Setenv("FIRSTTOKEN", first.Token(dbtest.ReadWrite))
		env.Setenv("SECOND", second.URL())
		env.Setenv("SECONDTOKEN", second.Token(dbtest.ReadWrite))
	})
}

func database(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: database FILE SCRIPT")
	}
	pool, err := db.Open(context.Background(), ts.MkAbs(args[0]), db.WithDoubleQuotedStrings())
	ts.Check(err)
	defer pool.Close()
	_, err = pool.Exec(ts.ReadFile(args[1]))
	ts.Check(err)
}

// TestCopyInterrupted: an interrupted copy says so, and the same command goes on.
func TestCopyInterrupted(t *testing.T) {
	t.Chdir(t.TempDir())
	pool, err := db.Open(t.Context(), "from.db")
	if err != nil {
		t.Fatal(err)
	}
	const rows = 100_000
	_, err = pool.Exec(`CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL);
		INSERT INTO notes (body) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT printf('%0300d', i) FROM n`)
	if err != nil {
		t.Fatal(err)
	}
	pool.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for ctx.Err() == nil {
			if info, err := os.Stat("to.db-wal"); err == nil && info.Size() > 4<<20 {
				cancel()
			}
			time.Sleep(time.Millisecond)
		}
	}()
	var stdout, stderr bytes.Buffer
	code := report(&stderr, run(ctx, []string{"copy", "from.db", "to.db"}, nil, &stdout, &stderr))
	const want = "duolite: the copy isn't complete; the same command goes on\nduolite: interrupted\n"
	if code != exitInterrupted || stdout.Len() > 0 || stderr.String() != want {
		t.Fatalf("exit code %d, stdout %q, stderr %q; want 130, and that it goes on", code, &stdout, &stderr)
	}
	stderr.Reset()
	code = report(&stderr, run(t.Context(), []string{"copy", "from.db", "to.db"}, nil, &stdout, &stderr))
	if code != 0 || !strings.HasPrefix(stderr.String(), "duolite: copied from.db to to.db: 100000 rows, compared, in ") {
		t.Fatalf("exit code %d, stderr %q; want 0, and %d rows", code, &stderr, rows)
	}
}
