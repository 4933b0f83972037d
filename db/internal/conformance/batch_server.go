package conformance

import (
	"errors"
	"net/http"
	"sync/atomic"

	"github.com/duolite/duolite/db"
)

// countRequests returns the number of requests that run sends.
func (p *proxy) countRequests(run func()) int {
	var n atomic.Int32
	p.set(func(http.ResponseWriter, *http.Request, string) bool {
		n.Add(1)
		return false
	})
	run()
	p.set(nil)
	return int(n.Load())
}

func batchRequests(t *tester) {
	if !t.remote() {
		t.Skip("the engine has no server")
	}
	t.setUp(batchTable)
	p, pool := t.through()
	inserts := func(on db.Execer, n int, opts ...db.BatchOption) func() {
		return func() {
			b := t.batch(on, opts...)
			for range n {
				t.queueExec(b, "INSERT INTO t (x) VALUES (hex(randomblob(16)))")
			}
			t.runs(b)
		}
	}
	t.equal("1,000 inserts", p.countRequests(inserts(pool, 1000)), 1)
	t.equal("1,000 inserts, each by itself", p.countRequests(inserts(pool, 1000, db.WithIndependentCalls())), 1)
	t.equal("1,000 inserts, 100 at a time", p.countRequests(inserts(pool, 1000, db.WithRequestLimits(1<<20, 100))), 10)
	t.equal("in a transaction", p.countRequests(func() {
		tx := t.begin(pool, nil)
		inserts(tx, 100)()
		t.commit(tx)
	}), 2)
	t.equal("six reads", p.countRequests(func() {
		b := t.batch(pool, db.WithReadOnly())
		for range 6 {
			t.queueRow(b, "SELECT count(*) FROM t")
		}
		t.runs(b)
	}), 1)
}

func batchLost(t *tester) {
	if !t.remote() {
		t.Skip("the engine has no server")
	}
	t.setUp(batchTable)
	p, pool := t.through()
	count := p.loseAnswers("INSERT")
	b := t.batch(pool)
	f, read := t.queueInsert(b, "a"), t.queueList(b)
	t.failsAs("Run", b.Run(t.ctx), db.ErrOutcomeUnknown)
	t.failsAs("Get", f.Err(), db.ErrOutcomeUnknown)
	t.failsAs("Get of a read", read.Err(), db.ErrOutcomeUnknown)
	t.equal("requests", count(), 1)
	p.set(nil)
	t.wantAll("a")

	count = p.loseAnswers("INSERT")
	b = t.batch(pool, db.WithIndependentCalls(), db.WithRequestLimits(1<<20, 2))
	f, other, last := t.queueInsert(b, "b"), t.queueInsert(b, "c"), t.queueInsert(b, "d")
	t.failsAs("Run", b.Run(t.ctx), db.ErrOutcomeUnknown)
	t.failsAs("Get", f.Err(), db.ErrOutcomeUnknown)
	t.failsAs("Get", other.Err(), db.ErrOutcomeUnknown)
	wantNotApplied(t, "what wasn't sent", last)
	t.equal("requests", count(), 1)
	p.set(nil)
	t.wantAll("a", "b", "c")

	tx := t.begin(pool, nil)
	p.loseAnswers("INSERT")
	b = t.batch(tx)
	f = t.queueInsert(b, "e")
	err := b.Run(t.ctx)
	if t.failsAs("in a transaction", err, db.ErrUnavailable); errors.Is(err, db.ErrOutcomeUnknown) {
		t.Errorf("Run: %v", err)
	}
	wantNotAppliedBy(t, "Get", f, db.ErrUnavailable)
	p.set(nil)
	b = t.batch(tx)
	t.queueInsert(b, "f")
	t.failsAs("Run after that", b.Run(t.ctx), db.ErrTxLost)
	t.rollback(tx)
	t.wantAll("a", "b", "c")
}

// batchLostRequest loses the reply to one of several requests.
func batchLostRequest(t *tester) {
	if !t.remote() {
		t.Skip("the engine has no server")
	}
	t.setUp(batchTable)
	p, pool := t.through()
	for _, mark := range []string{"middle"} { // each takes the 5 s for which sqld holds the lock
		p.loseAnswers(mark)
		b := t.batch(pool, db.WithRequestLimits(1<<20, 1))
		all := []*db.Future[struct{}]{t.queueInsert(b, "first"), t.queueInsert(b, "middle"), t.queueInsert(b, "last")}
		err := b.Run(t.ctx)
		if t.failsAs("Run", err, db.ErrUnavailable); errors.Is(err, db.ErrOutcomeUnknown) {
			t.Errorf("Run: %v", err)
		}
		for _, f := range all {
			wantNotAppliedBy(t, "Get", f, db.ErrUnavailable)
		}
		p.set(nil)
	}
	p.loseAnswers("last")
	b := t.batch(pool, db.WithRequestLimits(1<<20, 1))
	first, last := t.queueInsert(b, "first"), t.queueInsert(b, "last")
	t.failsAs("Run", b.Run(t.ctx), db.ErrOutcomeUnknown)
	t.failsAs("Get", first.Err(), db.ErrOutcomeUnknown)
	t.failsAs("Get", last.Err(), db.ErrOutcomeUnknown)
	p.set(nil)
	t.wantAll("first", "last")
	// A read may be repeated. (The first one after a lost write also asks whether it was applied.)
	t.value(pool, "SELECT 1")
	n := 0
	p.set(func(w http.ResponseWriter, r *http.Request, body string) bool {
		if n++; n > 1 {
			return false
		}
		panic(http.ErrAbortHandler)
	})
	b = t.batch(pool, db.WithReadOnly())
	read := t.queueList(b)
	t.runs(b)
	wantGet(t, "list", read, []string{"first", "last"})
	t.equal("requests", n, 2)
}

// batchOneByOne is for engines that can't send statements together.
func batchOneByOne(t *tester) {
	t.setUp(batchTable)
	p, pool := t.through()
	requests := p.countRequests(func() {
		b := t.batch(pool)
		for _, x := range []string{"a", "b", "c"} {
			t.queueInsert(b, x)
		}
		t.runs(b)
	})
	if requests < 5 {
		t.Errorf("%d requests for 3 statements in a transaction", requests)
	}
	t.wantAll("a", "b", "c")
}

func batchLostCommit(t *tester) {
	t.setUp(batchTable)
	p, pool := t.through()
	count := p.loseAnswers("COMMIT")
	b := t.batch(pool)
	f, read := t.queueInsert(b, "a"), t.queueList(b)
	t.failsAs("Run", b.Run(t.ctx), db.ErrOutcomeUnknown)
	t.failsAs("Get", f.Err(), db.ErrOutcomeUnknown)
	t.failsAs("Get of a read", read.Err(), db.ErrOutcomeUnknown)
	t.equal("requests with COMMIT", count(), 1)
	p.set(nil)
	t.wantAll("a")
	p.loseAnswers("INSERT")
	b = t.batch(pool)
	f = t.queueInsert(b, "b")
	if err := b.Run(t.ctx); !t.fails("Run", err) || errors.Is(err, db.ErrOutcomeUnknown) {
		t.Errorf("Run: %v", err)
	}
	if err := f.Err(); !t.fails("Get", err) || errors.Is(err, db.ErrOutcomeUnknown) {
		t.Errorf("Get: %v", err)
	}
	p.set(nil)
	t.wantAll("a")
}
