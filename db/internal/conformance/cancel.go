package conformance

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/duolite/duolite/db"
)

var cancelCases = []testCase{
	{"a context that has ended", endedBefore},
	{"canceled", canceledDuring},
	{"past the deadline", deadlinePassed},
	{"while rows are read", canceledWhileReading},
	{"rows that are left alone", rowsLeftAlone},
	{"between two rows", betweenRows},
	{"waiting for a connection", waitingForConn},
	{"a write leaves nothing", canceledWrite},
	{"a script leaves nothing", canceledScript},
	{"the only connection of a pool", canceledOnlyConn},
	{"on a connection", canceledOnConn},
	{"many at once", canceledMany},
	{"a context that ends after the call", endedAfter},
	{"the error is the context's alone", contextErrorOnly},
}

// calls lists the calls that a context can end, each with an endless statement.
var calls = []struct {
	name string
	run  func(ctx context.Context, t *tester) error
}{
	{"Exec", func(ctx context.Context, t *tester) error {
		_, err := t.pool.ExecContext(ctx, endlessInsert)
		return err
	}},
	{"Query", func(ctx context.Context, t *tester) error {
		return drain(t.pool.QueryContext(ctx, endlessMax))
	}},
	{"QueryRow", func(ctx context.Context, t *tester) error {
		return scan(t.pool.QueryRowContext(ctx, endlessMax))
	}},
	{"RETURNING", func(ctx context.Context, t *tester) error {
		return drain(t.pool.QueryContext(ctx, endlessInsert+" RETURNING x"))
	}},
	{"Query without a goroutine", func(ctx context.Context, t *tester) error {
		return drain(db.Lean(t.pool).QueryContext(ctx, endlessMax))
	}},
	{"QueryRow without a goroutine", func(ctx context.Context, t *tester) error {
		return scan(db.Lean(t.pool).QueryRowContext(ctx, endlessMax))
	}},
	{"RETURNING without a goroutine", func(ctx context.Context, t *tester) error {
		return drain(db.Lean(t.pool).QueryContext(ctx, endlessInsert+" RETURNING x"))
	}},
	{"with arguments", func(ctx context.Context, t *tester) error {
		return drain(t.pool.QueryContext(ctx, endlessMax+" WHERE i > ?", 0))
	}},
	{"prepared", func(ctx context.Context, t *tester) error {
		stmt, err := t.pool.PrepareContext(ctx, endlessMax)
		if err != nil {
			return err
		}
		defer stmt.Close()
		return scan(stmt.QueryRowContext(ctx))
	}},
	{"script", func(ctx context.Context, t *tester) error {
		_, err := t.pool.ExecContext(ctx, "INSERT INTO t VALUES ('s'); "+endlessInsert)
		return err
	}},
	{"Query in a transaction", func(ctx context.Context, t *tester) error {
		tx := t.begin(t.pool, nil)
		defer t.rollback(tx)
		return scan(tx.QueryRowContext(ctx, endlessMax))
	}},
	{"Exec in a transaction", func(ctx context.Context, t *tester) error {
		tx := t.begin(t.pool, nil)
		defer t.rollback(tx)
		t.exec(tx, "INSERT INTO t VALUES ('a')")
		_, err := tx.ExecContext(ctx, endlessInsert)
		return err
	}},
	{"Query in a read-only transaction", func(ctx context.Context, t *tester) error {
		tx := t.begin(t.pool, &sql.TxOptions{ReadOnly: true})
		defer t.rollback(tx)
		return scan(tx.QueryRowContext(ctx, endlessMax))
	}},
	{"the transaction's own context", func(ctx context.Context, t *tester) error {
		tx, err := t.pool.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		return scan(tx.QueryRowContext(ctx, endlessMax))
	}},
}

func endedBefore(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	ctx, cancel := context.WithCancel(t.ctx)
	cancel()
	for _, call := range calls {
		t.failsAs(call.name, call.run(ctx, t), context.Canceled)
	}
	_, err := t.pool.ExecContext(ctx, "INSERT INTO t VALUES ('a')")
	t.failsAs("Exec", err, context.Canceled)
	t.failsAs("Ping", t.pool.PingContext(ctx), context.Canceled)
	_, err = t.pool.Conn(ctx)
	t.failsAs("Conn", err, context.Canceled)
	_, err = t.pool.BeginTx(ctx, nil)
	t.failsAs("BeginTx", err, context.Canceled)
	conn := t.conn(t.pool)
	_, err = conn.ExecContext(ctx, "INSERT INTO t VALUES ('a')")
	t.failsAs("Exec on a connection", err, context.Canceled)
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	late, cancel := context.WithDeadline(t.ctx, time.Now().Add(-time.Hour))
	defer cancel()
	_, err = t.pool.ExecContext(late, "INSERT INTO t VALUES ('a')")
	t.failsAs("a deadline that has passed", err, context.DeadlineExceeded)
	t.wantLetters(t.pool, "")
	t.wantIdle()
}

