package conformance

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/duolite/duolite/db"
)

// batchCases are about calls that are sent together.
var batchCases = []testCase{
	{"values of all types", batchValues},
	{"parameters", batchParameters},
	{"every kind of method", batchKinds},
	{"a later call sees what an earlier one wrote", batchOrder},
	{"nothing to do", batchEmpty},
	{"1,000 inserts", batchThousand},
	{"cut into several requests", batchCut},
	{"answers of 12 MB", batchLarge},
	{"an error names its call", batchFails},
	{"every kind of error", batchErrorKinds},
	{"an error of COMMIT", batchCommitFails},
	{"an error of syntax", batchSyntax},
	{"errors before anything is sent", batchEarlyErrors},
	{"no statement", batchNone},
	{"two statements", batchTwo},
	{"a panic", batchPanics},
	{"a call that drops its error", batchDropsError},
	{"Run and Get at the wrong time", batchOnce},
	{"BEGIN, COMMIT and savepoints", batchControls},
	{"in a transaction", batchInTx},
	{"an error in a transaction", batchFailsInTx},
	{"in a transaction that is over", batchTxOver},
	{"on a connection", batchConn},
	{"read-only", batchReadOnly},
	{"read-only in a transaction", batchReadOnlyInTx},
	{"a snapshot", batchSnapshot},
	{"independent calls", batchIndependent},
	{"independent calls that can't be read", batchIndependentUnread},
	{"independent calls with a large answer", batchIndependentLarge},
	{"waiting for the lock", batchWaits},
	{"canceled before", batchCanceledBefore},
	{"canceled while it waits", batchCanceledWaiting},
	{"canceled while it runs", batchCanceledRunning},
	{"a call that blocks", batchBlocks},
	{"the pool goes on", batchPoolGoesOn},
	{"the schema changes", batchSchema},
	{"requests", batchRequests},
	{"an answer that is lost", batchLost},
	{"a request that is lost", batchLostRequest},
}

func batchValues(t *tester) {
	t.setUp("CREATE TABLE v (x, at DATETIME, y TEXT)")
	when := time.Date(2024, 2, 29, 12, 30, 0, 123456789, time.FixedZone("", 7200))
	values := []any{nil, int64(-1 << 63), 0.1, "", "a\x00b\"\\é", []byte{}, []byte{0, 255}, true, when, sql.NullString{}, 7}
	want := []any{nil, int64(-1 << 63), 0.1, "", "a\x00b\"\\é", []byte{}, []byte{0, 255}, int64(1), "2024-02-29 10:30:00.123456789", nil, int64(7)}
	b := t.batch(t.pool)
	var all []*db.Future[[]any]
	for i, value := range values {
		t.queueExec(b, "INSERT INTO v (x, at, y) VALUES (?, ?, ?)", value, when, "row "+fmt.Sprint(i))
		all = append(all, t.queueRow(b, "SELECT x, at, y, at || '' FROM v WHERE y = :y", sql.Named("y", "row "+fmt.Sprint(i))))
	}
	t.runs(b)
	for i, f := range all {
		y := "row " + fmt.Sprint(i)
		wantGet(t, y, f, []any{want[i], when.UTC(), y, "2024-02-29 10:30:00.123456789"})
		t.equal("plain: "+y, t.row(t.pool, "SELECT x, at, y, at || '' FROM v WHERE y = ?", y), []any{want[i], when.UTC(), y, "2024-02-29 10:30:00.123456789"})
	}
}

func batchParameters(t *tester) {
	b := t.batch(t.pool)
	texts := []string{"SELECT ?2, ?1", "SELECT $2, $1", "SELECT ?, ?", "SELECT :b, @a, :b"}
	args := [][]any{{1, 2}, {1, 2}, {2, 1}, {sql.Named("a", 1), sql.Named("b", 2)}}
	var all []*db.Future[[]any]
	for i, text := range texts {
		all = append(all, t.queueRow(b, text, args[i]...))
	}
	mixed := t.queueRow(b, "SELECT ?2, :c, ?1", 1, 2, sql.Named("c", 3))
	t.runs(b)
	for i, f := range all {
		row := []any{int64(2), int64(1)}
		if i == 3 {
			row = append(row, int64(2))
		}
		wantGet(t, texts[i], f, row)
	}
	wantGet(t, "both kinds", mixed, []any{int64(2), int64(3), int64(1)})
}

