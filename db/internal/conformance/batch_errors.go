package conformance

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/duolite/duolite/db"
)

func batchFails(t *tester) {
	t.setUp(batchTable, "INSERT INTO t (x) VALUES ('a')")
	b := t.batch(t.pool)
	before, read := t.queueAdd(b, "b"), t.queueList(b)
	failed := t.queueAdd(b, "a")
	after, last := t.queueInsert(b, "c"), t.queueInsert(b, "d")
	err := b.Run(t.ctx)
	t.wantFailed(err, 2, "Add", db.ErrUnique)
	if want := "call 3 of 5, Add: UNIQUE constraint failed: t.x"; err.Error() != want {
		t.Errorf("Run: error %q, want %q", err, want)
	}
	t.wantError("the call", failed.Err(), db.ErrUnique, 2067, "UNIQUE constraint failed: t.x")
	wantNotApplied(t, "the one before", before)
	wantNotApplied(t, "a read before", read)
	wantNotApplied(t, "the one after", after)
	wantNotApplied(t, "the last", last)
	if want := "not applied: " + err.Error(); before.Err().Error() != want {
		t.Errorf("error %q, want %q", before.Err(), want)
	}
	t.wantAll("a")
	t.wantIdle()
}

func batchErrorKinds(t *tester) {
	t.setUpConstraints()
	for _, f := range failures {
		for _, rows := range []bool{false, true} {
			b := t.batch(t.pool)
			t.queueExec(b, "INSERT INTO authors (id) VALUES (1)")
			var get func() error
			if rows {
				get = t.queueRow(b, f.statement+" RETURNING 1").Err
			} else {
				get = t.queueExec(b, f.statement).Err
			}
			t.wantFailed(b.Run(t.ctx), 1, "", f.kind)
			e := t.wantError(f.statement, get(), f.kind, f.code, f.message)
			t.equal(f.statement, []any{e.Table, e.Columns}, []any{f.table, f.columns})
		}
	}
	t.wantValue(t.pool, int64(0), "SELECT count(*) FROM authors")
}

func batchCommitFails(t *tester) {
	t.setUp("CREATE TABLE p (id INTEGER PRIMARY KEY)", "CREATE TABLE t (x REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED)")
	b := t.batch(t.pool)
	f := t.queueExec(b, "INSERT INTO t VALUES (7)")
	err := b.Run(t.ctx)
	t.failsAs("Run", err, db.ErrForeignKey)
	if e := (*db.BatchError)(nil); errors.As(err, &e) {
		t.Errorf("Run blames a call: %v", err)
	}
	wantNotAppliedBy(t, "Get", f, db.ErrForeignKey)
	t.wantValue(t.pool, int64(0), "SELECT count(*) FROM t")
	t.wantIdle()
}

func batchSyntax(t *tester) {
	t.setUp(batchTable)
	for i, text := range []string{"SELEC 1", "INSERT INTO t", "INSERT INTO nowhere VALUES (1)", "SELECT nofunction(1)", "INSERT INTO t VALUES (1, 2, 3)"} {
		fails := func(on db.Execer) {
			b := t.batch(on)
			t.queueExec(b, "CREATE TABLE made (x)")
			f := t.queueExec(b, "INSERT INTO made VALUES (1)")
			failed := t.queueExec(b, text)
			t.wantFailed(b.Run(t.ctx), 2, "", nil)
			t.wantError(text, failed.Err(), nil, 1, "")
			wantNotApplied(t, text, f)
		}
		fails(t.pool)
		for _, begun := range []bool{false, true} {
			tx := t.begin(t.pool, nil)
			if begun {
				t.exec(tx, "INSERT INTO t (x) VALUES (?)", fmt.Sprint("before", i))
			}
			fails(tx)
			t.exec(tx, "INSERT INTO t (x) VALUES (?)", fmt.Sprint("after", i, begun))
			t.commit(tx)
		}
	}
	t.wantValue(t.pool, int64(15), "SELECT count(*) FROM t")
	t.wantIdle()
}

func batchEarlyErrors(t *tester) {
	t.setUp(batchTable)
	for text, args := range map[string][]any{
		"INSERT INTO t (x) VALUES (?)":   nil,
		"INSERT INTO t (x) VALUES ('a')": {1},
		"INSERT INTO t (x) VALUES (:a)":  {sql.Named("b", 1)},
		"":                               nil,
		"SELECT 1; SELECT 2":             nil,
		"SELECT 1 -- a NUL \x00":         nil,
		"SELECT ?":                       {"\xff"},
		"SELECT 1, ?":                    {make(chan int)},
		"INSERT INTO t (x) VALUES (?) RETURNING x": {struct{}{}},
	} {
		b := t.batch(t.pool)
		f := t.queueInsert(b, "a")
		failed := t.queueExec(b, text, args...)
		err := b.Run(t.ctx)
		t.wantFailed(err, 1, "", nil)
		_, plain := t.pool.ExecContext(t.ctx, text, args...)
		if plain == nil && text != "" && !strings.Contains(text, ";") || plain != nil && plain.Error() != failed.Err().Error() {
			t.Errorf("%q: error %q, want %q", text, failed.Err(), plain)
		}
		wantNotApplied(t, text, f)
	}
	ctx, cancel := context.WithCancel(t.ctx)
	cancel()
	b := t.batch(t.pool)
	f := db.QueueExec(b, func(q *queries) error { return q.insert(ctx, "a") })
	t.wantFailed(b.Run(t.ctx), 0, "", context.Canceled)
	t.failsAs("a call's own context", f.Err(), context.Canceled)
	t.wantAll()
}

func batchDropsError(t *tester) {
	t.setUp(batchTable, "INSERT INTO t (x) VALUES ('a')")
	b := t.batch(t.pool)
	drops := func(x string) *db.Future[struct{}] {
		return db.QueueExec(b, func(q *queries) error { _ = q.insert(t.ctx, x); return nil })
	}
	first, failed := drops("b"), drops("a")
	t.wantFailed(b.Run(t.ctx), 1, "Insert", db.ErrUnique)
	wantNotApplied(t, "the first", first)
	t.failsAs("the one that failed", failed.Err(), db.ErrUnique)
	t.wantAll("a")
}

func batchControls(t *tester) {
	t.setUp(batchTable)
	for _, text := range []string{"BEGIN", "BEGIN IMMEDIATE", "COMMIT", "END", "ROLLBACK", "SAVEPOINT s", "RELEASE s", "ROLLBACK TO s"} {
		for _, opts := range [][]db.BatchOption{nil, {db.WithIndependentCalls()}, {db.WithReadOnly()}} {
			b := t.batch(t.pool, opts...)
			t.queueList(b)
			failed := t.queueExec(b, text)
			t.wantFailed(b.Run(t.ctx), 1, "", nil)
			t.fails(text, failed.Err())
		}
	}
	t.wantIdle()
}