func canceledDuring(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	for _, call := range calls {
		ctx, cancel := context.WithCancel(t.ctx)
		time.AfterFunc(30*time.Millisecond, cancel)
		t.failsAs(call.name, call.run(ctx, t), context.Canceled)
		cancel()
		t.wantLetters(t.pool, "")
	}
	t.wantIdle()
}

func deadlinePassed(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	for _, call := range calls {
		ctx, cancel := context.WithTimeout(t.ctx, 30*time.Millisecond)
		t.failsAs(call.name, call.run(ctx, t), context.DeadlineExceeded)
		cancel()
		t.wantLetters(t.pool, "")
	}
	t.wantIdle()
}

func canceledWhileReading(t *tester) {
	stmt := t.prepare(t.pool, endlessRows)
	for _, q := range []querier{t.pool, db.Lean(t.pool), t.pool, db.Lean(t.pool)} {
		ctx, cancel := context.WithCancel(t.ctx)
		t.failsAs("rows", readUntil(q, ctx, cancel), context.Canceled)
		cancel()

		ctx, cancel = context.WithTimeout(t.ctx, 100*time.Millisecond)
		t.failsAs("rows, late", readUntil(q, ctx, func() {}), context.DeadlineExceeded)
		t.failsAs("prepared", drain(stmt.QueryContext(ctx)), context.DeadlineExceeded)
		cancel()
	}
	t.wantIdle()
}

// rowsLeftAlone closes endless rows itself, and then by a context.
func rowsLeftAlone(t *tester) {
	t.pool.SetMaxOpenConns(1)
	for _, closes := range []bool{true, false} {
		ctx, cancel := context.WithCancel(t.ctx)
		rows, err := t.pool.QueryContext(ctx, endlessRows)
		if err != nil || !rows.Next() {
			t.Fatalf("no rows: %v", err)
		}
		if closes {
			if err := rows.Close(); err != nil {
				t.Error(err)
			}
		}
		cancel()
		t.wantValue(t.pool, int64(1), "SELECT 1") // on the same connection
		_ = rows.Close()
	}
}

// betweenRows cancels the context of rows between two calls of Next.
func betweenRows(t *tester) {
	ctx, cancel := context.WithCancel(t.ctx)
	defer cancel()
	rows, err := db.Lean(t.pool).QueryContext(ctx, "SELECT 1 UNION ALL SELECT 2")
	if err != nil {
		t.Fatal(err)
	}
	if !rows.Next() {
		t.Fatalf("no rows: %v", rows.Err())
	}
	cancel()
	if rows.Next() {
		t.Error("there is a row after the end of the context")
	}
	t.failsAs("the second row", rows.Err(), context.Canceled)
	if err := rows.Close(); err != nil {
		t.Error(err)
	}
	t.wantIdle()
}

