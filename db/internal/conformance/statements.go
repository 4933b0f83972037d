package conformance

import (
	"database/sql"
	"errors"
	"strings"

	"github.com/duolite/duolite/db"
)

var statementCases = []testCase{
	{"Exec of nothing", execNothing},
	{"Query and Prepare of nothing", queryNothing},
	{"semicolons and comments around a statement", semicolons},
	{"comments with quotes and question marks", comments},
	{"a comment that doesn't end", openComment},
	{"semicolons and question marks in strings and names", quotedMarks},
	{"EXPLAIN wants its arguments", explain},
	{"EXPLAIN QUERY PLAN", explainQueryPlan},
	{"several statements in a query are refused", severalQueried},
	{"several statements with arguments are refused", severalWithArguments},
	{"several statements in a transaction", severalInTransaction},
	{"a query that fails after some rows", failsWhileReading},
	{"Exec of a query", execQuery},
	{"a trigger is one statement", oneTrigger},
	{"a text of 1 MB", longText},
	{"identifiers in each kind of quotes", identifiers},
}

// nothings are texts without a statement.
var nothings = []string{"", " \n\t", ";", " ; ;; ", "-- a comment", "-- a comment;\n", "/* a comment; */", ";/**/;-- it's all"}

func execNothing(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	t.pool.SetMaxOpenConns(1)
	for _, text := range nothings {
		t.wantResult(t.pool, 1, -1, "INSERT INTO t VALUES ('a')") // leaves a result that must not be reported again
		t.wantResult(t.pool, 0, 0, text)
	}
	conn := t.conn(t.pool)
	t.wantResult(conn, 0, 0, "-- nothing")
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
	tx := t.begin(t.pool, nil)
	t.exec(tx, "DELETE FROM t")
	t.wantResult(tx, 0, 0, "-- nothing")
	t.exec(tx, "INSERT INTO t VALUES ('b')")
	t.commit(tx)
	t.wantLetters(t.pool, "b")
}

func queryNothing(t *tester) {
	for _, text := range nothings {
		stmt := t.prepare(t.pool, text)
		if _, err := stmt.ExecContext(t.ctx); err != nil {
			t.Errorf("Exec of the prepared %s: %v", brief(text), err)
		}
		if err := drain(stmt.QueryContext(t.ctx)); err != nil {
			t.Errorf("Query of the prepared %s: %v", brief(text), err)
		}
		t.equal("rows of "+text, t.rows(t.pool, text), [][]any(nil))
		t.failsAs("QueryRow of "+text, t.pool.QueryRowContext(t.ctx, text).Scan(new(any)), sql.ErrNoRows)
		t.fails("Query of "+text+" with an argument", drain(t.pool.QueryContext(t.ctx, text, 1)))
		_, err := t.pool.ExecContext(t.ctx, text, 1)
		t.fails("Exec of "+text+" with an argument", err)
	}
	t.wantValue(t.pool, int64(1), "SELECT 1")
}

func semicolons(t *tester) {
	for _, text := range []string{
		"SELECT 7;", "SELECT 7 ; ", "SELECT 7;;", ";SELECT 7", "SELECT 7; -- end", "SELECT 7 -- end", "SELECT 7 /* end */;/* end */\n",
		"-- name: Seven :one\nSELECT 7;", "/* SELECT 8; */ SELECT 7", "SELECT /* ; */ 7", "SELECT -- ;\n 7", "SELECT 7 -- SELECT 8;\r\n",
	} {
		t.wantValue(t.pool, int64(7), text)
		stmt := t.prepare(t.pool, text)
		if err := scan(stmt.QueryRowContext(t.ctx)); err != nil {
			t.Errorf("%s, prepared: %v", text, err)
		}
	}
}

func comments(t *tester) {
	for _, text := range []string{
		"SELECT ? -- it's what?", "SELECT ?; -- :a $b @c ?5", "/* \"it's\" [what?] */ SELECT ?", "-- name: it's ? :one\nSELECT ?;",
		"SELECT /* ? -- */ ?", "SELECT /* /* ? */ ?", "SELECT ? -- `open\n",
	} {
		t.wantValue(t.pool, "a", text, "a")
	}
}

