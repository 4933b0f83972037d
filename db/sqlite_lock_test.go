package db_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
)

var readOnly = &sql.TxOptions{ReadOnly: true}

func begin(t *testing.T, pool *sql.DB, opts *sql.TxOptions) *sql.Tx {
	t.Helper()
	tx, err := pool.BeginTx(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tx.Rollback() }) // if the test fails before its end
	return tx
}

// beginAndLock also has the write lock, which a transaction takes with its first statement.
func beginAndLock(t *testing.T, pool *sql.DB) *sql.Tx {
	t.Helper()
	tx := begin(t, pool, nil)
	get[int](t, tx, "SELECT 1")
	return tx
}

func commit(t *testing.T, tx *sql.Tx) {
	t.Helper()
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

// TestFirstStatementTakesTheLock is what keeps "database is locked" out of the middle of
// a transaction: it can only happen at the beginning, where waiting is possible.
func TestFirstStatementTakesTheLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "app.db")
	first := open(t, path)
	execute(t, first, "CREATE TABLE t (x)")
	for name, timeout := range map[string]time.Duration{"no": 0, "short": 20 * time.Millisecond} {
		second := open(t, path, db.WithBusyTimeout(timeout))
		tx := beginAndLock(t, first) // only to read, so far

		late := begin(t, second, nil)
		_, err := late.ExecContext(t.Context(), "SELECT 1")
		checkError(t, name+" wait: transaction", err, db.ErrBusy, codeBusy, "database is locked")
		_, err = second.ExecContext(t.Context(), "INSERT INTO t VALUES (2)")
		checkError(t, name+" wait: Exec", err, db.ErrBusy, codeBusy, "database is locked")

		commit(t, tx)
		if err := late.Commit(); !errors.Is(err, db.ErrTxLost) {
			t.Errorf("%s wait: Commit: error %v, want %v", name, err, db.ErrTxLost)
		}
		commit(t, beginAndLock(t, second))
		execute(t, second, "INSERT INTO t VALUES (2)")
	}
}

func TestTransactionWaitsForTheLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "app.db")
	first, second := open(t, path), open(t, path, db.WithBusyTimeout(time.Minute))
	execute(t, first, "CREATE TABLE t (x)")
	tx := begin(t, first, nil)
	execute(t, tx, "INSERT INTO t VALUES (1)")
	var released atomic.Bool
	waiting, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		close(waiting)
		tx, err := second.BeginTx(context.Background(), nil)
		if err != nil {
			t.Error(err)
			return
		}
		var rows int
		if err := tx.QueryRow("SELECT count(*) FROM t").Scan(&rows); err != nil || rows != 1 {
			t.Errorf("the second transaction sees %d rows (%v), want that of the first", rows, err)
		}
		if !released.Load() {
			t.Error("two transactions have the lock")
		}
		if err := tx.Commit(); err != nil {
			t.Error(err)
		}
	}()
	<-waiting
	time.Sleep(50 * time.Millisecond) // so that it does wait, most of the time
	released.Store(true)
	commit(t, tx)
	<-done
}

// TestNoUpdateIsLost lets goroutines read a number and write the next one.
func TestNoUpdateIsLost(t *testing.T) {
	t.Parallel()
	const goroutines, steps = 4, 25
	pool := open(t, filepath.Join(t.TempDir(), "app.db"), db.WithBusyTimeout(time.Minute))
	execute(t, pool, "CREATE TABLE counter (n INTEGER NOT NULL)", "INSERT INTO counter VALUES (0)")
	step := func() error {
		tx, err := pool.BeginTx(context.Background(), nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		var n int
		if err := tx.QueryRow("SELECT n FROM counter").Scan(&n); err != nil {
			return err
		}
		if _, err := tx.Exec("UPDATE counter SET n = ?", n+1); err != nil {
			return err
		}
		return tx.Commit()
	}
	var group sync.WaitGroup
	for range goroutines {
		group.Go(func() {
			for range steps {
				if err := step(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	check(t, "counter", get[int](t, pool, "SELECT n FROM counter"), goroutines*steps)
}

// TestReadersAndWriter is about a file: a read-only transaction keeps its view, and
// neither waits for the other.
func TestReadersAndWriter(t *testing.T) {
	t.Parallel()
	pool := open(t, filepath.Join(t.TempDir(), "app.db"), db.WithBusyTimeout(0))
	execute(t, pool, "CREATE TABLE t (x)")
	const count = "SELECT count(*) FROM t"

	reader := begin(t, pool, readOnly)
	check(t, "rows at first", get[int](t, reader, count), 0)
	writer := begin(t, pool, nil)
	execute(t, writer, "INSERT INTO t VALUES (1)")
	another := begin(t, pool, readOnly)
	check(t, "rows of another reader while one writes", get[int](t, another, count), 0)
	commit(t, writer)
	execute(t, pool, "INSERT INTO t VALUES (2)")
	check(t, "rows of the readers", get[int](t, reader, count)+get[int](t, another, count), 0)
	commit(t, reader)
	commit(t, another)
	check(t, "rows afterwards", get[int](t, pool, count), 2)
}

// TestWaitEndsWithItsContext is about a lock that a transaction and a statement wait
// for, of another process and of another connection.
func TestWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "app.db")
	first, second := open(t, path), open(t, path, db.WithBusyTimeout(time.Minute))
	tx := beginAndLock(t, first)
	for _, pool := range []*sql.DB{first, second} {
		late := begin(t, pool, nil)
		for what, exec := range map[string]func(context.Context, string, ...any) (sql.Result, error){
			"transaction": late.ExecContext,
			"statement":   pool.ExecContext,
		} {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			if _, err := exec(ctx, "CREATE TABLE t (x)"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: got error %v, want that of the context", what, err)
			}
			cancel()
		}
	}
	commit(t, tx)
	commit(t, beginAndLock(t, second)) // the pool stays usable
}
