package sqlite

import (
	"context"
	"database/sql/driver"
	"testing"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/internal/sqltext"
)

const (
	forever      = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
	foreverRows  = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
	foreverWrite = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) INSERT INTO t SELECT x FROM n"
)

func memory1(t testing.TB) *conn {
	t.Helper()
	return connect(t, New(Config{Memory: true}))
}

// TestContextStops wants a call to end within some milliseconds of its context, with
// the context's own error, and a connection that goes on.
func TestContextStops(t *testing.T) {
	t.Parallel()
	c := memory1(t)
	mustExec(t, c, "CREATE TABLE t (x)")
	for name, call := range map[string]func(ctx context.Context) error{
		"Query": func(ctx context.Context) error {
			_, err := prepare(t, c, sqltext.Read, forever).Query(ctx, nil)
			return err
		},
		"Exec": func(ctx context.Context) error {
			_, err := prepare(t, c, sqltext.Read, foreverRows).Exec(ctx, nil)
			return err
		},
		"Exec of a write": func(ctx context.Context) error {
			_, err := prepare(t, c, sqltext.Insert, foreverWrite).Exec(ctx, nil)
			return err
		},
		"ExecAll": func(ctx context.Context) error {
			_, err := c.ExecAll(ctx, []sqltext.Statement{{Text: "SELECT 1"}, {Text: forever}})
			return err
		},
		"Next": func(ctx context.Context) error {
			r, err := prepare(t, c, sqltext.Read, foreverRows).Query(ctx, nil)
			must(t, err)
			defer r.Close()
			for dest := make([]driver.Value, 1); err == nil; {
				err = r.Next(dest)
			}
			return err
		},
		"the second Next": func(ctx context.Context) error {
			r, err := prepare(t, c, sqltext.Read, "SELECT 1 UNION ALL SELECT * FROM ("+forever+")").Query(ctx, nil)
			must(t, err)
			dest := make([]driver.Value, 1)
			must(t, r.Next(dest))
			get(t, c, "SELECT 1") // whose context doesn't end
			return r.Next(dest)
		},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		begin := time.Now()
		if err := call(ctx); err != context.DeadlineExceeded {
			t.Errorf("%s: got error %v, want that of the context", name, err)
		}
		if took := time.Since(begin); took > 2*time.Second { // some 21 ms on a quiet machine
			t.Errorf("%s: took %v", name, took)
		}
		cancel()
		_, err := c.Prepare(t.Context(), statement(sqltext.Other, "SELEC"))
		checkKind(t, name+": the next error", err, nil, 1)
		check(t, name+": rows", get(t, c, "SELECT count(*) FROM t"), any(int64(0)))
	}
}

// TestContextEndedBefore wants nothing to be run.
func TestContextEndedBefore(t *testing.T) {
	t.Parallel()
	d := New(Config{Memory: true})
	c := connect(t, d)
	mustExec(t, c, "CREATE TABLE t (x)")
	insert := prepare(t, c, sqltext.Insert, "INSERT INTO t VALUES (1)")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range map[string]func() error{
		"Connect": func() error { _, err := d.Connect(ctx); return err },
		"Prepare": func() error { _, err := c.Prepare(ctx, statement(sqltext.Other, "SELECT 1")); return err },
		"Begin":   func() error { return c.Begin(ctx, engine.Write) },
		"Exec":    func() error { _, err := insert.Exec(ctx, nil); return err },
		"Query":   func() error { _, err := insert.Query(ctx, nil); return err },
		"ExecAll": func() error {
			_, err := c.ExecAll(ctx, []sqltext.Statement{{Text: "INSERT INTO t VALUES (1)"}})
			return err
		},
		"Ping": func() error { return c.Ping(ctx) },
		"Commit": func() error {
			must(t, c.Begin(t.Context(), engine.Write))
			err := c.Commit(ctx)
			check(t, "in a transaction after Commit", c.InTx(), true)
			must(t, c.Rollback(ctx)) // which takes no notice
			return err
		},
	} {
		if err := call(); err != context.Canceled {
			t.Errorf("%s: got error %v, want that of the context", name, err)
		}
		check(t, name+": in a transaction", c.InTx(), false)
	}
	check(t, "rows", get(t, c, "SELECT count(*) FROM t"), any(int64(0)))
	must(t, c.Ping(t.Context()))
}

// TestContextBetweenRows is about a caller that takes its time.
func TestContextBetweenRows(t *testing.T) {
	t.Parallel()
	c := memory1(t)
	ctx, cancel := context.WithCancel(t.Context())
	r, err := prepare(t, c, sqltext.Read, "VALUES (1), (2), (3)").Query(ctx, nil)
	must(t, err)
	dest := make([]driver.Value, 1)
	must(t, r.Next(dest))
	other, err := prepare(t, c, sqltext.Read, "VALUES (1), (2), (3)").Query(t.Context(), nil)
	must(t, err)
	cancel()
	if err := r.Next(dest); err != context.Canceled {
		t.Errorf("got error %v, want that of the context", err)
	}
	must(t, r.Close())
	check(t, "rows of another query", len(readRows(t, other)), 3)
}

// TestInterruptedTx is about a write that its context ended: SQLite then rolls the
// transaction back.
func TestInterruptedTx(t *testing.T) {
	t.Parallel()
	c := memory1(t)
	mustExec(t, c, "CREATE TABLE t (x)")
	must(t, c.Begin(t.Context(), engine.Write))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := tryExec(ctx, c, sqltext.Insert, foreverWrite); err != context.DeadlineExceeded {
		t.Errorf("got error %v, want that of the context", err)
	}
	checkTxLost(t, c)
}

// checkTxLost wants the transaction of c to be over, and nothing to be run until Rollback.
func checkTxLost(t *testing.T, c *conn) {
	t.Helper()
	check(t, "in a transaction", c.InTx(), false)
	const insert = "INSERT INTO t VALUES (7)"
	_, err := c.Prepare(t.Context(), statement(sqltext.Insert, insert))
	checkKind(t, "Prepare", err, engine.ErrTxLost, 0)
	_, err = c.ExecAll(t.Context(), []sqltext.Statement{{Text: insert}})
	checkKind(t, "ExecAll", err, engine.ErrTxLost, 0)
	for s := range c.stmts {
		_, err = s.Exec(t.Context(), make([]driver.Value, s.params))
		checkKind(t, "Exec", err, engine.ErrTxLost, 0)
		_, err = s.Query(t.Context(), make([]driver.Value, s.params))
		checkKind(t, "Query", err, engine.ErrTxLost, 0)
	}
	checkKind(t, "Commit", c.Commit(t.Context()), engine.ErrTxLost, 0)
	checkKind(t, "Commit", c.Commit(t.Context()), engine.ErrTxLost, 0)
	must(t, c.Rollback(t.Context()))
	check(t, "rows", get(t, c, "SELECT count(*) FROM t WHERE x = 7"), any(int64(0)))
	exec(t, c, sqltext.Insert, "INSERT INTO t VALUES (8)")
	exec(t, c, sqltext.Change, "DELETE FROM t")
}