func openComment(t *tester) {
	t.wantValue(t.pool, int64(7), "SELECT 7 /* it's open ?")
	t.wantValue(t.pool, int64(7), "SELECT 7; /* open")
}

func quotedMarks(t *tester) {
	got := t.row(t.pool, `SELECT ';', '?', 'it''s; :a', ?, "a;?" FROM (SELECT 1 AS "a;?")`, "x")
	t.equal("row", got, []any{";", "?", "it's; :a", "x", int64(1)})
	t.wantColumns("SELECT 1 AS [;?], 2 AS `;?:a`, 3 AS \"; -- ?\", 4 AS \"/*\"", ";?", ";?:a", "; -- ?", "/*")
	t.equal("blob", t.value(t.pool, "SELECT x'3b3f'"), []byte(";?"))
}

func explain(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	t.refused("EXPLAIN SELECT * FROM t WHERE x = ?")
	if rows := t.rows(t.pool, "EXPLAIN SELECT * FROM t WHERE x = ?", 1); len(rows) == 0 {
		t.Error("no rows")
	}
}

func explainQueryPlan(t *tester) {
	t.setUp("CREATE TABLE t (x)", "CREATE INDEX t_x ON t (x)")
	row := t.row(t.pool, "EXPLAIN QUERY PLAN SELECT * FROM t WHERE x = ?", 1)
	if detail, ok := row[len(row)-1].(string); !ok || !strings.Contains(detail, "t_x") {
		t.Errorf("got %v, want the index", row)
	}
}

// severals are texts with several statements that would change data.
var severals = []string{
	"INSERT INTO t VALUES ('a'); INSERT INTO t VALUES ('b')",
	"SELECT 1; INSERT INTO t VALUES ('a')",
	"INSERT INTO t VALUES ('a') RETURNING x; SELECT 2;",
	"INSERT INTO t VALUES ('a'); nonsense",
	"BEGIN; INSERT INTO t VALUES ('a'); COMMIT",
}

// wantSeveral checks for the error about several statements.
func (t *tester) wantSeveral(what string, err error) {
	t.Helper()
	if t.fails(what, err) && !strings.Contains(err.Error(), "statement") {
		t.Errorf("%s: error %q doesn't speak of statements", what, err)
	}
}

func severalQueried(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	for _, text := range severals {
		t.wantSeveral("Query of "+text, drain(t.pool.QueryContext(t.ctx, text)))
		t.wantSeveral("QueryRow of "+text, t.pool.QueryRowContext(t.ctx, text).Scan(new(any)))
		_, err := t.pool.PrepareContext(t.ctx, text)
		t.wantSeveral("Prepare of "+text, err)
	}
	t.wantLetters(t.pool, "")
}

func severalWithArguments(t *tester) {
	t.setUp("CREATE TABLE t (x, y)")
	for _, text := range []string{
		"INSERT INTO t VALUES (?, ?); INSERT INTO t VALUES (?, ?)",
		"INSERT INTO t VALUES (?1, ?2); INSERT INTO t VALUES (?3, ?4)",
		"INSERT INTO t VALUES (?, ?); SELECT ?, ?",
	} {
		_, err := t.pool.ExecContext(t.ctx, text, 1, 2, 3, 4)
		t.wantSeveral("Exec of "+text, err)
		t.wantSeveral("Query of "+text, drain(t.pool.QueryContext(t.ctx, text, 1, 2, 3, 4)))
	}
	_, err := t.pool.ExecContext(t.ctx, "INSERT INTO t VALUES (?1, ?2); INSERT INTO t VALUES (?1, ?2)", 1, 2)
	t.wantSeveral("the same arguments for both", err)
	_, err = t.pool.ExecContext(t.ctx, "INSERT INTO t VALUES ('a', 1); INSERT INTO t VALUES (?, ?)")
	t.fails("no arguments", err)
	t.wantLetters(t.pool, "")
}