// waitingForConn cancels contexts while calls wait for the pool's only connection.
func waitingForConn(t *tester) {
	t.pool.SetMaxOpenConns(1)
	conn := t.conn(t.pool)
	for _, q := range []querier{t.pool, db.Lean(t.pool)} {
		ctx, cancel := context.WithTimeout(t.ctx, 20*time.Millisecond)
		t.failsAs("Query", drain(q.QueryContext(ctx, "SELECT 1")), context.DeadlineExceeded)
		t.failsAs("QueryRow", scan(q.QueryRowContext(ctx, "SELECT 1")), context.DeadlineExceeded)
		cancel()
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	t.wantIdleConn()
}

func canceledWrite(t *tester) {
	t.setUp("CREATE TABLE t (x)", "INSERT INTO t VALUES ('a')")
	for range 3 {
		ctx, cancel := context.WithTimeout(t.ctx, 50*time.Millisecond)
		_, err := t.pool.ExecContext(ctx, endlessInsert)
		t.failsAs("insert", err, context.DeadlineExceeded)
		_, err = t.pool.ExecContext(ctx, "UPDATE t SET x = ("+endlessMax+")")
		t.failsAs("update", err, context.DeadlineExceeded)
		cancel()
		t.wantLetters(t.open(), "a")
		t.setUp("UPDATE t SET x = 'a'") // succeeds if the lock is free
	}
}

func canceledScript(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	for _, script := range []string{
		"INSERT INTO t VALUES ('a'); " + endlessInsert + "; INSERT INTO t VALUES ('b')",
		"BEGIN; INSERT INTO t VALUES ('a'); " + endlessMax + "; COMMIT",
		"CREATE TABLE u (x); " + endlessMax,
	} {
		ctx, cancel := context.WithTimeout(t.ctx, 50*time.Millisecond)
		_, err := t.pool.ExecContext(ctx, script)
		t.failsAs(script, err, context.DeadlineExceeded)
		cancel()
		t.wantLetters(t.pool, "")
	}
	t.wantValue(t.pool, int64(1), "SELECT count(*) FROM sqlite_schema")
	t.wantIdle()
}

func canceledOnlyConn(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	t.pool.SetMaxOpenConns(1)
	for _, call := range calls {
		ctx, cancel := context.WithTimeout(t.ctx, 20*time.Millisecond)
		t.fails(call.name, call.run(ctx, t))
		cancel()
		conn := t.conn(t.pool)
		t.wantValue(conn, int64(0), "SELECT count(*) FROM t")
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		t.wantIdleConn()
	}
}

// canceledOnConn continues to use a connection whose statement was canceled. The connection
// may be closed, but otherwise it must work.
func canceledOnConn(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	conn := t.conn(t.pool)
	ctx, cancel := context.WithTimeout(t.ctx, 30*time.Millisecond)
	defer cancel()
	_, err := conn.ExecContext(ctx, endlessInsert)
	t.failsAs("Exec", err, context.DeadlineExceeded)
	if _, err := conn.ExecContext(t.ctx, "INSERT INTO t VALUES ('a')"); err == nil {
		t.wantLetters(t.pool, "a")
	} else {
		t.wantLetters(t.pool, "")
	}
	_ = conn.Close()
	t.wantIdle()
}

func canceledMany(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	t.concurrently(20, func(i int) error {
		ctx, cancel := context.WithTimeout(t.ctx, time.Duration(i)*5*time.Millisecond)
		defer cancel()
		if err := scan(t.pool.QueryRowContext(ctx, endlessMax)); !errors.Is(err, context.DeadlineExceeded) {
			return errors.Join(errors.New("the error isn't the context's"), err)
		}
		_, err := t.pool.ExecContext(t.ctx, "INSERT INTO t VALUES ('a')")
		return err
	})
	t.wantValue(t.pool, int64(20), "SELECT count(*) FROM t")
	t.wantIdle()
}

// endedAfter cancels contexts after their calls have returned, which must have no effect.
func endedAfter(t *tester) {
	t.pool.SetMaxOpenConns(1)
	ctx, cancel := context.WithCancel(t.ctx)
	stmt, err := t.pool.PrepareContext(ctx, "SELECT 7")
	if err != nil {
		t.Fatal(err)
	}
	defer stmt.Close()
	conn, err := t.pool.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := drain(conn.QueryContext(ctx, "SELECT 1")); err != nil {
		t.Error(err)
	}
	cancel()
	t.wantValue(conn, int64(1), "SELECT 1")
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	if err := scan(stmt.QueryRowContext(t.ctx)); err != nil {
		t.Error(err)
	}
}

// contextErrorOnly checks that the error of a canceled call is of no other kind that a program
// would act on.
func contextErrorOnly(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	for _, call := range calls {
		ctx, cancel := context.WithTimeout(t.ctx, 20*time.Millisecond)
		err := call.run(ctx, t)
		cancel()
		for _, kind := range kinds {
			// A write that was sent to a server may have been applied.
			unknown := (kind == db.ErrUnavailable || kind == db.ErrOutcomeUnknown) && t.remote() && errors.Is(err, db.ErrOutcomeUnknown)
			if errors.Is(err, kind) && !unknown {
				t.Errorf("%s: error %v is of the kind %v", call.name, err, kind)
			}
		}
		if errors.Is(err, sql.ErrConnDone) || errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v, want the deadline's alone", call.name, err)
		}
	}
}
