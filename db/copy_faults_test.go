package db_test

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// many fills a table with rows for many chunks.
const many = `
CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, n INT UNIQUE, x);
WITH RECURSIVE i (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < 600) INSERT INTO t (n, x) SELECT i * 7 % 601, randomblob(i % 40) FROM i;
CREATE TABLE u (k TEXT, n, PRIMARY KEY (k, n DESC)) WITHOUT ROWID;
INSERT INTO u SELECT hex(randomblob(1)), n FROM t;
CREATE TABLE v (x);
INSERT INTO v SELECT x FROM t;
CREATE INDEX by_x ON t (x);
CREATE TRIGGER r AFTER INSERT ON v BEGIN UPDATE t SET n = -n WHERE id = new.rowid; END;
`

// sameRows compares the tables that many makes.
func sameRows(t *testing.T, a, b *sql.DB) {
	t.Helper()
	for _, query := range []string{
		"SELECT count(*), sum(id * n), group_concat(quote(x)) FROM (SELECT * FROM t ORDER BY id)",
		"SELECT count(*), sum(n), group_concat(k) FROM (SELECT * FROM u ORDER BY k, n)",
		"SELECT count(*), sum(rowid), group_concat(quote(x)) FROM (SELECT rowid, x FROM v ORDER BY rowid)",
		"SELECT count(*), sum(seq), group_concat(name) FROM sqlite_sequence",
		"SELECT count(*), 0, group_concat(name) FROM (SELECT name FROM sqlite_schema ORDER BY name)",
	} {
		var results [2]string
		for i, pool := range []*sql.DB{a, b} {
			var count, sum int64
			var all string
			must(t, pool.QueryRowContext(t.Context(), query).Scan(&count, &sum, &all))
			results[i] = fmt.Sprint(count, sum, all)
		}
		if results[0] != results[1] {
			t.Errorf("%s: %.200s… and %.200s…", query, results[0], results[1])
		}
	}
}

// TestCopyInterrupted ends the context of a copy after each step, and goes on, until it is complete.
func TestCopyInterrupted(t *testing.T) {
	t.Parallel()
	for _, h := range homes {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			from, to := dbtest.OpenTemp(t, nil), h.open(t)
			execute(t, from, many)
			interrupted := 0
			for {
				ctx, cancel := context.WithCancel(t.Context())
				steps := 0
				err := db.Copy(ctx, from, to, smallChunks(5000), db.WithCopyProgress(func(p db.CopyProgress) {
					if steps++; steps == 2 && p.Compared == 0 {
						cancel()
					}
				}))
				cancel()
				if err == nil {
					break
				}
				if interrupted++; !errors.Is(err, context.Canceled) || interrupted > 100 {
					t.Fatalf("run %d: %v", interrupted, err)
				}
				if copied := get[int64](t, to, "SELECT count(*) FROM sqlite_schema WHERE name = 'duolite_copy'"); copied != 1 {
					t.Fatal("an unfinished copy isn't marked as one")
				}
			}
			if interrupted < 5 {
				t.Errorf("interrupted %d times, want more", interrupted)
			}
			sameRows(t, from, to)
		})
	}
}

// TestCopyProgressPanics: a progress function that panics ends the copy, also its part that reads the target meanwhile. The pools can be
// used again, and the copy goes on.
func TestCopyProgressPanics(t *testing.T) {
	t.Parallel()
	for _, h := range homes {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			from, to := dbtest.OpenTemp(t, nil), h.open(t)
			execute(t, from, many)
			for _, comparing := range []bool{false, true} {
				func() {
					defer func() { check(t, "panic", recover(), any("mine")) }()
					_ = db.Copy(t.Context(), from, to, smallChunks(1000), db.WithCopyProgress(func(p db.CopyProgress) {
						if comparing == (p.Compared > 0) {
							panic("mine")
						}
					}))
				}()
			}
			must(t, db.Copy(t.Context(), from, to))
			sameRows(t, from, to)
		})
	}
}