func severalInTransaction(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	tx := t.begin(t.pool, nil)
	t.exec(tx, "INSERT INTO t VALUES ('x')")
	for _, text := range severals {
		t.wantSeveral("Query of "+text, drain(tx.QueryContext(t.ctx, text)))
		_, err := tx.ExecContext(t.ctx, text, 1)
		t.wantSeveral("Exec of "+text, err)
		_, err = tx.PrepareContext(t.ctx, text)
		t.wantSeveral("Prepare of "+text, err)
	}
	t.exec(tx, "INSERT INTO t VALUES ('y')")
	t.commit(tx)
	t.wantLetters(t.pool, "xy")
}

// failsWhileReading is about a query that fails after some rows. Whether the program sees
// these rows isn't specified, since an engine may fetch many rows at once.
func failsWhileReading(t *tester) {
	t.setUp("CREATE TABLE t (id)", "INSERT INTO t VALUES (1), (2), (3), (4)")
	const query = "SELECT abs(CASE id WHEN 3 THEN -9223372036854775808 ELSE id END) FROM t"
	for _, way := range ways {
		err := way.run(t, query)
		if way.name == "QueryRow" {
			continue // reads the first row only, so it may not see the error
		}
		var e *db.Error
		if !errors.As(err, &e) || e.Message != "integer overflow" || e.Code != 1 {
			t.Errorf("%s: error %v, want a *db.Error: integer overflow (1)", way.name, err)
		}
	}
}

func execQuery(t *tester) {
	t.setUp("CREATE TABLE t (x)", "INSERT INTO t VALUES ('a'), ('b')")
	t.pool.SetMaxOpenConns(1)
	for range 3 {
		t.wantResult(t.pool, 0, 0, "SELECT * FROM t")
	}
	t.exec(t.pool, "SELECT ?", 1)
	t.exec(t.pool, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) SELECT i FROM n")
	t.exec(t.pool, "INSERT INTO t VALUES ('c')")
	t.wantLetters(t.pool, "abc")
}

const trigger = `CREATE TRIGGER logs AFTER INSERT ON t BEGIN
	INSERT INTO log VALUES (CASE WHEN NEW.x = ';' THEN 'semicolon; END' ELSE NEW.x END); -- END;
	/* END; */ UPDATE log SET x = upper(x);
END`

func oneTrigger(t *tester) {
	t.setUp("CREATE TABLE t (x)", "CREATE TABLE log (x)", trigger)
	t.exec(t.pool, "INSERT INTO t VALUES (?)", "a")
	t.exec(t.pool, "INSERT INTO t VALUES (?)", ";")
	t.equal("log", t.rows(t.pool, "SELECT x FROM log ORDER BY rowid"), [][]any{{"A"}, {"SEMICOLON; END"}})

	t.setUp("DROP TRIGGER logs")
	if _, err := t.prepare(t.pool, "-- once more\n"+trigger+"; -- end").ExecContext(t.ctx); err != nil {
		t.Errorf("prepared: %v", err)
	}
	t.setUp("DELETE FROM log", "INSERT INTO t VALUES ('b')")
	t.wantValue(t.pool, "B", "SELECT x FROM log")
}

func longText(t *tester) {
	t.wantValue(t.pool, int64(1_000_000), "SELECT length('"+strings.Repeat("x", 1_000_000)+"')")
	t.wantValue(t.pool, int64(7), "SELECT ? -- "+strings.Repeat("long ", 200_000), 7)
}

func identifiers(t *tester) {
	t.setUp(`CREATE TABLE "a table" ([b column] INTEGER, `+"`c column`"+` TEXT, "d ""quoted""" TEXT)`,
		`INSERT INTO [a table] ([b column], "c column", "d ""quoted""") VALUES (1, 'c', 'd')`)
	got := t.row(t.pool, "SELECT \"b column\", [c column], `d \"quoted\"` FROM `a table` WHERE [b column] = ?", 1)
	t.equal("row", got, []any{int64(1), "c", "d"})
}
