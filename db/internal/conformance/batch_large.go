package conformance

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/duolite/duolite/db"
)

func batchThousand(t *tester) {
	t.setUp(batchTable)
	for _, opts := range [][]db.BatchOption{nil, {db.WithRequestLimits(1<<20, 100)}, {db.WithRequestLimits(5000, 1000)}} {
		b := t.batch(t.pool, opts...)
		var all []*db.Future[int64]
		for i := range 1000 {
			all = append(all, t.queueAdd(b, fmt.Sprint(i)))
		}
		t.runs(b)
		for i, f := range all {
			wantGet(t, "id", f, int64(i+1))
		}
		t.wantValue(t.pool, int64(1000), "SELECT count(*) FROM t")
		t.exec(t.pool, "DELETE FROM t")
	}
}

// batchCut makes each of several requests fail.
func batchCut(t *tester) {
	t.setUp(batchTable, "INSERT INTO t (x) VALUES ('dup')")
	for _, on := range []string{"pool", "transaction"} {
		for failing := range 10 {
			var tx *sql.Tx
			var to db.Execer = t.pool
			if on == "transaction" {
				tx = t.begin(t.pool, nil)
				to = tx
			}
			b := t.batch(to, db.WithRequestLimits(1<<20, 3))
			var all []*db.Future[int64]
			for i := range 10 {
				x := fmt.Sprint(i)
				if i == failing {
					x = "dup"
				}
				all = append(all, t.queueAdd(b, x))
			}
			t.wantFailed(b.Run(t.ctx), failing, "Add", db.ErrUnique)
			for i, f := range all {
				if i == failing {
					t.failsAs("the call", f.Err(), db.ErrUnique)
				} else {
					wantNotApplied(t, "another call", f)
				}
			}
			if tx != nil {
				t.exec(tx, "INSERT INTO t (x) VALUES (?)", fmt.Sprintf("tx%d", failing))
				t.commit(tx)
			}
		}
		t.wantIdle()
	}
	t.wantAll("dup", "tx0", "tx1", "tx2", "tx3", "tx4", "tx5", "tx6", "tx7", "tx8", "tx9")
}

const megabytes = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6) SELECT replace(hex(zeroblob(500000)), '0', 'x') AS x, i FROM n"

// queueMegabytes adds a call that reads rows of a megabyte, and returns their number.
func queueMegabytes(t *tester, b *db.Batch[*queries]) *db.Future[int] {
	return queue(t, b, func(q *queries, ctx context.Context) (int, error) {
		rows, err := q.db.QueryContext(ctx, megabytes)
		if err != nil {
			return 0, err
		}
		all, err := readAll(rows)
		for i, row := range all {
			if len(row[0].(string)) != 1_000_000 || row[1] != int64(i+1) {
				return 0, fmt.Errorf("row %d is %s", i, show(row))
			}
		}
		return len(all), err
	})
}

// batchLarge has replies that exceed the limit of a server's response.
func batchLarge(t *tester) {
	t.setUp(batchTable)
	for i, opts := range [][]db.BatchOption{nil, {db.WithReadOnly()}, {db.WithRequestLimits(1<<20, 2)}} {
		for _, inTx := range []bool{false, true} {
			var on db.Execer = t.pool
			var tx *sql.Tx
			if inTx {
				tx = t.begin(t.pool, nil)
				on = tx
			}
			b := t.batch(on, opts...)
			var added *db.Future[int64]
			x := fmt.Sprint(i, inTx)
			if i != 1 {
				added = t.queueAdd(b, x)
			}
			first := queueMegabytes(t, b)
			second := queueMegabytes(t, b)
			all := t.queueList(b)
			t.runs(b)
			wantGet(t, "rows", first, 6)
			wantGet(t, "rows", second, 6)
			if added != nil {
				got, err := all.Get()
				if err != nil || !strings.Contains(strings.Join(got, ","), x) {
					t.Errorf("%q, %v", got, err)
				}
				t.equal("Add", added.Err(), error(nil))
			}
			if inTx {
				t.commit(tx)
			}
		}
	}
	t.wantAll("0 false", "0 true", "2 false", "2 true")
	b := t.batch(t.pool, db.WithIndependentCalls())
	first := queueMegabytes(t, b)
	second := queueMegabytes(t, b)
	t.runs(b)
	wantGet(t, "rows", first, 6)
	wantGet(t, "rows", second, 6)
	// The second attempt fails.
	b = t.batch(t.pool)
	queueMegabytes(t, b)
	large := queueMegabytes(t, b)
	failed := t.queueAdd(b, "0 true")
	t.wantFailed(b.Run(t.ctx), 2, "Add", db.ErrUnique)
	t.failsAs("Add", failed.Err(), db.ErrUnique)
	wantNotApplied(t, "a read", large)
	t.wantIdle()
}