func batchKinds(t *tester) {
	t.setUp(batchTable)
	b := t.batch(t.pool)
	one := t.queueAdd(b, "a")
	exec := t.queueInsert(b, "b")
	many := t.queueList(b)
	found := queue(t, b, func(q *queries, ctx context.Context) (string, error) { return q.find(ctx, 1) })
	missing := queue(t, b, func(q *queries, ctx context.Context) (string, error) { return q.find(ctx, 99) })
	lastID := queue(t, b, func(q *queries, ctx context.Context) (int64, error) {
		result, err := q.exec(ctx, "INSERT INTO t (x) VALUES ('c')")
		if err != nil {
			return 0, err
		}
		return result.LastInsertId()
	})
	changed := queue(t, b, func(q *queries, ctx context.Context) (int64, error) {
		result, err := q.exec(ctx, "UPDATE t SET x = x || '!' WHERE id > ?", 1)
		if err != nil {
			return 0, err
		}
		return result.RowsAffected()
	})
	ignored := t.queueExec(b, "INSERT OR IGNORE INTO t (x) VALUES ('a')")
	t.runs(b)
	wantGet(t, ":one with RETURNING", one, 1)
	wantGet(t, ":exec", exec, struct{}{})
	wantGet(t, ":many", many, []string{"a", "b"})
	wantGet(t, ":one", found, "a")
	t.failsAs(":one without a row", missing.Err(), sql.ErrNoRows)
	wantGet(t, ":execlastid", lastID, 3)
	wantGet(t, ":execrows", changed, 2)
	if result, err := ignored.Get(); err != nil {
		t.Error(err)
	} else {
		n, _ := result.RowsAffected()
		id, err := result.LastInsertId()
		t.equal(":execresult of a statement that inserts nothing", fmt.Sprint(n, id, err), "0 0 <nil>")
	}
	t.wantAll("a", "b!", "c!")
}

func batchOnce(t *tester) {
	t.setUp(batchTable)
	b := t.batch(t.pool)
	f := t.queueInsert(b, "a")
	t.fails("Get before Run", f.Err())
	t.runs(b)
	wantGet(t, "Get", f, struct{}{})
	wantGet(t, "Get again", f, struct{}{})
	t.fails("Run again", b.Run(t.ctx))
	late := t.queueInsert(b, "b")
	t.fails("a call that is queued after Run", late.Err())
	t.fails("Run again", b.Run(t.ctx))
	t.wantAll("a")
	dropped := t.batch(t.pool)
	t.queueInsert(dropped, "c")
	t.wantAll("a")
}

func batchOrder(t *tester) {
	t.setUp(batchTable)
	b := t.batch(t.pool)
	var seen []*db.Future[[]string]
	want := []string{}
	for _, x := range []string{"a", "b", "c"} {
		t.queueInsert(b, x)
		seen = append(seen, t.queueList(b))
	}
	t.runs(b)
	for i, f := range seen {
		want = append(want, string(rune('a'+i)))
		wantGet(t, "after "+fmt.Sprint(i+1), f, append([]string{}, want...))
	}
}

func batchEmpty(t *tester) {
	t.runs(t.batch(t.pool))
	b := t.batch(t.pool)
	t.equal("Len", b.Len(), 0)
	t.queueRow(b, "SELECT 1")
	t.equal("Len", b.Len(), 1)
}

func batchPoolGoesOn(t *tester) {
	t.setUp(batchTable, "INSERT INTO t (x) VALUES ('a')")
	t.pool.SetMaxOpenConns(1)
	for i := range 20 {
		b := t.batch(t.pool)
		t.queueInsert(b, fmt.Sprint(i))
		if i%2 == 0 {
			t.queueInsert(b, "a")
		}
		if err := b.Run(t.ctx); (err == nil) != (i%2 == 1) {
			t.Errorf("Run: %v", err)
		}
		t.wantValue(t.pool, int64(1+(i+1)/2), "SELECT count(*) FROM t")
	}
}

// batchSchema reads all columns while another connection adds a column.
func batchSchema(t *tester) {
	t.setUp("CREATE TABLE w (a)", "INSERT INTO w VALUES (1)")
	t.pool.SetMaxOpenConns(1)
	other := t.open()
	for i, opts := range [][]db.BatchOption{nil, {db.WithReadOnly()}, {db.WithIndependentCalls()}} {
		b := t.batch(t.pool, opts...)
		t.queueRow(b, "SELECT * FROM w")
		t.runs(b)
		t.exec(other, fmt.Sprintf("ALTER TABLE w ADD COLUMN c%d DEFAULT %d", i, i))
		b = t.batch(t.pool, opts...)
		row := t.queueRow(b, "SELECT * FROM w")
		t.runs(b)
		got, err := row.Get()
		if err != nil || len(got) != i+2 {
			t.Errorf("%d columns, want %d; %v", len(got), i+2, err)
		}
	}
	b := t.batch(t.pool)
	t.queueExec(b, "CREATE TABLE new (a, b)")
	t.queueExec(b, "INSERT INTO new VALUES (1, 2)")
	row := t.queueRow(b, "SELECT * FROM new")
	t.runs(b)
	wantGet(t, "a table of the batch", row, []any{int64(1), int64(2)})
}
