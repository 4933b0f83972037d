package conformance

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/duolite/duolite/db"
)

func batchInTx(t *tester) {
	t.setUp(batchTable)
	for _, begun := range []bool{false, true} {
		for _, keep := range []bool{false, true} {
			tx := t.begin(t.pool, nil)
			name := fmt.Sprint(begun, keep)
			if begun {
				t.exec(tx, "INSERT INTO t (x) VALUES (?)", name)
			}
			b := t.batch(tx)
			added, all := t.queueAdd(b, name+" batch"), t.queueList(b)
			t.runs(b)
			t.equal("Add", added.Err(), error(nil))
			if got, err := all.Get(); err != nil || !strings.Contains(strings.Join(got, ","), name+" batch") {
				t.Errorf("list: %q, %v", got, err)
			}
			reads := t.batch(tx)
			again := t.queueList(reads)
			t.runs(reads)
			t.equal("reads", again.Err(), error(nil))
			if keep {
				t.commit(tx)
			} else {
				t.rollback(tx)
			}
		}
	}
	t.wantAll("false true batch", "true true", "true true batch")
	t.wantIdle()
}

func batchFailsInTx(t *tester) {
	t.setUp(batchTable, "INSERT INTO t (x) VALUES ('a')")
	for _, begun := range []bool{false, true} {
		tx := t.begin(t.pool, nil)
		if begun {
			t.exec(tx, "INSERT INTO t (x) VALUES ('before')")
		}
		b := t.batch(tx)
		before, failed, after := t.queueInsert(b, "b"), t.queueInsert(b, "a"), t.queueInsert(b, "c")
		t.wantFailed(b.Run(t.ctx), 1, "Insert", db.ErrUnique)
		wantNotApplied(t, "the one before", before)
		t.failsAs("the call", failed.Err(), db.ErrUnique)
		wantNotApplied(t, "the one after", after)
		t.exec(tx, "INSERT INTO t (x) VALUES (?)", fmt.Sprint("after ", begun))
		b = t.batch(tx)
		t.queueInsert(b, fmt.Sprint("batch ", begun))
		t.runs(b)
		t.commit(tx)
	}
	t.wantAll("a", "after false", "after true", "batch false", "batch true", "before")
	b := t.batch(t.begin(t.pool, nil), db.WithIndependentCalls())
	t.queueInsert(b, "x")
	t.fails("independent calls in a transaction", b.Run(t.ctx))
}

func batchTxOver(t *tester) {
	t.setUp(batchTable, "INSERT INTO t (x) VALUES ('a')")
	tx := t.begin(t.pool, nil)
	b := t.batch(tx)
	t.queueInsert(b, "b")
	failed := t.queueExec(b, "INSERT OR ROLLBACK INTO t (x) VALUES ('a')")
	t.wantFailed(b.Run(t.ctx), 1, "", db.ErrUnique)
	t.failsAs("the call", failed.Err(), db.ErrUnique)
	b = t.batch(tx)
	f := t.queueInsert(b, "c")
	t.failsAs("Run", b.Run(t.ctx), db.ErrTxLost)
	wantNotAppliedBy(t, "Get", f, db.ErrTxLost)
	t.rollback(tx)
	b = t.batch(tx)
	f = t.queueInsert(b, "c")
	t.failsAs("Run", b.Run(t.ctx), sql.ErrTxDone)
	wantNotAppliedBy(t, "Get", f, sql.ErrTxDone)
	t.wantAll("a")
	t.wantIdle()
}

func batchConn(t *tester) {
	t.setUp(batchTable)
	conn := t.conn(t.pool)
	b := t.batch(conn)
	t.queueInsert(b, "a")
	t.runs(b)
	t.exec(conn, "BEGIN IMMEDIATE")
	b = t.batch(conn)
	t.queueInsert(b, "b")
	t.runs(b)
	b = t.batch(conn)
	t.queueInsert(b, "c")
	t.queueInsert(b, "a")
	t.wantFailed(b.Run(t.ctx), 1, "Insert", db.ErrUnique)
	t.exec(conn, "COMMIT")
	t.wantAll("a", "b")
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
}

