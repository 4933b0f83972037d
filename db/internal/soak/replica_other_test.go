package soak_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	_ "modernc.org/sqlite"
)

// A program is another one that opens SQLite files. ran returns the statements that it can run, each on a
// connection of its own.
type program struct {
	name string
	ran  func(ctx context.Context, path string, statements ...string) (ran []string, err error)
}

// programs returns the ones that this machine has.
func programs() []program {
	all := []program{{"modernc", oneByOne(func(ctx context.Context, path, statement string) error {
		pool, err := sql.Open("sqlite", path)
		if err != nil {
			return err
		}
		defer pool.Close()
		_, err = pool.ExecContext(ctx, statement)
		return err
	})}}
	if _, err := exec.LookPath("sqlite3"); err == nil {
		all = append(all, program{"sqlite3", oneByOne(func(ctx context.Context, path, statement string) error {
			return exec.CommandContext(ctx, "sqlite3", "-bail", path, statement).Run()
		})})
	}
	if exec.Command("python3", "-c", "import sqlite3").Run() == nil {
		all = append(all, program{"python3", runPython})
	}
	return all
}

func oneByOne(run func(ctx context.Context, path, statement string) error) func(context.Context, string, ...string) ([]string, error) {
	return func(ctx context.Context, path string, statements ...string) (ran []string, err error) {
		for _, statement := range statements {
			if err := run(ctx, path, statement); err == nil {
				ran = append(ran, statement)
			}
		}
		return ran, nil
	}
}

func runPython(ctx context.Context, path string, statements ...string) (ran []string, err error) {
	const script = `
import json, sqlite3, sys
ran = []
for statement in sys.argv[2:]:
    try:
        c = sqlite3.connect(sys.argv[1])
        c.executescript(statement)
        c.commit()
        c.close()
        ran.append(statement)
    except sqlite3.Error:
        pass
print(json.dumps(ran))`
	out, err := exec.CommandContext(ctx, "python3", append([]string{"-c", script, path}, statements...)...).Output()
	if err == nil {
		err = json.Unmarshal(out, &ran)
	}
	return ran, err
}

// TestReplicaAndOtherPrograms has other programs try to write a replica, while it is followed and while it
// isn't. They can read it, and write what is detached from it.
func TestReplicaAndOtherPrograms(t *testing.T) {
	t.Parallel()
	server := newPrimary(t)
	direct := open(t, server.database(), worldSchema...)
	path := filepath.Join(t.TempDir(), "replica.db")
	rng := newSeed(t).rand(0)
	writes := []string{
		"INSERT INTO state VALUES (1, 1)", "UPDATE state SET n = 99", "DELETE FROM shape", "CREATE TABLE other (a)", "DROP TABLE shape",
		"CREATE INDEX other ON state (n)", "VACUUM", "PRAGMA user_version = 7", "BEGIN EXCLUSIVE; UPDATE state SET n = 99; COMMIT",
		"PRAGMA writable_schema = ON; DELETE FROM sqlite_schema",
	}
	reads := []string{wholeState, "PRAGMA integrity_check", "PRAGMA wal_checkpoint(TRUNCATE)", "CREATE TEMP TABLE own (a); INSERT INTO own VALUES (1)"}
	try := func(p program, pool *sql.DB) {
		if ran, err := p.ran(t.Context(), path, slices.Concat(writes, reads)...); err != nil || !slices.Equal(ran, reads) {
			t.Errorf("%s has run %q, %v; want %q", p.name, ran, err, reads)
		}
		if _, err := nextState(t.Context(), direct, rng); err != nil {
			t.Fatal(err)
		}
		if pool == nil {
			pool = openReplica(t, server.URL(), path)
			defer pool.Close()
		}
		checkSame(t, pool, direct)
	}
	openReplica(t, server.URL(), path).Close()
	for _, p := range programs() {
		t.Logf("with %s", p.name)
		try(p, nil)
		pool := openReplica(t, server.URL(), path)
		try(p, pool)
		try(p, pool)
		detached := filepath.Join(t.TempDir(), "detached.db")
		if err := db.Detach(t.Context(), pool, detached); err != nil {
			t.Fatal(err)
		}
		if ran, err := p.ran(t.Context(), detached, "UPDATE state SET n = -1"); err != nil || len(ran) != 1 {
			t.Errorf("%s can't write a detached file: %v", p.name, err)
		}
		own := open(t, dbtest.Database{Name: "file", URL: detached}, "UPDATE state SET n = n - 1")
		var n int
		if err := own.QueryRowContext(t.Context(), "SELECT n FROM state").Scan(&n); err != nil || n != -2 {
			t.Errorf("the detached file has the state %d, %v", n, err)
		}
		pool.Close()
	}
}
