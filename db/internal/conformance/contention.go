package conformance

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/duolite/duolite/db"
)

// increment is a statement that reads and writes.
const increment = "UPDATE t SET n = n + 1"

var contentionCases = []testCase{
	{"transactions that read and then write", readModifyWrite},
	{"transactions of two pools", twoPools},
	{"many writers without transactions", manyWriters},
	{"many goroutines, few connections", manyGoroutines},
	{"readers don't wait for a writer", readersDontWait},
	{"a writer doesn't wait for open rows", writersDontWait},
	{"a writer that waits gives up with its context", waitEnds},
	{"a transaction that waits gives up with its context", waitEndsInTx},
	{"a script that waits gives up with its context", waitEndsInScript},
	{"a transaction that idles while another waits", idleTransaction},
}

// addOne increments the number in the table by reading and writing it in a transaction, for
// which SQLite helps least.
func addOne(t *tester, pool *sql.DB) error {
	tx, err := pool.BeginTx(t.ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback()
	var n int
	if err := tx.QueryRowContext(t.ctx, "SELECT n FROM t").Scan(&n); err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if _, err := tx.ExecContext(t.ctx, "UPDATE t SET n = ?", n+1); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return tx.Commit()
}

// concurrently runs a function in n goroutines.
func (t *tester) concurrently(n int, run func(i int) error) {
	t.Helper()
	errs := make(chan error)
	for i := range n {
		go func() { errs <- run(i) }()
	}
	for range n {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func readModifyWrite(t *tester) {
	t.setUp("CREATE TABLE t (n)", "INSERT INTO t VALUES (0)")
	t.concurrently(8, func(int) (err error) {
		for range 10 {
			err = errors.Join(err, addOne(t, t.pool))
		}
		return err
	})
	t.wantValue(t.pool, int64(80), "SELECT n FROM t")
}

func twoPools(t *tester) {
	t.setUp("CREATE TABLE t (n)", "INSERT INTO t VALUES (0)")
	pools := []*sql.DB{t.pool, t.open()}
	t.concurrently(4, func(i int) (err error) {
		for range 10 {
			err = errors.Join(err, addOne(t, pools[i%2]))
		}
		return err
	})
	t.wantValue(t.pool, int64(40), "SELECT n FROM t")
}

func manyWriters(t *tester) {
	t.setUp("CREATE TABLE t (n)", "INSERT INTO t VALUES (0)")
	t.concurrently(16, func(int) (err error) {
		for range 10 {
			_, execErr := t.pool.ExecContext(t.ctx, increment)
			err = errors.Join(err, execErr)
		}
		return err
	})
	t.wantValue(t.pool, int64(160), "SELECT n FROM t")
}

func manyGoroutines(t *tester) {
	t.setUp("CREATE TABLE t (n)", "INSERT INTO t VALUES (0)")
	t.concurrently(200, func(i int) error {
		if i%10 == 0 {
			_, err := t.pool.ExecContext(t.ctx, increment)
			return err
		}
		return scan(t.pool.QueryRowContext(t.ctx, "SELECT n FROM t"))
	})
	t.wantValue(t.pool, int64(20), "SELECT n FROM t")
}

func readersDontWait(t *tester) {
	t.setUp("CREATE TABLE t (x)", "INSERT INTO t VALUES ('a')")
	tx := t.begin(t.pool, nil)
	t.exec(tx, "INSERT INTO t VALUES ('b')")
	t.wantLetters(t.pool, "a")
	t.wantLetters(t.open(), "a")
	reader := t.begin(t.pool, &sql.TxOptions{ReadOnly: true})
	t.wantLetters(reader, "a")
	t.exec(tx, "INSERT INTO t VALUES ('c')")
	t.commit(tx)
	t.wantLetters(reader, "a")
	t.commit(reader)
	t.wantLetters(t.pool, "abc")
}

func writersDontWait(t *tester) {
	t.setUp("CREATE TABLE t (x)", "INSERT INTO t VALUES ('a'), ('b')")
	rows, err := t.pool.QueryContext(t.ctx, "SELECT x FROM t")
	if err != nil || !rows.Next() {
		t.Fatalf("no rows: %v", err)
	}
	defer rows.Close()
	t.setUp("INSERT INTO t VALUES ('c')")
	t.wantLetters(t.pool, "abc")
	if !rows.Next() || rows.Next() || rows.Err() != nil {
		t.Errorf("the open query doesn't have the two rows that there were (%v)", rows.Err())
	}
}

// whileLocked runs a function while another connection holds the write lock.
func (t *tester) whileLocked(run func(ctx context.Context)) {
	t.Helper()
	t.setUp("CREATE TABLE t (x)")
	tx := t.begin(t.open(), nil)
	t.exec(tx, "INSERT INTO t VALUES ('a')")
	ctx, cancel := context.WithTimeout(t.ctx, 200*time.Millisecond)
	defer cancel()
	run(ctx)
	t.exec(tx, "INSERT INTO t VALUES ('b')")
	t.commit(tx)
	t.exec(t.pool, "INSERT INTO t VALUES ('c')")
	t.wantLetters(t.pool, "abc")
	t.wantIdle()
}

func waitEnds(t *tester) {
	t.whileLocked(func(ctx context.Context) {
		_, err := t.pool.ExecContext(ctx, "INSERT INTO t VALUES ('x')")
		t.failsAs("Exec", err, context.DeadlineExceeded)
	})
}

func waitEndsInTx(t *tester) {
	t.whileLocked(func(ctx context.Context) {
		tx, err := t.pool.BeginTx(t.ctx, nil)
		if err == nil { // BEGIN is sent with the first statement
			defer tx.Rollback()
			_, err = tx.ExecContext(ctx, "INSERT INTO t VALUES ('x')")
		}
		t.failsAs("the first statement", err, context.DeadlineExceeded)
	})
}

func waitEndsInScript(t *tester) {
	t.whileLocked(func(ctx context.Context) {
		_, err := t.pool.ExecContext(ctx, "INSERT INTO t VALUES ('x'); INSERT INTO t VALUES ('y')")
		t.failsAs("script", err, context.DeadlineExceeded)
	})
}

// idleTransaction leaves a transaction idle while another connection waits for the lock. After
// some seconds either the server ends the transaction, or SQLite ends the wait. In both cases
// each transaction must be all or nothing.
func idleTransaction(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	other := t.open()
	tx := t.begin(t.pool, nil)
	t.exec(tx, "INSERT INTO t VALUES ('a')")
	_, waitErr := other.ExecContext(t.ctx, "INSERT INTO t VALUES ('w')")
	if waitErr != nil {
		t.failsAs("the statement that waited", waitErr, db.ErrBusy)
	}
	_, first := tx.ExecContext(t.ctx, "INSERT INTO t VALUES ('b')")
	_, second := tx.ExecContext(t.ctx, "INSERT INTO t VALUES ('c')")
	commit := tx.Commit()
	switch {
	case waitErr != nil && first == nil && second == nil && commit == nil:
		t.wantLetters(t.pool, "abc")
	case waitErr == nil && first != nil && second != nil && commit != nil:
		t.wantLetters(t.pool, "w")
		t.failsAs("one more statement", second, db.ErrTxLost)
		t.failsAs("Commit", commit, db.ErrTxLost)
	default:
		t.Errorf("the wait ended with %v, the transaction with %v, %v and %v", waitErr, first, second, commit)
	}
	t.wantIdle()
}