func batchReadOnly(t *tester) {
	t.setUp(batchTable, "INSERT INTO t (x) VALUES ('a')")
	b := t.batch(t.pool, db.WithReadOnly())
	one, all := queue(t, b, func(q *queries, ctx context.Context) (string, error) { return q.find(ctx, 1) }), t.queueList(b)
	t.runs(b)
	wantGet(t, "find", one, "a")
	wantGet(t, "list", all, []string{"a"})
	for _, text := range []string{"INSERT INTO t (x) VALUES ('b')", "UPDATE t SET x = 'b'", "DELETE FROM t", "CREATE TABLE u (x)", "DROP TABLE t"} {
		b := t.batch(t.pool, db.WithReadOnly())
		read := t.queueList(b)
		write := t.queueExec(b, text)
		t.wantFailed(b.Run(t.ctx), 1, "", db.ErrReadOnly)
		t.wantError(text, write.Err(), db.ErrReadOnly, 8, "")
		wantNotApplied(t, "a read", read)
	}
	b = t.batch(t.pool, db.WithReadOnly(), db.WithIndependentCalls())
	t.queueList(b)
	t.failsAs("options that contradict each other", b.Run(t.ctx), db.ErrConfig)
	t.wantAll("a")
	t.wantIdle()
}

func batchReadOnlyInTx(t *tester) {
	t.setUp(batchTable, "INSERT INTO t (x) VALUES ('a')")
	for _, readOnly := range []bool{false, true} {
		tx := t.begin(t.pool, &sql.TxOptions{ReadOnly: readOnly})
		b := t.batch(tx, db.WithReadOnly())
		all := t.queueList(b)
		if readOnly { // if the engine distinguishes reading PRAGMAs
			t.queueRow(b, "PRAGMA user_version")
		}
		t.runs(b)
		wantGet(t, "list", all, []string{"a"})
		b = t.batch(tx, db.WithReadOnly())
		write := t.queueInsert(b, "b")
		t.wantFailed(b.Run(t.ctx), 0, "Insert", db.ErrReadOnly)
		t.failsAs("Get", write.Err(), db.ErrReadOnly)
		b = t.batch(tx)
		t.queueInsert(b, "c")
		if err := b.Run(t.ctx); readOnly {
			t.wantFailed(err, 0, "Insert", db.ErrReadOnly)
		} else if err != nil {
			t.Error(err)
		}
		t.rollback(tx)
	}
	t.wantAll("a")
	t.wantIdle()
}

// batchSnapshot reads twice in a batch while others write pairs.
func batchSnapshot(t *tester) {
	t.setUp("CREATE TABLE n (a, b)", "INSERT INTO n VALUES (0, 0)")
	var stop atomic.Bool
	done := make(chan error)
	go func() {
		var err error
		for !stop.Load() && err == nil {
			b := t.batch(t.pool)
			t.queueExec(b, "UPDATE n SET a = a + 1")
			t.queueExec(b, "UPDATE n SET b = b + 1")
			err = b.Run(t.ctx)
		}
		done <- err
	}()
	for range 30 {
		for _, opts := range [][]db.BatchOption{{db.WithReadOnly()}, {db.WithReadOnly(), db.WithRequestLimits(1000, 1)}} {
			b := t.batch(t.pool, opts...)
			first, second := t.queueRow(b, "SELECT a FROM n"), t.queueRow(b, "SELECT b FROM n")
			t.runs(b)
			x, err1 := first.Get()
			y, err2 := second.Get()
			if err1 != nil || err2 != nil || x[0] != y[0] {
				t.Errorf("%v and %v, %v, %v", x, y, err1, err2)
			}
		}
	}
	stop.Store(true)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func batchIndependent(t *tester) {
	t.setUp(batchTable, "INSERT INTO t (x) VALUES ('a')")
	b := t.batch(t.pool, db.WithIndependentCalls(), db.WithRequestLimits(1<<20, 3))
	ok, dup, read := t.queueAdd(b, "b"), t.queueAdd(b, "a"), t.queueList(b)
	later, again, last := t.queueInsert(b, "c"), t.queueInsert(b, "b"), t.queueInsert(b, "d")
	err := b.Run(t.ctx)
	t.wantFailed(err, 1, "Add", db.ErrUnique)
	if want := "call 2 of 6, Add: UNIQUE constraint failed: t.x (and 1 more failed)"; err.Error() != want {
		t.Errorf("Run: error %q, want %q", err, want)
	}
	wantGet(t, "Add", ok, 2)
	t.failsAs("the one that failed", dup.Err(), db.ErrUnique)
	wantGet(t, "list", read, []string{"a", "b"})
	wantGet(t, "Insert", later, struct{}{})
	t.failsAs("another that failed", again.Err(), db.ErrUnique)
	wantGet(t, "Insert", last, struct{}{})
	t.wantAll("a", "b", "c", "d")
	b = t.batch(t.pool, db.WithIndependentCalls())
	t.queueInsert(b, "e")
	t.queueInsert(b, "f")
	t.runs(b)
	t.wantAll("a", "b", "c", "d", "e", "f")
	t.wantIdle()
}
