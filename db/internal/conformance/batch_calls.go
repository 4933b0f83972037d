package conformance

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/duolite/duolite/db"
)

var errOwn = errors.New("the call's own")

func batchNone(t *tester) {
	t.setUp(batchTable)
	started := 0
	for _, own := range []error{nil, errOwn} {
		b := t.batch(t.pool)
		before := t.queueInsert(b, "a")
		none := db.QueueExec(b, func(*queries) error { return own })
		after := db.QueueExec(b, func(q *queries) error { started++; return q.insert(t.ctx, "b") })
		t.wantFailed(b.Run(t.ctx), 1, "", own)
		t.fails("Get", none.Err())
		if own != nil && none.Err() != own {
			t.Errorf("Get: error %v, want the call's own", none.Err())
		}
		wantNotApplied(t, "the one before", before)
		wantNotApplied(t, "the one after", after)
	}
	t.equal("calls that were started after that", started, 0)
	b := t.batch(t.pool)
	f := db.QueueExec(b, func(q *queries) error { _, err := q.db.PrepareContext(t.ctx, "SELECT 1"); return err })
	if err := b.Run(t.ctx); t.fails("Prepare", err) && !strings.Contains(err.Error(), "emit_prepared_queries") {
		t.Errorf("Prepare: error %q", err)
	}
	t.fails("Prepare", f.Err())
	t.wantAll()
}

func batchTwo(t *tester) {
	t.setUp(batchTable)
	b := t.batch(t.pool)
	var second error
	f := db.Queue(b, func(q *queries) (int64, error) {
		id, err := q.add(t.ctx, "a")
		second = q.insert(t.ctx, "b")
		return id, err
	})
	g := t.queueInsert(b, "c")
	t.runs(b)
	t.fails("the second statement", second)
	if t.fails("Get", f.Err()); !strings.Contains(f.Err().Error(), "second statement") || !strings.Contains(f.Err().Error(), "applied") {
		t.Errorf("Get: error %q", f.Err())
	}
	wantGet(t, "another call", g, struct{}{})
	t.wantAll("a", "c")
}

func batchPanics(t *tester) {
	t.setUp(batchTable)
	b := t.batch(t.pool)
	f := t.queueInsert(b, "a")
	panics := db.QueueExec(b, func(*queries) error { panic("before") })
	err := b.Run(t.ctx)
	t.wantFailed(err, 1, "", nil)
	if !strings.Contains(err.Error(), "panicked: before") {
		t.Errorf("Run: error %q", err)
	}
	t.fails("Get", panics.Err())
	wantNotApplied(t, "another call", f)
	t.wantAll()

	b = t.batch(t.pool)
	panics = db.QueueExec(b, func(q *queries) error {
		if err := q.insert(t.ctx, "b"); err != nil {
			return err
		}
		panic("after")
	})
	f = t.queueInsert(b, "c")
	t.runs(b)
	if t.fails("Get", panics.Err()); !strings.Contains(panics.Err().Error(), "panicked: after") {
		t.Errorf("Get: error %q", panics.Err())
	}
	wantGet(t, "another call", f, struct{}{})
	t.wantAll("b", "c")
}

func batchCanceledBefore(t *tester) {
	t.setUp(batchTable)
	ctx, cancel := context.WithCancel(t.ctx)
	cancel()
	b := t.batch(t.pool)
	f := t.queueInsert(b, "a")
	t.failsAs("Run", b.Run(ctx), context.Canceled)
	t.failsAs("Get", f.Err(), context.Canceled)
	t.failsAs("an empty one", t.batch(t.pool).Run(ctx), context.Canceled)
	t.wantAll()
}

func batchCanceledWaiting(t *tester) {
	t.setUp(batchTable)
	for _, on := range []func() db.Execer{
		func() db.Execer { return t.pool },
		func() db.Execer { return t.begin(t.pool, nil) },
	} {
		other := t.begin(t.open(), nil)
		t.exec(other, "INSERT INTO t (x) VALUES ('a')")
		ctx, cancel := context.WithTimeout(t.ctx, 100*time.Millisecond)
		defer cancel()
		b := t.batch(on())
		f := t.queueInsert(b, "b")
		err := b.Run(ctx)
		t.failsAs("Run", err, context.DeadlineExceeded)
		t.failsAs("Get", f.Err(), context.DeadlineExceeded)
		if unknown := errors.Is(err, db.ErrOutcomeUnknown); unknown != errors.Is(f.Err(), db.ErrOutcomeUnknown) || unknown && !t.remote() {
			t.Errorf("Run: %v; Get: %v", err, f.Err())
		}
		t.rollback(other)
	}
	t.wantIdle()
}

