package conformance

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"
)

var poolCases = []testCase{
	{"ping", ping},
	{"connections that aren't kept", churn},
	{"one connection", oneConnection},
	{"the driver's connection", rawConn},
	{"a connection that the program calls bad", badConn},
	{"queries within queries", nestedQueries},
	{"queries within queries in a transaction", nestedInTx},
	{"writes to the table that is read", writeWhileReading},
	{"rows that aren't read to their end", leftRows},
	{"a hundred thousand rows", manyRows},
	{"ten thousand rows in a transaction", manyRowsInTx},
	{"a result of 12 MB", largeResult},
	{"wrong types in Scan", wrongScan},
	{"two pools on one database", poolsShare},
	{"the state of a connection stays with it", connState},
	{"after Close", closedPool},
	{"many connections", manyConns},
}

func ping(t *tester) {
	if err := t.pool.PingContext(t.ctx); err != nil {
		t.Error(err)
	}
	conn := t.conn(t.pool)
	if err := conn.PingContext(t.ctx); err != nil {
		t.Error(err)
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
}

// churn keeps no connection open between two calls. A database in memory must keep its data.
func churn(t *tester) {
	t.pool.SetMaxIdleConns(0)
	t.pool.SetConnMaxLifetime(time.Nanosecond)
	t.setUp("CREATE TABLE t (x)")
	for i := range 20 {
		t.exec(t.pool, "INSERT INTO t VALUES (?)", i)
		t.wantValue(t.pool, int64(i+1), "SELECT count(*) FROM t")
	}
	t.equal("open connections", t.pool.Stats().OpenConnections, 0)
}

func oneConnection(t *tester) {
	t.pool.SetMaxOpenConns(1)
	t.setUp("CREATE TABLE t (x)")
	t.concurrently(8, func(i int) error {
		_, err := t.pool.ExecContext(t.ctx, "INSERT INTO t VALUES (?)", i)
		return errors.Join(err, scan(t.pool.QueryRowContext(t.ctx, "SELECT count(*) FROM t")))
	})
	t.wantValue(t.pool, int64(8), "SELECT count(*) FROM t")
}

// rawConn uses a connection as driver wrappers do.
func rawConn(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, x)")
	conn := t.conn(t.pool)
	err := conn.Raw(func(raw any) error {
		execer, ok := raw.(driver.ExecerContext)
		if !ok {
			return fmt.Errorf("%T is no driver.ExecerContext", raw)
		}
		queryer, ok := raw.(driver.QueryerContext)
		if !ok {
			return fmt.Errorf("%T is no driver.QueryerContext", raw)
		}
		for _, what := range []bool{implements[driver.ConnBeginTx](raw), implements[driver.ConnPrepareContext](raw), implements[driver.Pinger](raw),
			implements[driver.SessionResetter](raw), implements[driver.Validator](raw), implements[driver.NamedValueChecker](raw)} {
			if !what {
				t.Errorf("%T lacks an interface of the package driver", raw)
			}
		}
		result, err := execer.ExecContext(t.ctx, "INSERT INTO t (x) VALUES (?)", []driver.NamedValue{{Ordinal: 1, Value: "a"}})
		if err != nil {
			return err
		}
		id, err := result.LastInsertId()
		t.equal("the id", []any{id, err}, []any{int64(1), nil})
		rows, err := queryer.QueryContext(t.ctx, "SELECT id, x FROM t", nil)
		if err != nil {
			return err
		}
		t.equal("columns", rows.Columns(), []string{"id", "x"})
		row := make([]driver.Value, 2)
		if err := rows.Next(row); err != nil {
			return err
		}
		t.equal("row", row, []driver.Value{int64(1), "a"})
		return rows.Close()
	})
	if err := errors.Join(err, conn.Close()); err != nil {
		t.Error(err)
	}
}

func implements[I any](value any) bool {
	_, ok := value.(I)
	return ok
}

