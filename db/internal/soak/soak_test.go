// Package soak_test tries for a long time to break promises of package db that a short
// test can't hold it to: what was acknowledged survives any crash of a process, nobody
// reads what isn't committed, a key's operations take place one after another, and many
// may write and read at once.
//
// By itself it takes some ten seconds. What makes it longer, or the same again:
//
//	DUOLITE_SOAK=10m         each test that runs for a time runs for so long, on each
//	                         database, and 300 processes are killed instead of 6
//	DUOLITE_SOAK_KILLS=2000  so many are killed
//	DUOLITE_SEED=17          takes the random decisions of an earlier run: a test prints
//	                         its seed. When things happen is still up to the machine.
//
// With them go test needs a -timeout that is longer.
package soak_test

import (
	"database/sql"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if text := os.Getenv(childEnv); text != "" {
		runErrand(text)
		return
	}
	if text := os.Getenv(replicaEnv); text != "" {
		runFollowErrand(text)
		return
	}
	code := m.Run()
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// runTime returns how long a test shall run that takes as long as it is given.
func runTime(t *testing.T, short time.Duration) time.Duration {
	t.Helper()
	text := os.Getenv("DUOLITE_SOAK")
	if text == "" {
		return short
	}
	long, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("DUOLITE_SOAK: %v", err)
	}
	return long
}

// killCount returns how many processes a test shall kill.
func killCount(t *testing.T) int {
	t.Helper()
	if text := os.Getenv("DUOLITE_SOAK_KILLS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("DUOLITE_SOAK_KILLS: %v", err)
		}
		return n
	}
	if os.Getenv("DUOLITE_SOAK") != "" {
		return 300
	}
	return 6
}

// A seed is where the random decisions of a test come from.
type seed uint64

// newSeed prints the seed, by which DUOLITE_SEED repeats the test.
func newSeed(t *testing.T) seed {
	t.Helper()
	s := rand.Uint64N(1_000_000)
	if text := os.Getenv("DUOLITE_SEED"); text != "" {
		var err error
		if s, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("DUOLITE_SEED: %v", err)
		}
	}
	t.Logf("DUOLITE_SEED=%d", s)
	name := fnv.New64a()
	name.Write([]byte(t.Name()))
	return seed(s ^ name.Sum64())
}

// rand returns the decisions of one of the test's goroutines or processes.
func (s seed) rand(number int) *rand.Rand {
	return rand.New(rand.NewPCG(uint64(s), uint64(number)))
}

// eachEngine runs a test on a file, in memory, and on a server, which it has for itself.
func eachEngine(t *testing.T, test func(t *testing.T, d dbtest.Database)) {
	t.Run("file", func(t *testing.T) {
		t.Parallel()
		test(t, newFile(t))
	})
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		test(t, newMemory(t))
	})
	t.Run("server", func(t *testing.T) {
		t.Parallel()
		test(t, newServer(t))
	})
}

func newFile(t *testing.T) dbtest.Database {
	return dbtest.Database{Name: "file", URL: filepath.Join(t.TempDir(), "soak.db")}
}

func newMemory(*testing.T) dbtest.Database {
	return dbtest.Database{Name: "memory", URL: ":memory:"}
}

func newServer(t *testing.T) dbtest.Database {
	s := dbtest.StartServer(t)
	return dbtest.Database{Name: "server", URL: s.URL(), Server: s}
}

// maxConns is more than any test has goroutines, so that none waits for a connection.
const maxConns = 40

// options are those of every pool. How long a lock is waited for isn't what is tested
// here, and machines may be slow, so the wait is long. A server has its own.
func options(local bool) []db.Option {
	opts := []db.Option{db.WithMaxOpenConns(maxConns)}
	if local {
		opts = append(opts, db.WithBusyTimeout(time.Minute))
	}
	return opts
}

// open opens the database for a test and runs statements.
func open(t *testing.T, d dbtest.Database, statements ...string) *sql.DB {
	t.Helper()
	pool := d.Open(t, nil, options(d.Local())...)
	for _, statement := range statements {
		if _, err := pool.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	return pool
}