// batchCanceledRunning cancels the running statement, which is no call's fault.
func batchCanceledRunning(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	for _, inTx := range []bool{false, true} {
		var on db.Execer = t.pool
		var tx *sql.Tx
		if inTx {
			tx = t.begin(t.pool, nil)
			on = tx
		}
		ctx, cancel := context.WithTimeout(t.ctx, 100*time.Millisecond)
		defer cancel()
		b := t.batch(on)
		before, endless := t.queueExec(b, "INSERT INTO t VALUES ('a')"), t.queueExec(b, endlessInsert)
		err := b.Run(ctx)
		t.failsAs("Run", err, context.DeadlineExceeded)
		t.failsAs("the call", endless.Err(), context.DeadlineExceeded)
		t.failsAs("the one before", before.Err(), context.DeadlineExceeded)
		if e := (*db.BatchError)(nil); errors.As(err, &e) {
			t.Errorf("Run blames a call: %v", err)
		}
		if inTx {
			b = t.batch(tx)
			t.queueExec(b, "INSERT INTO t VALUES ('b')")
			t.failsAs("Run in what is lost", b.Run(t.ctx), db.ErrTxLost)
			t.rollback(tx)
		}
		t.exec(t.pool, "INSERT INTO t VALUES ('c')") // succeeds if the lock is free
	}
	t.wantLetters(t.pool, "cc")
	t.wantIdle()
}

// batchBlocks has calls that block on other things than their statements.
func batchBlocks(t *tester) {
	t.setUp(batchTable)
	free := make(chan struct{})
	ended := make(chan struct{}, 2)
	ctx, cancel := context.WithTimeout(t.ctx, 100*time.Millisecond)
	defer cancel()
	b := t.batch(t.pool)
	before := t.queueInsert(b, "a")
	blocks := db.QueueExec(b, func(q *queries) error {
		defer func() { ended <- struct{}{} }()
		<-free
		return q.insert(t.ctx, "b")
	})
	after := t.queueInsert(b, "c")
	t.wantFailed(b.Run(ctx), 1, "", context.DeadlineExceeded)
	t.failsAs("the call", blocks.Err(), context.DeadlineExceeded)
	wantNotApplied(t, "the one before", before)
	wantNotApplied(t, "the one after", after)
	t.wantAll()

	ctx, cancel = context.WithTimeout(t.ctx, 300*time.Millisecond)
	defer cancel()
	b = t.batch(t.pool)
	blocks = db.QueueExec(b, func(q *queries) error {
		defer func() { ended <- struct{}{} }()
		err := q.insert(t.ctx, "d")
		<-free
		return err
	})
	after = t.queueInsert(b, "e")
	if err := b.Run(ctx); err != nil { // the batch is applied
		t.Errorf("Run: %v", err)
	}
	t.failsAs("the call", blocks.Err(), context.DeadlineExceeded)
	wantGet(t, "the one after", after, struct{}{})
	close(free)
	<-ended
	<-ended
	t.wantAll("d", "e")
	t.failsAs("the call, later", blocks.Err(), context.DeadlineExceeded)
}

func batchWaits(t *tester) {
	t.setUp(batchTable)
	for i, opts := range [][]db.BatchOption{nil, {db.WithIndependentCalls()}} {
		other := t.begin(t.open(), nil)
		t.exec(other, "INSERT INTO t (x) VALUES (?)", fmt.Sprint("other", i))
		reads := t.batch(t.pool, opts...)
		t.queueList(reads)
		t.queueList(reads)
		t.runs(reads) // needs no lock
		time.AfterFunc(200*time.Millisecond, func() { t.commit(other) })
		b := t.batch(t.pool, opts...)
		a, z := t.queueInsert(b, fmt.Sprint("a", i)), t.queueInsert(b, fmt.Sprint("z", i))
		t.runs(b)
		wantGet(t, "first", a, struct{}{})
		wantGet(t, "second", z, struct{}{})
	}
	t.wantAll("a0", "a1", "other0", "other1", "z0", "z1")
	if t.remote() {
		return // a server ends a transaction that holds the lock too long
	}
	other := t.begin(t.open(), nil)
	t.exec(other, "INSERT INTO t (x) VALUES ('x')")
	impatient := t.open(db.WithBusyTimeout(50 * time.Millisecond))
	b := t.batch(impatient)
	f := t.queueInsert(b, "y")
	t.failsAs("Run", b.Run(t.ctx), db.ErrBusy)
	wantNotAppliedBy(t, "Get", f, db.ErrBusy)
	t.rollback(other)
}
