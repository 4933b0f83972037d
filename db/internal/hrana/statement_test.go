package hrana_test

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/internal/sqltext"
)

func TestResults(t *testing.T) {
	t.Parallel()
	c, _ := serve(t)
	for _, tt := range []struct {
		sql  string
		want engine.Result
	}{
		{"CREATE TABLE t (id INTEGER PRIMARY KEY, a UNIQUE, n)", engine.Result{}},
		{"CREATE TABLE u (a)", engine.Result{}},
		{"CREATE TABLE w (a PRIMARY KEY) WITHOUT ROWID", engine.Result{}},
		{"INSERT INTO w VALUES ('a')", engine.Result{RowsAffected: 1}},
		{"INSERT INTO t VALUES (5, 'x', 1), (6, 'y', 2)", engine.Result{RowsAffected: 2, LastInsertID: 6}},
		{"CREATE TABLE v (a)", engine.Result{}},
		{"SELECT * FROM t", engine.Result{}},
		{"PRAGMA user_version = 3", engine.Result{}},
		{"INSERT INTO t VALUES (5, 'z', 1) ON CONFLICT DO UPDATE SET n = 7", engine.Result{RowsAffected: 1, LastInsertID: 6, NoID: true}},
		{"INSERT INTO t VALUES (8, 'z', 1) ON CONFLICT DO UPDATE SET n = 7", engine.Result{RowsAffected: 1, LastInsertID: 8}},
		{"INSERT OR IGNORE INTO t VALUES (5, 'z', 1)", engine.Result{}},
		{"UPDATE t SET n = 9", engine.Result{RowsAffected: 3}},
		{"DELETE FROM t WHERE id = 5", engine.Result{RowsAffected: 1}},
		{"REPLACE INTO t VALUES (8, 'k', 1)", engine.Result{RowsAffected: 1, LastInsertID: 8}},
		{"INSERT INTO t VALUES (-5, 'neg', 1) RETURNING id", engine.Result{RowsAffected: 1, LastInsertID: -5}},
		{"INSERT INTO u SELECT 1 WHERE 0", engine.Result{}},
		// SQLite itself returns the same for a table without rowids.
		{"INSERT INTO w VALUES ('b')", engine.Result{RowsAffected: 1, LastInsertID: -5}},
	} {
		got, err := exec(t.Context(), t, c, tt.sql)
		if err != nil {
			t.Fatalf("%s: %v", tt.sql, err)
		}
		check(t, tt.sql, got, tt.want)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	c, _ := serve(t)
	must(t, c, "CREATE TABLE p (id INTEGER PRIMARY KEY, u UNIQUE, n NOT NULL DEFAULT 1, c CHECK (c > 0), f REFERENCES p (id))",
		"CREATE TABLE s (a INT) STRICT", "INSERT INTO p (id, u) VALUES (1, 1)",
		"CREATE TRIGGER r BEFORE INSERT ON s WHEN new.a = 7 BEGIN SELECT RAISE(ABORT, 'no sevens: UNIQUE constraint failed (at offset 7)'); END")
	for _, tt := range []struct {
		sql     string
		kind    error
		code    int
		message string
	}{
		{"INSERT INTO p (u) VALUES (1)", engine.ErrUnique, engine.CodeUnique, "UNIQUE constraint failed: p.u"},
		{"INSERT INTO p (n) VALUES (NULL)", engine.ErrNotNull, engine.CodeNotNull, "NOT NULL constraint failed: p.n"},
		{"INSERT INTO p (c) VALUES (0)", engine.ErrCheck, engine.CodeCheck, "CHECK constraint failed: c > 0"},
		{"INSERT INTO p (f) VALUES (9)", engine.ErrForeignKey, engine.CodeForeignKey, "FOREIGN KEY constraint failed"},
		{"INSERT INTO p (id) VALUES ('x')", nil, engine.CodeMismatch, "datatype mismatch"},
		{"INSERT INTO s VALUES ('x')", nil, engine.CodeDatatype, "cannot store TEXT value in INT column s.a"},
		{"INSERT INTO s VALUES (7)", nil, engine.CodeTrigger, "no sevens: UNIQUE constraint failed (at offset 7)"},
		{"SELECT zeroblob(2000000000)", engine.ErrTooBig, engine.CodeTooBig, "string or blob too big"},
		{"SELECT * FROM nowhere", nil, engine.CodeError, "no such table: nowhere"},
		{"SELECT size FROM p", nil, engine.CodeError, "no such column: size"},
		{"SELECT abs(-9223372036854775808)", nil, engine.CodeError, "integer overflow"},
		{"SELEC 1", nil, engine.CodeError, "SQL string could not be parsed: syntax error around L1:6: `SELEC`"},
	} {
		_, err := exec(t.Context(), t, c, tt.sql)
		e := checkError(t, tt.sql, err, tt.kind, tt.code, tt.message)
		check(t, tt.sql, e.Message, tt.message)
		check(t, tt.sql+": outcome unknown", e.OutcomeUnknown, false)
		if err := c.Begin(t.Context(), engine.Write); err != nil {
			t.Fatal(err)
		}
		for range 2 { // first with BEGIN, then without
			_, err = exec(t.Context(), t, c, tt.sql)
			checkError(t, tt.sql+" in a transaction", err, tt.kind, tt.code, tt.message)
			check(t, tt.sql+": in a transaction", c.InTx(), true)
		}
		must(t, c, "SELECT 1")
		if err := c.Rollback(t.Context()); err != nil {
			t.Error(err)
		}
	}
	_, err := exec(t.Context(), t, c, "SELECT ?", strings.Repeat("x", 6e6))
	checkError(t, "6 MB", err, engine.ErrTooBig, engine.CodeTooBig, "string or blob too big")
}

func TestCheck(t *testing.T) {
	t.Parallel()
	c, d := serve(t)
	must(t, c, "CREATE TABLE t (x)")
	for range 2 {
		if err := prepare(t, c, statement("SELECT x FROM t WHERE x = ?")).Check(t.Context()); err != nil {
			t.Error(err)
		}
		err := prepare(t, c, statement("SELECT y FROM t")).Check(t.Context())
		checkError(t, "no column", err, nil, engine.CodeError, "no such column: y")
		err = prepare(t, c, statement("SELEC")).Check(t.Context())
		checkError(t, "syntax", err, nil, engine.CodeError, `near "SELEC": syntax error`)
	}
	if err := connect(t, d).Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestLargeResult reads results that are larger than the server's limit for one reply.
func TestLargeResult(t *testing.T) {
	t.Parallel()
	c, _ := serve(t, dbtest.WithArgs("--max-response-size", "100KB"))
	must(t, c, "CREATE TABLE t (x)")
	const sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT i, 'row ' || i AS s FROM n"
	checkAll := func(what string, rows engine.Rows, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		check(t, what+": columns", rows.Columns(), []engine.Column{{Name: "i"}, {Name: "s"}})
		found, err := all(rows)
		if err != nil || len(found) != 5000 {
			t.Fatalf("%s: %d rows, error %v", what, len(found), err)
		}
		check(t, what+": the last", found[4999], []driver.Value{int64(5000), "row 5000"})
	}
	rows, err := query(t, c, sql)
	checkAll("autocommit", rows, err)
	if _, err := exec(t.Context(), t, c, sql); err != nil {
		t.Errorf("Exec: %v", err)
	}
	for _, mode := range []engine.Mode{engine.Read, engine.Write} {
		begin(t, c, mode)
		rows, err = query(t, c, sql)
		checkAll("first in a transaction", rows, err)
		rows, err = query(t, c, sql)
		if err == nil {
			err = rows.Next(make([]driver.Value, 2))
		}
		if err != nil {
			t.Fatal(err)
		}
		if mode == engine.Write {
			must(t, c, "INSERT INTO t VALUES (1)") // while the rows are open
		} else {
			must(t, c, "SELECT 1")
		}
		if found, err := all(rows); err != nil || len(found) != 4999 {
			t.Errorf("the rest: %d rows, error %v", len(found), err)
		}
		rows, err = query(t, c, sql)
		if err != nil {
			t.Fatal(err)
		}
		if err := rows.Close(); err != nil { // early
			t.Error(err)
		}
		must(t, c, "SELECT 1")
		if err := c.Commit(t.Context()); err != nil {
			t.Error(err)
		}
	}
	checkRow(t, c, "SELECT count(*) FROM t", int64(1))

	rows, err = query(t, c, strings.Replace(sql, "SELECT i,", "SELECT abs(iif(i = 4000, -9223372036854775808, i)),", 1))
	if err != nil {
		t.Fatal(err)
	}
	found, err := all(rows)
	checkError(t, "row 4000", err, nil, engine.CodeError, "integer overflow")
	check(t, "rows before", len(found), 3999)
	checkRow(t, c, "SELECT 1", int64(1))
	_, err = exec(t.Context(), t, c, "INSERT INTO t SELECT zeroblob(60000) FROM (VALUES (1), (2), (3)) RETURNING x")
	e := checkError(t, "RETURNING", err, engine.ErrTooBig, engine.CodeTooBig, "the statement has run")
	check(t, "outcome unknown", e.OutcomeUnknown, true)
	checkRow(t, c, "SELECT count(*) FROM t", int64(4))
}

// TestAbandonedRows leaves rows of a cursor unread outside of a transaction, and runs more statements.
func TestAbandonedRows(t *testing.T) {
	t.Parallel()
	c, _ := serve(t, dbtest.WithArgs("--max-response-size", "10KB"))
	const sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
	for range 3 {
		rows, err := query(t, c, sql)
		if err != nil {
			t.Fatal(err)
		}
		dest := make([]driver.Value, 1)
		for want := range int64(100) {
			if err := rows.Next(dest); err != nil || dest[0] != want+1 {
				t.Fatalf("got %v, %v", dest, err)
			}
		}
		must(t, c, "SELECT 1") // while they are open
		if err := rows.Next(dest); err != nil || dest[0] != int64(101) {
			t.Errorf("got %v, %v", dest, err)
		}
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
		rows, err = query(t, c, sql)
		if err != nil {
			t.Fatal(err)
		}
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	rows, err := prepare(t, c, statement(sql)).Query(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	for err == nil {
		err = rows.Next(make([]driver.Value, 1))
	}
	check(t, "canceled", err, error(context.Canceled), cmpErrors)
	checkRow(t, c, "SELECT 1", int64(1))
}

func TestScript(t *testing.T) {
	t.Parallel()
	c, _ := serve(t)
	script := func(statements ...string) []sqltext.Statement {
		var out []sqltext.Statement
		for _, sql := range statements {
			out = append(out, statement(sql))
		}
		return out
	}
	long := script("CREATE TABLE t (x UNIQUE)")
	for i := range 1200 {
		long = append(long, statement(fmt.Sprintf("INSERT INTO t VALUES (%d)", i)))
	}
	got, err := c.ExecAll(t.Context(), long)
	if err != nil {
		t.Fatal(err)
	}
	check(t, "result", got, engine.Result{RowsAffected: 1200, LastInsertID: 1200})

	_, err = c.ExecAll(t.Context(), script("INSERT INTO t VALUES (-1)", "INSERT INTO t VALUES (-1)", "INSERT INTO t VALUES (-2)"))
	checkError(t, "the second fails", err, engine.ErrUnique, engine.CodeUnique, "t.x")
	checkRow(t, c, "SELECT count(*) FROM t WHERE x < 0", int64(1))
	_, err = c.ExecAll(t.Context(), script("INSERT INTO t VALUES (-3)", "SELEC"))
	checkError(t, "syntax", err, nil, engine.CodeError, "syntax error")
	checkRow(t, c, "SELECT count(*) FROM t WHERE x < 0", int64(1))

	for range 2 {
		begin(t, c, engine.Write)
		if _, err = c.ExecAll(t.Context(), script("DELETE FROM t", "INSERT INTO t VALUES (1)")); err != nil {
			t.Error(err)
		}
		// A statement that ends the transaction ends the script.
		_, err = c.ExecAll(t.Context(), script("INSERT INTO t VALUES (2)", "ROLLBACK", "INSERT INTO t VALUES (3)"))
		checkTxLost(t, "after ROLLBACK", err)
		_, err = c.ExecAll(t.Context(), script("INSERT INTO t VALUES (3)"))
		checkTxLost(t, "afterwards", err)
		if err := c.Rollback(t.Context()); err != nil {
			t.Error(err)
		}
		checkRow(t, c, "SELECT count(*) FROM t", int64(1201))
	}
	begin(t, c, engine.Read)
	_, err = c.ExecAll(t.Context(), script("SELECT 1", "DELETE FROM t"))
	checkError(t, "for reading", err, engine.ErrReadOnly, engine.CodeReadOnly, "readonly")
	if err := c.Commit(t.Context()); err != nil {
		t.Error(err)
	}

	if _, err := c.ExecAll(t.Context(), script("BEGIN", "DELETE FROM t", "COMMIT", "SELECT 1", "BEGIN")); err != nil {
		t.Error(err)
	}
	check(t, "left open", c.InTx(), true)
	if _, err := c.ExecAll(t.Context(), script("INSERT INTO t VALUES (1)", "COMMIT", "INSERT INTO t VALUES (2)")); err != nil {
		t.Error(err)
	}
	check(t, "ended", c.InTx(), false)
	checkRow(t, c, "SELECT count(*) FROM t", int64(2))
}

// TestTokens checks the errors of tokens without rights, and that their connections stay usable.
func TestTokens(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t, dbtest.WithAuth())
	token := func(tokens ...string) func(context.Context) (string, error) {
		return func(context.Context) (string, error) {
			token := tokens[0]
			if len(tokens) > 1 {
				tokens = tokens[1:]
			}
			return token, nil
		}
	}
	must(t, connect(t, open(t, transport.Config{URL: server.URL(), Token: token(server.Token(dbtest.ReadWrite))})), "CREATE TABLE t (x)")

	reader := connect(t, open(t, transport.Config{URL: server.URL(), Token: token(server.Token(dbtest.ReadOnly))}))
	_, err := exec(t.Context(), t, reader, "INSERT INTO t VALUES (1)")
	checkError(t, "write", err, engine.ErrReadOnly, engine.CodeReadOnly, "error code 403: Authorization forbidden")
	checkRow(t, reader, "SELECT count(*) FROM t", int64(0))
	begin(t, reader, engine.Write)
	_, err = exec(t.Context(), t, reader, "INSERT INTO t VALUES (1)")
	checkError(t, "write in a transaction", err, engine.ErrReadOnly, engine.CodeReadOnly, "error code 403")
	_, err = exec(t.Context(), t, reader, "SELECT 1")
	checkTxLost(t, "afterwards", err)
	if err := reader.Rollback(t.Context()); err != nil {
		t.Error(err)
	}
	checkRow(t, reader, "SELECT count(*) FROM t", int64(0))

	for what, ask := range map[string]func(context.Context) (string, error){
		"none": nil, "expired": token(server.ExpiredToken()), "foreign": token(server.ForeignToken()),
	} {
		err := connect(t, open(t, transport.Config{URL: server.URL(), Token: ask})).Ping(t.Context())
		checkError(t, what, err, engine.ErrUnauthorized, 0, "error code 401: Unauthorized")
	}
	renewed := connect(t, open(t, transport.Config{URL: server.URL(), Token: token(server.ExpiredToken(), server.Token(dbtest.ReadWrite))}))
	must(t, renewed, "INSERT INTO t VALUES (1)")
	checkRow(t, renewed, "SELECT count(*) FROM t", int64(1))
}

func TestNamespaces(t *testing.T) {
	t.Parallel()
	server := dbtest.StartServer(t, dbtest.WithArgs("--enable-namespaces"))
	err := connect(t, open(t, transport.Config{URL: server.URL(), Namespace: "nobody"})).Ping(t.Context())
	checkError(t, "no namespace", err, nil, 0, "error code 404: Namespace `nobody` doesn't exist")
}