func badConn(t *tester) {
	t.setUp("CREATE TABLE t (x)", "INSERT INTO t VALUES ('a')")
	conn := t.conn(t.pool)
	t.failsAs("Raw", conn.Raw(func(any) error { return driver.ErrBadConn }), driver.ErrBadConn)
	_ = conn.Close()
	t.wantLetters(t.pool, "a")
}

func nestedQueries(t *tester) {
	t.setUp("CREATE TABLE t (x INTEGER)", "INSERT INTO t VALUES (1), (2), (3)")
	t.equal("products", t.nested(t.pool), int64(36))
}

func nestedInTx(t *tester) {
	t.setUp("CREATE TABLE t (x INTEGER)", "INSERT INTO t VALUES (1), (2), (3)")
	for _, opts := range []*sql.TxOptions{nil, {ReadOnly: true}} {
		tx := t.begin(t.pool, opts)
		t.equal("products", t.nested(tx), int64(36))
		t.commit(tx)
	}
}

// nested computes a sum of products by two nested loops over rows.
func (t *tester) nested(q querier) (sum int64) {
	t.Helper()
	rows, err := q.QueryContext(t.ctx, "SELECT x FROM t")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var x int64
		if err := rows.Scan(&x); err != nil {
			t.Fatal(err)
		}
		for _, row := range t.rows(q, "SELECT x * ? FROM t", x) {
			sum += row[0].(int64)
		}
	}
	if err := rows.Err(); err != nil {
		t.Error(err)
	}
	return sum
}

// writeWhileReading writes a row for each row that it reads.
func writeWhileReading(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, x)", "CREATE TABLE log (id)",
		"INSERT INTO t (x) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) SELECT 'a' FROM n")
	tx := t.begin(t.pool, nil)
	rows, err := tx.QueryContext(t.ctx, "SELECT id FROM t ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var id int
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		t.exec(tx, "UPDATE t SET x = 'b' WHERE id = ?", id)
		t.exec(tx, "INSERT INTO log VALUES (?)", id)
	}
	if err := rows.Err(); err != nil || n != 300 {
		t.Errorf("%d rows (%v), want 300", n, err)
	}
	t.commit(tx)
	t.equal("rows", t.row(t.pool, "SELECT (SELECT count(*) FROM t WHERE x = 'b'), (SELECT count(*) FROM log)"), []any{int64(300), int64(300)})
}

func leftRows(t *tester) {
	t.setUp("CREATE TABLE t (x)",
		"INSERT INTO t WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) SELECT i FROM n")
	t.pool.SetMaxOpenConns(1)
	for range 20 {
		rows, err := t.pool.QueryContext(t.ctx, "SELECT x FROM t")
		if err != nil || !rows.Next() {
			t.Fatalf("no rows: %v", err)
		}
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
		var x int
		if err := t.pool.QueryRowContext(t.ctx, "SELECT x FROM t").Scan(&x); err != nil {
			t.Error(err)
		}
	}
	t.exec(t.open(), "DELETE FROM t") // succeeds if the lock is free
	t.wantLetters(t.pool, "")
}

// sum reads two columns of n rows.
func (t *tester) sum(q querier, n int) {
	t.Helper()
	rows, err := q.QueryContext(t.ctx, `
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		SELECT i, format('row %06d', i) FROM n`, n)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var count, sum, length int
	for ; rows.Next(); count++ {
		var i int
		var text string
		if err := rows.Scan(&i, &text); err != nil {
			t.Fatal(err)
		}
		sum += i
		length += len(text)
	}
	if err := rows.Err(); err != nil {
		t.Error(err)
	}
	t.equal("rows, their sum and length", []int{count, sum, length}, []int{n, n * (n + 1) / 2, 10 * n})
}

func manyRows(t *tester) { t.sum(t.pool, 100_000) }

// manyRowsInTx continues the transaction after reading many rows. Even a slow client reads
// them before the server's 10 s limit for an idle stream.
func manyRowsInTx(t *tester) {
	tx := t.begin(t.pool, &sql.TxOptions{ReadOnly: true})
	t.sum(tx, 10_000)
	t.wantValue(tx, int64(1), "SELECT 1")
	t.commit(tx)
}