// TestCopyOfChanges: if the source was written while a copy was interrupted, the copy isn't taken for complete.
func TestCopyOfChanges(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"a row that was copied":  "UPDATE t SET x = 'changed' WHERE id = 1",
		"a row before the place": "INSERT INTO t (id, n) VALUES (-1, -1)",
		"the schema":             "ALTER TABLE v ADD COLUMN y",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, to := dbtest.OpenTemp(t, nil), dbtest.OpenTemp(t, nil)
			execute(t, from, many)
			ctx, cancel := context.WithCancel(t.Context())
			err := db.Copy(ctx, from, to, smallChunks(5000), db.WithCopyProgress(func(db.CopyProgress) { cancel() }))
			check(t, "interrupted", errors.Is(err, context.Canceled), true)
			execute(t, from, change)
			want := db.ErrDiffers
			if name == "the schema" {
				want = db.ErrNotEmpty
			}
			for range 2 { // it stays so
				if err := db.Copy(t.Context(), from, to); !errors.Is(err, want) {
					t.Errorf("error %v, want %v", err, want)
				}
			}
		})
	}
	t.Run("an unfinished copy", func(t *testing.T) {
		from, to := dbtest.OpenTemp(t, nil), dbtest.OpenTemp(t, nil)
		execute(t, from, many)
		ctx, cancel := context.WithCancel(t.Context())
		_ = db.Copy(ctx, from, to, smallChunks(5000), db.WithCopyProgress(func(db.CopyProgress) { cancel() }))
		err := db.Copy(t.Context(), to, dbtest.OpenTemp(t, nil))
		if err == nil || !strings.Contains(err.Error(), "the source is an unfinished copy") {
			t.Errorf("error %v", err)
		}
	})
}

// TestCopySnapshot: a copy of a database that is written meanwhile is its state at one moment.
func TestCopySnapshot(t *testing.T) {
	t.Parallel()
	for _, h := range homes {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			from, to := h.open(t), dbtest.OpenTemp(t, nil)
			execute(t, from, many, "CREATE TABLE sums (id INTEGER PRIMARY KEY, n INT)", "INSERT INTO sums SELECT id, 0 FROM t")
			writes := 0
			must(t, db.Copy(t.Context(), from, to, smallChunks(2000), db.WithCopyProgress(func(p db.CopyProgress) {
				if writes++; writes < 30 {
					execute(t, from, fmt.Sprintf("UPDATE t SET n = n + 1000 WHERE id = %d; UPDATE sums SET n = n - 1000 WHERE id = %d", writes*17, 600-writes))
				}
			})))
			const sum = "SELECT (SELECT sum(n) FROM t) + (SELECT sum(n) FROM sums)"
			check(t, "sum", get[int64](t, to, sum), get[int64](t, from, sum))
			check(t, "rows changed meanwhile", get[int64](t, to, "SELECT count(*) FROM sums WHERE n <> 0"), int64(0))
		})
	}
}

// TestCopyLosesReplies copies to and from a server whose replies get lost: the copy goes on by itself, and no row is missing or twice.
func TestCopyLosesReplies(t *testing.T) {
	t.Parallel()
	var seen atomic.Int64
	server := dbtest.StartServer(t)
	proxy := startProxy(t, server.URL(), func(p *proxy, w http.ResponseWriter, r *http.Request, _ []byte) {
		switch seen.Add(1) % 47 {
		case 13: // after it ran
			p.forward.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		case 30: // before
			panic(http.ErrAbortHandler)
		}
		p.forward.ServeHTTP(w, r)
	})
	from := dbtest.OpenTemp(t, nil)
	execute(t, from, many)
	far := open(t, proxy.URL)
	must(t, db.Copy(t.Context(), from, far, smallChunks(1000)))
	sameRows(t, from, open(t, server.URL()))
	if n := seen.Load(); n < 50 {
		t.Errorf("%d requests, want many", n)
	}
}

// TestCopySlowTarget: a target that takes longer for a step than a server keeps an idle transaction doesn't end the source's. The source is
// written meanwhile, so the copy would see that.
func TestCopySlowTarget(t *testing.T) {
	t.Parallel()
	if !soaks {
		t.Skip("takes 12 s; make soak runs it")
	}
	from, to := open(t, dbtest.StartServer(t).URL()), open(t, filepath.Join(t.TempDir(), "copy.db"), db.WithBusyTimeout(time.Minute))
	execute(t, from, many)
	var group sync.WaitGroup
	defer group.Wait()
	steps := 0
	must(t, db.Copy(t.Context(), from, to, smallChunks(1000), db.WithCopyProgress(func(db.CopyProgress) {
		if steps++; steps != 10 {
			return
		}
		execute(t, from, "UPDATE t SET n = n + 1000; UPDATE u SET n = n + 1000")
		lock, err := to.BeginTx(t.Context(), nil)
		must(t, err)
		execute(t, lock, "UPDATE duolite_copy SET row = row")
		group.Go(func() {
			time.Sleep(12 * time.Second)
			if err := lock.Rollback(); err != nil {
				t.Error(err)
			}
		})
	})))
	check(t, "rows that changed meanwhile", get[int64](t, to, "SELECT (SELECT count(*) FROM t WHERE n > 1000) + (SELECT count(*) FROM u WHERE n > 1000)"), int64(0))
}

