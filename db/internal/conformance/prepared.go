package conformance

import (
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"github.com/duolite/duolite/db"
)

var preparedCases = []testCase{
	{"bad SQL fails at Prepare", prepareBad},
	{"Prepare runs nothing", prepareRunsNothing},
	{"used again with values of other types", preparedReuse},
	{"arguments don't stay", preparedForgets},
	{"on many connections at once", preparedOnMany},
	{"in a transaction", preparedInTransaction},
	{"prepared in a transaction that has ended", preparedEnded},
	{"on a connection", preparedOnConn},
	{"after a column was added", preparedColumnAdded},
	{"after another connection added a column", preparedColumnAddedByOther},
	{"after the table was made anew", preparedTableAgain},
	{"nested in itself", preparedNested},
	{"after an error", preparedAfterError},
	{"many of them", preparedMany},
}

func prepareBad(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	conn := t.conn(t.pool)
	for _, text := range []string{"SELEC 1", "SELECT * FROM nowhere", "SELECT missing FROM t", "INSERT INTO t VALUES (1, 2)", "SELECT nofunction(1)", "SELECT (", "SELECT 'open"} {
		for where, q := range map[string]querier{"pool": t.pool, "conn": conn} {
			stmt, err := q.PrepareContext(t.ctx, text)
			var e *db.Error
			if err == nil {
				t.Errorf("%s: %s is prepared", where, text)
				_ = stmt.Close()
			} else if !errors.As(err, &e) || e.Kind != nil || e.Code != 1 {
				t.Errorf("%s: %s: error %v, want a *db.Error of no kind with the code 1", where, text, err)
			}
		}
	}
	t.exec(conn, "INSERT INTO t VALUES ('a')")
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	tx := t.begin(t.pool, nil)
	t.exec(tx, "INSERT INTO t VALUES ('b')")
	_, err := tx.PrepareContext(t.ctx, "SELECT * FROM nowhere")
	t.fails("in a transaction", err)
	t.exec(tx, "INSERT INTO t VALUES ('c')")
	t.commit(tx)
	t.wantLetters(t.pool, "abc")
}

func prepareRunsNothing(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	for _, text := range []string{"INSERT INTO t VALUES ('a')", "INSERT INTO t VALUES ('b') RETURNING x", "CREATE TABLE u (x)", "DROP TABLE t", "PRAGMA user_version = 8"} {
		if err := t.prepare(t.pool, text).Close(); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	t.wantLetters(t.pool, "")
	t.wantValue(t.pool, int64(0), "SELECT count(*) FROM sqlite_schema WHERE name = 'u'")
}

func preparedReuse(t *tester) {
	stmt := t.prepare(t.pool, "SELECT ?1, typeof(?1)")
	for want, arg := range map[string]any{"integer": int64(1), "real": 1.5, "text": "a", "null": nil} {
		var value any
		var class string
		if err := stmt.QueryRowContext(t.ctx, arg).Scan(&value, &class); err != nil {
			t.Fatal(err)
		}
		t.equal("row", []any{value, class}, []any{arg, want})
	}
}

func preparedForgets(t *tester) {
	stmt := t.prepare(t.pool, "SELECT :a")
	if err := scan(stmt.QueryRowContext(t.ctx, sql.Named("a", 1))); err != nil {
		t.Fatal(err)
	}
	t.fails("the next call without an argument", scan(stmt.QueryRowContext(t.ctx)))
}

func preparedOnMany(t *tester) {
	t.setUp("CREATE TABLE t (x, y)")
	insert, query := t.prepare(t.pool, "INSERT INTO t VALUES (?, ?)"), t.prepare(t.pool, "SELECT y FROM t WHERE x = ?")
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for j := range 10 {
				x, y := fmt.Sprint(i, " ", j), int64(i*100+j)
				if _, err := insert.ExecContext(t.ctx, x, y); err != nil {
					t.Error(err)
					return
				}
				var got int64
				if err := query.QueryRowContext(t.ctx, x).Scan(&got); err != nil || got != y {
					t.Errorf("got %d (%v), want %d", got, err, y)
				}
			}
		})
	}
	group.Wait()
	t.wantValue(t.pool, int64(80), "SELECT count(*) FROM t")
}

func preparedInTransaction(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	insert, query := t.prepare(t.pool, "INSERT INTO t VALUES (?)"), t.prepare(t.pool, "SELECT count(*) FROM t WHERE x = ?")
	for i, end := range []func(*sql.Tx){t.rollback, t.commit} {
		tx := t.begin(t.pool, nil)
		if _, err := tx.StmtContext(t.ctx, insert).ExecContext(t.ctx, "a"); err != nil {
			t.Fatal(err)
		}
		own := t.prepare(tx, "INSERT INTO t VALUES (?)")
		if _, err := own.ExecContext(t.ctx, "a"); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := tx.StmtContext(t.ctx, query).QueryRowContext(t.ctx, "a").Scan(&n); err != nil || n != 2 {
			t.Errorf("%d rows in the transaction (%v), want 2", n, err)
		}
		end(tx)
		if err := query.QueryRowContext(t.ctx, "a").Scan(&n); err != nil || n != 2*i {
			t.Errorf("%d rows after it (%v), want %d", n, err, 2*i)
		}
	}
}