func largeResult(t *tester) {
	t.setUp("CREATE TABLE t (x TEXT)")
	const query = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12) SELECT i, replace(hex(zeroblob(500000)), '0', 'x') FROM n"
	tx := t.begin(t.pool, nil)
	for _, q := range []querier{tx, t.pool} {
		rows := t.rows(q, query)
		t.equal("rows", len(rows), 12)
		for _, row := range rows {
			t.equal("text", row[1], strings.Repeat("x", 1_000_000))
		}
		if q == tx {
			t.commit(tx)
		}
	}
}

func wrongScan(t *tester) {
	t.setUp("CREATE TABLE t (x)", "INSERT INTO t VALUES ('a')")
	t.pool.SetMaxOpenConns(1)
	for range 3 {
		t.fails("text into an int", t.pool.QueryRowContext(t.ctx, "SELECT x FROM t").Scan(new(int)))
		t.fails("one of two columns", t.pool.QueryRowContext(t.ctx, "SELECT x, x FROM t").Scan(new(string)))
		t.fails("a large number into an int8", t.pool.QueryRowContext(t.ctx, "SELECT 1000").Scan(new(int8)))
		t.fails("no pointer", t.pool.QueryRowContext(t.ctx, "SELECT x FROM t").Scan("a"))
		t.wantLetters(t.pool, "a")
	}
	tx := t.begin(t.pool, nil)
	t.exec(tx, "INSERT INTO t VALUES ('b')")
	t.fails("in a transaction", tx.QueryRowContext(t.ctx, "SELECT x FROM t").Scan(new(int)))
	t.exec(tx, "INSERT INTO t VALUES ('c')")
	t.commit(tx)
	t.wantLetters(t.pool, "abc")
}

func poolsShare(t *tester) {
	other := t.open()
	t.setUp("CREATE TABLE t (x)")
	t.exec(other, "INSERT INTO t VALUES ('a')")
	t.wantLetters(t.pool, "a")
	t.exec(t.open(), "ALTER TABLE t RENAME COLUMN x TO y")
	t.wantValue(other, "a", "SELECT y FROM t")
	t.exec(other, "DROP TABLE t")
	t.fails("a table that is gone", drain(t.pool.QueryContext(t.ctx, "SELECT y FROM t")))
}

// connState is about state of a connection: a program that takes the connection from the pool
// keeps the state until it returns the connection, and others don't see it.
func connState(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	first, second := t.conn(t.pool), t.conn(t.pool)
	t.exec(first, "BEGIN")
	t.exec(first, "INSERT INTO t VALUES ('a')")
	_, err := second.ExecContext(t.ctx, "COMMIT")
	t.fails("COMMIT of another connection's transaction", err)
	t.exec(first, "INSERT INTO t VALUES ('b')")
	t.exec(first, "COMMIT")
	t.wantLetters(second, "ab")
	if err := errors.Join(first.Close(), second.Close()); err != nil {
		t.Error(err)
	}
	_, err = first.ExecContext(t.ctx, "DELETE FROM t")
	t.failsAs("a closed connection", err, sql.ErrConnDone)
}

func closedPool(t *tester) {
	pool := t.open()
	stmt := t.prepare(pool, "SELECT 1")
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
	_, err := pool.ExecContext(t.ctx, "SELECT 1")
	t.fails("Exec", err)
	t.fails("a prepared statement", drain(stmt.QueryContext(t.ctx)))
	t.fails("Ping", pool.PingContext(t.ctx))
	if err := pool.Close(); err != nil {
		t.Errorf("Close again: %v", err)
	}
	t.wantValue(t.pool, int64(1), "SELECT 1")
}

func manyConns(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	ctx, cancel := context.WithCancel(t.ctx)
	defer cancel()
	var conns []*sql.Conn
	for i := range 10 {
		conn, err := t.pool.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		t.exec(conn, "INSERT INTO t VALUES (?)", i)
		conns = append(conns, conn)
	}
	for _, conn := range conns {
		t.wantValue(conn, int64(10), "SELECT count(*) FROM t")
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
}
