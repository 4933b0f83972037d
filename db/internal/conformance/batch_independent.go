package conformance

import (
	"errors"
	"fmt"

	"github.com/duolite/duolite/db"
)

// batchIndependentUnread has calls that a server can't parse, in requests of their own and in
// requests with other calls.
func batchIndependentUnread(t *tester) {
	t.setUp(batchTable)
	for i, limit := range []int{1, 2, 100} {
		b := t.batch(t.pool, db.WithIndependentCalls(), db.WithRequestLimits(1<<20, limit))
		first := t.queueInsert(b, fmt.Sprint("a", i))
		wrong, again := t.queueExec(b, "SELEC 1"), t.queueExec(b, "SELEC 1")
		other := t.queueExec(b, "INSERT INTO t")
		last := t.queueInsert(b, fmt.Sprint("z", i))
		t.wantFailed(b.Run(t.ctx), 1, "", nil)
		wantGet(t, "the first", first, struct{}{})
		for _, f := range []interface{ Err() error }{wrong, again, other} {
			if t.fails("what can't be read", f.Err()); errors.Is(f.Err(), db.ErrNotApplied) {
				t.Errorf("what can't be read has the error of another: %v", f.Err())
			}
		}
		wantGet(t, "the last", last, struct{}{})
	}
	t.wantAll("a0", "a1", "a2", "z0", "z1", "z2")
	t.wantIdle()
}

// batchIndependentLarge has a reply that exceeds the server's limit, after a write that was
// already committed.
func batchIndependentLarge(t *tester) {
	t.setUp(batchTable)
	b := t.batch(t.pool, db.WithIndependentCalls(), db.WithRequestLimits(1<<20, 2))
	added := t.queueExec(b, "INSERT INTO t (x) VALUES (hex(randomblob(16)))")
	t.queueInsert(b, "a")
	first, second := queueMegabytes(t, b), queueMegabytes(t, b)
	last := t.queueInsert(b, "z")
	t.runs(b)
	t.equal("the first", added.Err(), error(nil))
	wantGet(t, "rows", first, 6)
	wantGet(t, "rows", second, 6)
	wantGet(t, "the last", last, struct{}{})
	t.wantValue(t.pool, int64(3), "SELECT count(*) FROM t")
	t.wantIdle()
}