func preparedEnded(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	tx := t.begin(t.pool, nil)
	stmt := t.prepare(tx, "INSERT INTO t VALUES ('a')")
	t.rollback(tx)
	_, err := stmt.ExecContext(t.ctx)
	t.fails("after the transaction", err)
	t.wantLetters(t.pool, "")
}

func preparedOnConn(t *tester) {
	conn := t.conn(t.pool)
	stmt := t.prepare(conn, "SELECT ?")
	for i := range 3 {
		var got int
		if err := stmt.QueryRowContext(t.ctx, i).Scan(&got); err != nil || got != i {
			t.Errorf("got %d (%v), want %d", got, err, i)
		}
	}
	if err := errors.Join(stmt.Close(), conn.Close()); err != nil {
		t.Error(err)
	}
}

func preparedColumnAdded(t *tester) {
	t.pool.SetMaxOpenConns(1)
	t.columnAdded(t.pool)
}

func preparedColumnAddedByOther(t *tester) {
	t.columnAdded(t.open())
}

// columnAdded adds a column through the pool by. Prepared and other SELECT * statements must
// return it.
func (t *tester) columnAdded(by *sql.DB) {
	t.Helper()
	t.setUp("CREATE TABLE t (x)", "INSERT INTO t VALUES ('a')")
	stmt := t.prepare(t.pool, "SELECT * FROM t")
	read := func() [][]any {
		rows, err := stmt.QueryContext(t.ctx)
		if err != nil {
			t.Fatal(err)
		}
		all, err := readAll(rows)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	t.equal("before", read(), [][]any{{"a"}})
	t.exec(by, "ALTER TABLE t ADD COLUMN y DEFAULT 'b'")
	t.equal("after, prepared", read(), [][]any{{"a", "b"}})
	t.exec(by, "ALTER TABLE t ADD COLUMN z DEFAULT 'c'")
	t.equal("after", t.rows(t.pool, "SELECT * FROM t"), [][]any{{"a", "b", "c"}})
	t.exec(by, "ALTER TABLE t DROP COLUMN x")
	t.equal("after one is gone", read(), [][]any{{"b", "c"}})
}

func preparedTableAgain(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	insert := t.prepare(t.pool, "INSERT INTO t (x) VALUES (?)")
	if _, err := insert.ExecContext(t.ctx, "a"); err != nil {
		t.Fatal(err)
	}
	t.setUp("DROP TABLE t")
	_, err := insert.ExecContext(t.ctx, "b")
	t.fails("without the table", err)
	t.setUp("CREATE TABLE t (y, x)", "CREATE INDEX i ON t (x)")
	if _, err := insert.ExecContext(t.ctx, "c"); err != nil {
		t.Error(err)
	}
	t.equal("rows", t.rows(t.pool, "SELECT * FROM t"), [][]any{{nil, "c"}})
}

// preparedNested walks a tree with one statement, whose rows are open on each level.
func preparedNested(t *tester) {
	t.setUp("CREATE TABLE t (id INTEGER, parent INTEGER)", "INSERT INTO t VALUES (1, 0), (2, 0), (3, 1), (4, 1), (5, 4), (6, 2)")
	tx := t.begin(t.pool, nil)
	children := t.prepare(tx, "SELECT id FROM t WHERE parent = ? ORDER BY id")
	var walk func(parent int) string
	walk = func(parent int) (path string) {
		rows, err := children.QueryContext(t.ctx, parent)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var id int
			if err := rows.Scan(&id); err != nil {
				t.Fatal(err)
			}
			path += fmt.Sprint(id) + walk(id)
		}
		if err := rows.Err(); err != nil {
			t.Error(err)
		}
		return path
	}
	t.equal("path", walk(0), "134526")
	t.commit(tx)
}

func preparedAfterError(t *tester) {
	t.setUp("CREATE TABLE t (x UNIQUE)")
	insert := t.prepare(t.pool, "INSERT INTO t VALUES (?)")
	for _, x := range []string{"a", "a", "b", "b", "c"} {
		if _, err := insert.ExecContext(t.ctx, x); err != nil {
			t.failsAs(x, err, db.ErrUnique)
		}
	}
	t.wantLetters(t.pool, "abc")
}

func preparedMany(t *tester) {
	for i := range 100 {
		stmt := t.prepare(t.pool, fmt.Sprintf("SELECT ? + %d", i))
		var got int
		if err := stmt.QueryRowContext(t.ctx, 1).Scan(&got); err != nil || got != i+1 {
			t.Errorf("got %d (%v), want %d", got, err, i+1)
		}
	}
}
