package sqlite

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/internal/sqltext"
)

func fileConfig(t testing.TB, timeout time.Duration) Config {
	return Config{Path: filepath.Join(t.TempDir(), "app.db"), Mode: ReadWriteCreate, BusyTimeout: timeout}
}

// outsider is a connection that the queue knows nothing of, as another process's.
func outsider(t testing.TB, path string) *sql.Conn {
	t.Helper()
	pool, err := sql.Open("sqlite", path)
	must(t, err)
	t.Cleanup(func() { pool.Close() })
	c, err := pool.Conn(t.Context())
	must(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}

func execOutside(t testing.TB, c *sql.Conn, statement string) {
	t.Helper()
	_, err := c.ExecContext(context.Background(), statement)
	must(t, err)
}

func TestBusyOutside(t *testing.T) {
	t.Parallel()
	cfg := fileConfig(t, 50*time.Millisecond)
	c := connect(t, New(cfg))
	mustExec(t, c, "CREATE TABLE t (x)")
	other := outsider(t, cfg.Path)
	execOutside(t, other, "BEGIN IMMEDIATE")

	begin := time.Now()
	err := c.Begin(t.Context(), engine.Write)
	checkKind(t, "Begin", err, engine.ErrBusy, 5)
	check(t, "text", err.Error(), "database is locked")
	if waited := time.Since(begin); waited < 50*time.Millisecond {
		t.Errorf("gives up after %v", waited)
	}
	_, err = tryExec(t.Context(), c, sqltext.Insert, "INSERT INTO t VALUES (1)")
	checkKind(t, "Exec", err, engine.ErrBusy, 5)
	check(t, "in a transaction", c.InTx(), false)
	check(t, "holds the queue", c.hasTurn, false)

	c.timeout = time.Minute
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := c.Begin(ctx, engine.Write); err != context.DeadlineExceeded {
		t.Errorf("Begin: got error %v, want that of the context", err)
	}
	check(t, "holds the queue", c.hasTurn, false)

	timer := time.AfterFunc(20*time.Millisecond, func() { execOutside(t, other, "COMMIT") })
	defer timer.Stop()
	must(t, c.Begin(t.Context(), engine.Write))
	must(t, c.Commit(t.Context()))
}

// TestNoBusyInside lets goroutines of several databases on one file, or one in memory,
// write in each way there is, while the timeout is a fraction of the time they all take.
func TestNoBusyInside(t *testing.T) {
	t.Parallel()
	t.Run("memory", func(t *testing.T) {
		cfg := Config{Memory: true, Path: "TestNoBusyInside", BusyTimeout: 500 * time.Millisecond}
		testNoBusyInside(t, cfg, cfg)
	})
	t.Run("file", func(t *testing.T) {
		cfg := fileConfig(t, 500*time.Millisecond)
		linked := cfg
		linked.Path = filepath.Join(t.TempDir(), "link.db")
		if err := os.Symlink(cfg.Path, linked.Path); err != nil {
			t.Skip(err)
		}
		testNoBusyInside(t, cfg, linked)
	})
}

func testNoBusyInside(t *testing.T, cfg, again Config) {
	const each, writes = 4, 60
	configs := []Config{cfg, again}
	c := connect(t, New(cfg))
	mustExec(t, c, "CREATE TABLE t (x)")
	var group sync.WaitGroup
	for _, here := range configs {
		d := New(here)
		t.Cleanup(func() { must(t, d.Close()) })
		for range each {
			own := reconnect(t, d)
			check(t, "one queue", own.queue == c.queue, true)
			group.Go(func() {
				for n := range writes {
					if err := writeSomehow(own, n); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	group.Wait()
	check(t, "rows", get(t, c, "SELECT count(*) FROM t"), any(int64(len(configs)*each*writes)))
	check(t, "the queue is held", c.queue.held.Load(), false)
}

func writeSomehow(c *conn, n int) error {
	ctx := context.Background()
	run := func(kind sqltext.Kind, text string) error {
		_, err := tryExec(ctx, c, kind, text)
		return err
	}
	const insert = "INSERT INTO t VALUES (1)"
	switch n % 5 {
	case 0:
		return run(sqltext.Insert, insert)
	case 1: // begun by hand
		for _, err := range []error{run(sqltext.BeginWrite, "BEGIN IMMEDIATE"), run(sqltext.Insert, insert), run(sqltext.Commit, "COMMIT")} {
			if err != nil {
				return err
			}
		}
		return nil
	case 2: // the first write in a deferred one
		for _, err := range []error{run(sqltext.BeginDeferred, "BEGIN"), run(sqltext.Insert, insert), run(sqltext.Commit, "COMMIT")} {
			if err != nil {
				return err
			}
		}
		return nil
	case 3: // rows that aren't read to their end
		s, err := c.Prepare(ctx, statement(sqltext.Insert, insert+" RETURNING x"))
		if err != nil {
			return err
		}
		defer s.Close()
		r, err := s.Query(ctx, nil)
		if err != nil {
			return err
		}
		return r.Close()
	default:
		if err := c.Begin(ctx, engine.Write); err != nil {
			return err
		}
		if err := run(sqltext.Insert, insert); err != nil {
			return err
		}
		return c.Commit(ctx)
	}
}

// TestQueueIsLeft is about each way in which a connection's turn ends.
func TestQueueIsLeft(t *testing.T) {
	t.Parallel()
	t.Run("file", func(t *testing.T) { testQueueIsLeft(t, fileConfig(t, 0)) })
	t.Run("memory", func(t *testing.T) { testQueueIsLeft(t, Config{Memory: true}) })
}

func testQueueIsLeft(t *testing.T, cfg Config) {
	d := New(cfg)
	c := connect(t, d)
	mustExec(t, c, "CREATE TABLE t (x UNIQUE)", "INSERT INTO t VALUES (1)")
	other := reconnect(t, d)
	free := func(what string, want bool) {
		t.Helper()
		_, err := tryExec(t.Context(), other, sqltext.Insert, "INSERT INTO t SELECT max(x) + 1 FROM t")
		if want {
			must(t, err)
		} else {
			checkKind(t, what, err, engine.ErrBusy, 5)
		}
		check(t, what+": rows", get(t, other, "SELECT count(*) > 0 FROM t"), any(int64(1))) // who reads doesn't wait
	}
	_, err := tryExec(t.Context(), c, sqltext.Insert, "INSERT INTO t VALUES (1)")
	checkKind(t, "unique", err, engine.ErrUnique, engine.CodeUnique)
	free("after an error", true)

	must(t, c.Begin(t.Context(), engine.Write))
	free("in a transaction", false)
	must(t, c.Rollback(t.Context()))
	free("after Rollback", true)

	must(t, c.Begin(t.Context(), engine.Write))
	exec(t, c, sqltext.Insert, "INSERT INTO t VALUES (-1)")
	must(t, c.Commit(t.Context()))
	free("after Commit", true)

	exec(t, c, sqltext.Savepoint, "SAVEPOINT s")
	free("in a savepoint", true)
	exec(t, c, sqltext.Insert, "INSERT INTO t VALUES (-2)")
	free("in a savepoint that wrote", false)
	exec(t, c, sqltext.Savepoint, "RELEASE s")
	free("after RELEASE", true)

	s := prepare(t, c, sqltext.Insert, "INSERT INTO t VALUES (-3), (-4) RETURNING x")
	r, err := s.Query(t.Context(), nil)
	must(t, err)
	get(t, c, "SELECT 1") // which is over before they are
	check(t, "holds the queue", c.hasTurn, true)
	free("with open rows", false)
	must(t, r.Close())
	free("after the rows", true)
	r, err = prepare(t, c, sqltext.Insert, "INSERT INTO t VALUES (-5), (-6) RETURNING x").Query(t.Context(), nil)
	must(t, err)
	readRows(t, r)
	free("after the rows were read", true)
	_, err = prepare(t, c, sqltext.Insert, "INSERT INTO t VALUES (-7), (-8) RETURNING x").Query(t.Context(), nil)
	must(t, err)
	free("with open rows", false)
	for s := range c.stmts {
		must(t, s.Close())
	}
	free("after the statement was closed", true)

	// Its view is older than the other's write: it can't write any more.
	exec(t, c, sqltext.BeginDeferred, "BEGIN")
	get(t, c, "SELECT count(*) FROM t")
	free("beside a reader", true)
	_, err = tryExec(t.Context(), c, sqltext.Insert, "INSERT INTO t VALUES (-9)")
	checkKind(t, "an old view", err, engine.ErrBusy, 517)
	free("after the failed write", true)
	exec(t, c, sqltext.Rollback, "ROLLBACK")

	must(t, c.Begin(t.Context(), engine.Write))
	must(t, c.Close())
	free("after Close", true)
}

func TestBusyTimeoutPragma(t *testing.T) {
	t.Parallel()
	cfg := fileConfig(t, 1234*time.Millisecond)
	c := connect(t, New(cfg))
	const pragma = "PRAGMA busy_timeout"
	check(t, pragma, get(t, c, pragma), any(int64(1234)))
	exec(t, c, sqltext.Pragma, "PRAGMA busy_timeout = 60000")
	check(t, pragma, get(t, c, pragma), any(int64(60000)))
	check(t, "timeout", c.timeout, time.Minute)

	// The wait is still one that ends with its context.
	execOutside(t, outsider(t, cfg.Path), "BEGIN IMMEDIATE")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := c.Begin(ctx, engine.Write); err != context.DeadlineExceeded {
		t.Errorf("got error %v, want that of the context", err)
	}
}
