package sqlite

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/internal/sqltext"
)

// TestLogHasEachCommit opens copies of a database and its log after commits, as a process finds them after
// another one was killed, with another driver. With a small page cache, transactions write pages to the log
// before they end, read them back, and write them again.
func TestLogHasEachCommit(t *testing.T) {
	t.Parallel()
	for _, pages := range []int{4, 40, 4000} {
		t.Run(fmt.Sprint(pages), func(t *testing.T) {
			t.Parallel()
			testLogHasEachCommit(t, pages)
		})
	}
}

func testLogHasEachCommit(t *testing.T, pages int) {
	cfg := fileConfig(t, 0)
	c := connect(t, New(cfg))
	mustExec(t, c, fmt.Sprint("PRAGMA cache_size = ", pages), "CREATE TABLE t (id INTEGER PRIMARY KEY, n, x)", "CREATE INDEX i ON t (x)")
	exec(t, c, sqltext.Insert, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO t SELECT i, 0, hex(randomblob(80)) FROM n")
	random := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		must(t, c.Begin(t.Context(), engine.Write))
		for range random.IntN(4) {
			changes := random.IntN(30)
			exec(t, c, sqltext.Outside, "SAVEPOINT s")
			for range changes {
				exec(t, c, sqltext.Change, "UPDATE t SET n = n + 1, x = hex(randomblob(80)) WHERE id % 300 = ?", random.Int64N(300))
			}
			if random.IntN(4) == 0 {
				exec(t, c, sqltext.Outside, "ROLLBACK TO s")
			}
			exec(t, c, sqltext.Outside, "RELEASE s")
		}
		if random.IntN(5) == 0 {
			must(t, c.Rollback(t.Context()))
		} else {
			must(t, c.Commit(t.Context()))
		}
		if random.IntN(2) == 0 {
			mustExec(t, c, "UPDATE t SET n = n + 1 WHERE id = 7")
		}
		const sum = "SELECT count(*) || ' ' || sum(n) || ' ' || max(x) FROM t"
		check(t, "copy", inCopy(t, cfg.Path, sum), fmt.Sprint(get(t, c, sum)))
		check(t, "integrity of the copy", inCopy(t, cfg.Path, "PRAGMA integrity_check"), "ok")
	}
}

// TestRolledBackFrames rolls transactions back that have written pages to the log. Another connection then has
// their place in the log for its own.
func TestRolledBackFrames(t *testing.T) {
	t.Parallel()
	for _, plain := range []bool{false, true} {
		t.Run(fmt.Sprint("plain ", plain), func(t *testing.T) {
			t.Parallel()
			cfg := fileConfig(t, 0)
			cfg.Plain = plain
			testRolledBackFrames(t, New(cfg))
		})
	}
}

func testRolledBackFrames(t *testing.T, d engine.Database) {
	c := connect(t, d)
	other := reconnect(t, d)
	mustExec(t, c, "PRAGMA cache_size = 4", "CREATE TABLE t (id INTEGER PRIMARY KEY, n, x)")
	exec(t, c, sqltext.Insert, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO t SELECT i, 0, hex(randomblob(300)) FROM n")
	const sum = "SELECT sum(n) FROM t"
	for round := range int64(20) {
		mustExec(t, c, "PRAGMA wal_checkpoint(TRUNCATE)") // so that the log isn't read between two writes
		must(t, c.Begin(t.Context(), engine.Write))
		exec(t, c, sqltext.Change, "UPDATE t SET n = 77 WHERE id < ?", 10+10*round)
		must(t, c.Rollback(t.Context()))
		exec(t, other, sqltext.Change, "UPDATE t SET n = n + 1")
		want := any(300 * (round + 1))
		check(t, "sum after a rollback", get(t, c, sum), want)
		check(t, "sum in the other connection", get(t, other, sum), want)
		check(t, "sum in a copy", inCopy(t, c.cfg.Path, sum), fmt.Sprint(want))
		check(t, "integrity of the copy", inCopy(t, c.cfg.Path, "PRAGMA integrity_check"), "ok")
	}
}

// inCopy returns the answer to a query in a copy of the files of a database.
func inCopy(t *testing.T, path, query string) (answer string) {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy.db")
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(path + suffix)
		must(t, err)
		must(t, os.WriteFile(to+suffix, data, 0o600))
	}
	pool, err := sql.Open("sqlite", to)
	must(t, err)
	defer pool.Close()
	must(t, pool.QueryRowContext(t.Context(), query).Scan(&answer))
	return answer
}
