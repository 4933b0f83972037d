package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/rogpeppe/go-internal/testscript"

	_ "modernc.org/sqlite" // makes files that package db doesn't make
)

// TestCare runs the sessions in testdata/care, about duolite migrate, status and doctor, on files and on servers that
// require a token. $DB is a new database, whose token is in TURSO_AUTH_TOKEN. $EXPIRED is a token that the server
// refuses. Besides what testscript has, they use
//
//	exits CODE duolite ARGS...
//	sql FILE                  which runs a script on $DB
//	plain NAME FILE           which makes a file by another driver, by a script
//	damage NAME               which overwrites a page of a file
func TestCare(t *testing.T) {
	t.Parallel()
	t.Run("file", func(t *testing.T) {
		runCare(t, "file", func(env *testscript.Env) { env.Setenv("DB", "app.db") })
	})
	t.Run("server", func(t *testing.T) {
		if testing.Short() {
			t.Skip("it starts servers")
		}
		runCare(t, "server", func(env *testscript.Env) {
			srv := dbtest.StartServer(t, dbtest.WithAuth())
			env.Setenv("DB", srv.URL())
			env.Setenv("TURSO_AUTH_TOKEN", srv.Token(dbtest.ReadWrite))
			env.Setenv("EXPIRED", srv.ExpiredToken())
		})
	})
}

func runCare(t *testing.T, home string, setUp func(*testscript.Env)) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/care",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			setUp(env)
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if cond != "file" && cond != "server" {
				return false, fmt.Errorf("unknown condition %s", cond)
			}
			return cond == home, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "sql": runSQL, "plain": plain, "damage": damage},
	})
}

func runSQL(ts *testscript.TestScript, neg bool, args []string) {
	var opts []db.Option
	url := ts.Getenv("DB")
	if token := ts.Getenv("TURSO_AUTH_TOKEN"); token != "" {
		opts = append(opts, db.WithAuthToken(token))
	} else {
		url = ts.MkAbs(url)
	}
	pool, err := db.Open(context.Background(), url, opts...)
	ts.Check(err)
	defer pool.Close()
	_, err = pool.Exec(ts.ReadFile(args[0]))
	ts.Check(err)
}

func plain(ts *testscript.TestScript, neg bool, args []string) {
	pool, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	defer pool.Close()
	_, err = pool.Exec(ts.ReadFile(args[1]))
	ts.Check(err)
}

func damage(ts *testscript.TestScript, neg bool, args []string) {
	file, err := os.OpenFile(ts.MkAbs(args[0]), os.O_WRONLY, 0)
	ts.Check(err)
	defer file.Close()
	_, err = file.WriteAt([]byte(strings.Repeat("garbage ", 100)), 2*4096)
	ts.Check(err)
}