func init() {
	orders["copy"] = func(ctx context.Context, argument string) error {
		from, to, _ := strings.Cut(argument, " ")
		source, err := db.Open(ctx, from)
		if err != nil {
			return err
		}
		defer source.Close()
		target, err := db.Open(ctx, to)
		if err != nil {
			return err
		}
		defer target.Close()
		return db.Copy(ctx, source, target, smallChunks(1000), db.WithCopyProgress(func(db.CopyProgress) { fmt.Println("step") }))
	}
}

// TestCopyKilled kills the process that copies, at random moments, and starts another one, until the copy is complete. make soak
// kills 50 processes in each direction.
func TestCopyKilled(t *testing.T) {
	t.Parallel()
	kills := 4
	if soaks {
		kills = 50
	}
	for _, ends := range [][2]home{{homes[0], homes[2]}, {homes[2], homes[0]}, {homes[0], homes[0]}} {
		t.Run(ends[0].name+" to "+ends[1].name, func(t *testing.T) {
			t.Parallel()
			fromURL := newURL(t, ends[0])
			from := open(t, fromURL)
			execute(t, from, many)
			for killed, inside := 0, 0; killed < kills || inside == 0; {
				toURL := newURL(t, ends[1])
				to := open(t, toURL)
				last := int64(-1)
				here := 0 // the number of processes that are killed in this copy
				for !copyAndDie(t, fromURL+" "+toURL, steps(kills, here), time.Duration(rand.Int64N(int64(4*time.Millisecond)))) {
					killed++
					here++
					var step int64
					if err := to.QueryRowContext(t.Context(), "SELECT step FROM duolite_copy").Scan(&step); err != nil {
						continue // nothing was begun, or all is done
					}
					inside++
					if step < last {
						t.Errorf("step %d, after step %d", step, last)
					}
					last = step
				}
				sameRows(t, from, to)
				check(t, "the mark is gone", get[int64](t, to, "SELECT count(*) FROM sqlite_schema WHERE name = 'duolite_copy'"), int64(0))
				to.Close()
				if killed >= kills {
					t.Logf("%d processes were killed, %d of them in the middle", killed, inside)
				}
			}
		})
	}
}

// steps returns the number of steps after which a process is killed. It is 0, for never, after enough processes.
func steps(kills, killed int) int {
	if killed >= kills {
		return 0
	}
	return 1 + rand.IntN(60)
}

// newURL returns the URL of a new database.
func newURL(t *testing.T, h home) string {
	if h.remote {
		return dbtest.StartServer(t).URL()
	}
	return filepath.Join(t.TempDir(), "copy.db")
}

// copyAndDie copies in a process of its own, and kills it some time after a number of steps. It reports whether the copy was complete
// before.
func copyAndDie(t *testing.T, argument string, steps int, after time.Duration) (complete bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"=1")
	cmd.Stderr = os.Stderr
	cmd.Stdin = strings.NewReader("copy " + argument + "\n")
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	for lines := bufio.NewScanner(out); lines.Scan(); {
		switch text := lines.Text(); text {
		case "step":
			if steps--; steps == 0 {
				time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
			}
		case "ok":
			complete = true
		default:
			t.Error(text)
			complete = true
		}
	}
	_ = cmd.Wait()
	return complete
}

// TestCopyLargeValues copies rows of almost the size that a server takes. Their table is larger than a server's reply, so the server sends it while
// it is read.
func TestCopyLargeValues(t *testing.T) {
	t.Parallel()
	from, server, to := dbtest.OpenTemp(t, nil), open(t, dbtest.StartServer(t).URL()), dbtest.OpenTemp(t, nil)
	execute(t, from, "CREATE TABLE t (id INTEGER PRIMARY KEY, x); INSERT INTO t SELECT value, randomblob(4999000) FROM json_each('[1, 2, 3, 4, 5]'); INSERT INTO t VALUES (6, 'small')")
	must(t, db.Copy(t.Context(), from, server))
	must(t, db.Copy(t.Context(), server, to))
	check(t, "bytes", get[int64](t, to, "SELECT sum(length(x)) FROM t"), int64(5*4_999_000+5))
	const fourth = "SELECT x FROM t WHERE id = 4"
	check(t, "the fourth is the same", bytes.Equal(get[[]byte](t, to, fourth), get[[]byte](t, from, fourth)), true)
}
