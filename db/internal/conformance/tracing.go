package conformance

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/duolite/duolite/db"
)

var tracingCases = []testCase{
	{"statements", tracedStatements},
	{"arguments", tracedArguments},
	{"transactions", tracedTransactions},
	{"a transaction whose context ends", tracedCancel},
	{"rows whose context ends", tracedRowsCancel},
	{"batches", tracedBatches},
	{"connections", tracedConnections},
	{"plans", tracedPlans},
	{"plans leave no trace", planLeavesNoTrace},
	{"several tracers", severalTracers},
}

func tracedStatements(t *tester) {
	t.setUp("CREATE TABLE t (x TEXT UNIQUE)")
	pool, r := t.traced()
	const add = "-- name: Add :exec\nINSERT INTO t VALUES (?), (?)"
	t.exec(pool, add, "a", "b")
	t.wantNotes(r, "exec Add rows=2")
	last := r.last()
	t.equal("the text", last.Text, add)
	t.equal("the statements", last.Statements, 1)
	t.equal("the arguments", last.Args, []any(nil))
	if last.Database == "" || strings.ContainsAny(last.Database, "?@") {
		t.Errorf("the database is %q, want the URL without parameters", last.Database)
	}

	t.rows(pool, "-- name: List :many\nSELECT x FROM t")
	t.value(pool, "-- name: Get :one\nSELECT x FROM t WHERE x = ?", "a")
	t.rows(pool, "SELECT x FROM t WHERE x = 'z'")
	t.wantNotes(r, "query List rows=2", "query Get rows=1", "query")

	rows, err := pool.QueryContext(t.ctx, "SELECT x FROM t")
	if err != nil {
		t.Fatal(err)
	}
	rows.Next()
	t.wantNoNotes(r)
	if err := rows.Close(); err != nil {
		t.Error(err)
	}
	t.wantNotes(r, "query rows=1")

	_, err = pool.ExecContext(t.ctx, add, "a", "c")
	t.failsAs("a duplicate", err, db.ErrUnique)
	t.wantNotes(r, "exec Add failed")
	if last := r.last().Err; !errors.Is(last, db.ErrUnique) {
		t.Errorf("the traced error is %v, want ErrUnique", last)
	}
	t.exec(pool, "INSERT INTO t VALUES ('d'); DELETE FROM t WHERE x <> 'd'")
	t.wantNotes(r, "exec rows=3")
	if err := pool.PingContext(t.ctx); err != nil {
		t.Error(err)
	}
	t.wantNotes(r, "ping")
}

func (t *tester) wantNoNotes(r *recorder) {
	t.Helper()
	if notes := r.take(); len(notes) > 0 {
		t.Errorf("the calls %q ended, want none", notes)
	}
}

func tracedArguments(t *tester) {
	t.setUp("CREATE TABLE t (x, y)")
	pool, r := t.traced(db.WithTraceArgs())
	t.exec(pool, "INSERT INTO t VALUES (?, ?)", true, "secret")
	t.equal("the arguments", r.last().Args, []any{int64(1), "secret"})
	t.wantBegun(r)
	t.rows(pool, "SELECT * FROM t WHERE x = :x", sql.Named("x", 1.5))
	t.equal("the arguments", r.last().Args, []any{1.5})
	t.wantBegun(r)
	t.rows(pool, "SELECT * FROM t")
	t.equal("the arguments", r.last().Args, []any(nil))
}

func tracedTransactions(t *tester) {
	t.setUp("CREATE TABLE t (x TEXT UNIQUE)")
	pool, r := t.traced()
	tx := t.begin(pool, nil)
	t.exec(tx, "-- name: Add :exec\nINSERT INTO t VALUES ('a')")
	t.wantNotesBefore(r, "exec Add rows=1")
	t.commit(tx)
	t.wantNotes(r, "commit", "transaction committed")

	tx = t.begin(pool, &sql.TxOptions{ReadOnly: true})
	t.rows(tx, "SELECT * FROM t")
	t.rollback(tx)
	t.wantNotes(r, "query rows=1", "rollback", "transaction")

	tx = t.begin(pool, nil)
	if _, err := tx.ExecContext(t.ctx, "INSERT INTO t VALUES ('a')"); err == nil {
		t.Error("a duplicate was stored")
	}
	t.exec(tx, "INSERT INTO t VALUES ('b')")
	t.commit(tx)
	t.wantNotes(r, "exec failed", "exec rows=1", "commit", "transaction committed")
	t.wantLetters(t.pool, "ab")
}

// wantNotesBefore is wantNotes while a transaction is open.
func (t *tester) wantNotesBefore(r *recorder, want ...string) {
	t.Helper()
	t.equal("the calls", r.take(), want)
}

func tracedCancel(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	pool, r := t.traced(db.WithMaxOpenConns(1))
	ctx, cancel := context.WithCancel(t.ctx)
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.exec(tx, "INSERT INTO t VALUES (1)")
	cancel()
	t.value(pool, "SELECT count(*) FROM t") // after database/sql has rolled back, or closed the connection
	var got []string
	for !slices.Contains(got, "transaction") && !slices.Contains(got, "transaction failed") {
		if t.ctx.Err() != nil {
			t.Fatalf("the calls are %q, want the end of a transaction that wasn't committed", got)
		}
		time.Sleep(time.Millisecond) // a connection that is closed doesn't delay the next one
		got = append(got, r.take()...)
	}
}

// tracedRowsCancel: the context ends while rows are read, which rows.Err reports.
func tracedRowsCancel(t *tester) {
	t.setUp("CREATE TABLE t (x)", "INSERT INTO t VALUES (1), (2), (3)")
	pool, r := t.traced()
	for _, query := range []func(context.Context, string, ...any) (*sql.Rows, error){pool.QueryContext, db.Lean(pool).QueryContext} {
		ctx, cancel := context.WithCancel(t.ctx)
		rows, err := query(ctx, "SELECT x FROM t")
		if err != nil {
			t.Fatal(err)
		}
		rows.Next()
		cancel()
		rows.Next() // two rows are left
		rows.Close()
		if last := r.last(); !errors.Is(last.Err, context.Canceled) {
			t.Errorf("the traced error is %v, want context.Canceled", last.Err)
		}
	}

	ctx, cancel := context.WithCancel(t.ctx)
	rows, err := pool.QueryContext(ctx, "SELECT x FROM t")
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
	}
	cancel()
	rows.Close()
	t.equal("the error after the last row", r.last().Err, error(nil))
}

func tracedBatches(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT UNIQUE)")
	pool, r := t.traced()
	b := t.batch(pool)
	t.queueExec(b, "-- name: Add :exec\nINSERT INTO t (x) VALUES (?)", "a")
	t.queueExec(b, "-- name: Add :exec\nINSERT INTO t (x) VALUES (?)", "b")
	t.queueRow(b, "-- name: Count :one\nSELECT count(*) FROM t")
	t.runs(b)
	t.wantNotes(r, "batch Add+Count rows=2")
	t.equal("the statements", r.last().Statements, 3)
	t.wantBegun(r)

	b = t.batch(pool)
	t.queueExec(b, "-- name: Add :exec\nINSERT INTO t (x) VALUES (?)", "a")
	t.failsAs("Run", b.Run(t.ctx), db.ErrUnique)
	t.wantNotes(r, "batch Add failed")
}

func tracedConnections(t *tester) {
	r := &recorder{}
	pool, err := t.fixture.engine.Open(t.ctx, t.fixture.database.URL, db.WithTracer(r))
	if err != nil {
		t.Fatal(err)
	}
	t.equal("Open", r.take(), []string{"connect", "ping"})
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
	t.equal("Close", r.take(), []string{"close"})
}

func tracedPlans(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT)", "CREATE INDEX t_x ON t (x)")
	pool, r := t.traced()
	r.explain = true
	t.rows(pool, "SELECT id, x FROM t WHERE id = ?", 1)
	t.rows(pool, "SELECT x FROM t WHERE x = ? UNION ALL SELECT hex(id) FROM t", "a")
	t.exec(pool, "INSERT INTO t (x) VALUES ('a')")
	t.exec(pool, "CREATE TABLE other (x)")
	t.exec(pool, "INSERT INTO t (x) VALUES ('b'); DELETE FROM t WHERE x = 'b'")
	t.wantNotes(r,
		`query plan="SEARCH t USING INTEGER PRIMARY KEY (rowid=?)"`,
		`query plan="COMPOUND QUERY/  LEFT-MOST SUBQUERY/    SEARCH t USING COVERING INDEX t_x (x=?)/  UNION ALL/    SCAN t"`,
		`exec rows=1 plan=""`,
		`exec`,
		`exec rows=2`,
	)
	t.rows(pool, "-- db:dynamic\nSELECT id FROM t WHERE (?1 IS NULL OR x = ?1)", "a")
	t.wantNotes(r, `query rows=1 plan="SEARCH t USING COVERING INDEX t_x (x=?)"`)

	tx := t.begin(pool, nil)
	t.exec(tx, "UPDATE t SET x = 'c' WHERE x = 'a'")
	t.rows(tx, "SELECT id FROM t WHERE x = 'c'")
	t.commit(tx)
	t.wantNotes(r,
		`exec rows=1 plan="SEARCH t USING INDEX t_x (x=?)"`,
		`query rows=1 plan="SEARCH t USING COVERING INDEX t_x (x=?)"`,
		"commit", "transaction committed")
	t.equal("the table", t.rows(t.pool, "SELECT x FROM t"), [][]any{{"c"}})
}

func planLeavesNoTrace(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT)")
	pool, r := t.traced()
	r.explain = true
	tx := t.begin(pool, nil)
	t.exec(tx, "INSERT INTO t (x) VALUES ('a'), ('b'), ('c')")
	t.wantValue(tx, int64(3), "SELECT changes()")
	t.wantValue(tx, int64(3), "SELECT last_insert_rowid()")
	t.exec(tx, "UPDATE t SET x = 'd' WHERE id > 1")
	t.wantValue(tx, int64(2), "SELECT changes()")
	t.wantValue(tx, int64(5), "SELECT total_changes()")
	t.commit(tx)
	t.equal("the table", t.rows(pool, "SELECT count(*) FROM t"), [][]any{{int64(3)}})
}

func severalTracers(t *tester) {
	first, second := &recorder{}, &recorder{}
	pool := t.open(db.WithTracer(first), db.WithTracer(second))
	first.take()
	second.take()
	t.value(pool, "SELECT 1")
	t.wantNotes(first, "query rows=1")
	t.wantNotes(second, "query rows=1")
}
