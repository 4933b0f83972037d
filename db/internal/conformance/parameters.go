package conformance

import (
	"database/sql"
	"strings"
)

var parameterCases = []testCase{
	{"in order", inOrder},
	{"by number", byNumber},
	{"numbers with gaps", numberGaps},
	{"numbers mixed with plain ones", mixedNumbers},
	{"dollar numbers are numbers", dollarNumbers},
	{"by name", byName},
	{"one name in three spellings", spellings},
	{"names and positions", mixedNames},
	{"too many arguments are refused", tooMany},
	{"too few arguments are refused", tooFew},
	{"unknown and missing names are refused", wrongNames},
	{"positions for names", positionForName},
	{"arguments of prepared statements", preparedArguments},
	{"a refused call in a transaction", refusedCallInTransaction},
	{"32,766 of them", manyParameters},
	{"one more is refused", tooManyParameters},
	{"in places of all kinds", places},
}

func inOrder(t *tester) {
	t.equal("row", t.row(t.pool, "SELECT ?, ?, ? || ?", 1, "b", "c", "d"), []any{int64(1), "b", "cd"})
}

func byNumber(t *tester) {
	t.equal("row", t.row(t.pool, "SELECT ?2, ?1, ?2", "a", "b"), []any{"b", "a", "b"})
	t.equal("row", t.row(t.pool, "SELECT ?1, ?1", "a"), []any{"a", "a"})
	t.equal("row", t.row(t.pool, "SELECT ?12, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)[:2], []any{int64(12), int64(1)})
}

func numberGaps(t *tester) {
	t.equal("row", t.row(t.pool, "SELECT ?1, ?3", "a", "unused", "c"), []any{"a", "c"})
	t.wantValue(t.pool, "b", "SELECT ?2", "unused", "b")
	t.equal("row", t.row(t.pool, "SELECT ?5, ?3", "", "", "c", "", "e"), []any{"e", "c"})
	t.refused("SELECT ?1, ?3", "a", "b")
	t.refused("SELECT ?2", "a")
	t.refused("SELECT ?1, ?3", "a", "b", "c", "d")
}

func mixedNumbers(t *tester) {
	t.equal("row", t.row(t.pool, "SELECT ?, ?1", "a"), []any{"a", "a"})
	t.equal("row", t.row(t.pool, "SELECT ?2, ?", "a", "b", "c"), []any{"b", "c"})
	t.equal("row", t.row(t.pool, "SELECT ?, ?, ?1", "a", "b"), []any{"a", "b", "a"})
}

func dollarNumbers(t *tester) {
	t.equal("row", t.row(t.pool, "SELECT $1, $2", "a", "b"), []any{"a", "b"})
	t.equal("row", t.row(t.pool, "SELECT $2, $1, $2", "a", "b"), []any{"b", "a", "b"})
	t.refused("SELECT $1, $2", "a")
	t.refused("SELECT $1", "a", "b")
}

func byName(t *tester) {
	a, b := sql.Named("a", 1), sql.Named("b", "x")
	for _, query := range []string{"SELECT :b, :a, :b", "SELECT @b, @a, @b", "SELECT $b, $a, $b"} {
		t.equal(query, t.row(t.pool, query, a, b), []any{"x", int64(1), "x"})
		t.equal(query, t.row(t.pool, query, b, a), []any{"x", int64(1), "x"})
	}
	t.wantValue(t.pool, int64(7), "SELECT :long_Name_1", sql.Named("long_Name_1", 7))
}

func spellings(t *tester) {
	t.equal("row", t.row(t.pool, "SELECT :a, @a, $a, :b", sql.Named("a", "x"), sql.Named("b", "y")), []any{"x", "x", "x", "y"})
}

func mixedNames(t *tester) {
	t.equal("row", t.row(t.pool, "SELECT ?, :a", "x", sql.Named("a", "y")), []any{"x", "y"})
	t.equal("row", t.row(t.pool, "SELECT ?1, :a, ?1", "x", sql.Named("a", "y")), []any{"x", "y", "x"})
}

func tooMany(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	t.refused("INSERT INTO t VALUES (1)", 1)
	t.refused("INSERT INTO t VALUES (?)", 1, 2)
	t.refused("INSERT INTO t VALUES (?1)", 1, 2)
	t.refused("INSERT INTO t VALUES (?)", 1, sql.Named("a", 2))
	t.refused("INSERT INTO t VALUES (:a)", sql.Named("a", 1), 2)
	t.wantLetters(t.pool, "")
}

func tooFew(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	t.refused("INSERT INTO t VALUES (?)")
	t.refused("INSERT INTO t SELECT ? || ?", 1)
	t.refused("INSERT INTO t VALUES (:a)")
	t.refused("SELECT ?")
	t.wantLetters(t.pool, "")
}

func wrongNames(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	t.refused("INSERT INTO t VALUES (:a)", sql.Named("b", 1))
	t.refused("INSERT INTO t VALUES (:a)", sql.Named("a", 1), sql.Named("b", 2))
	t.refused("INSERT INTO t SELECT :a || :b", sql.Named("a", 1))
	t.refused("INSERT INTO t VALUES (1)", sql.Named("a", 1))
	t.refused("INSERT INTO t VALUES (?)", sql.Named("a", 1), sql.Named("b", 1))
	t.wantLetters(t.pool, "")
}

// positionForName passes arguments for named parameters in the order of SQLite's indexes.
func positionForName(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	for _, mark := range []string{":a", "@a", "$a"} {
		t.exec(t.pool, "INSERT INTO t VALUES ("+mark+")", "x")
	}
	t.wantLetters(t.pool, "xxx")
	t.equal("names", t.row(t.pool, "SELECT :b, :a, :b, @c", "x", "y", "z"), []any{"x", "y", "x", "z"})
	t.equal("with a number", t.row(t.pool, "SELECT :b, :a, ?1", "x", "y"), []any{"x", "y", "x"})
	t.equal("with a plain one", t.row(t.pool, "SELECT :b, ?, :b", "x", "y"), []any{"x", "y", "x"})
	t.refused("SELECT :b, :a", "x")
	t.refused("SELECT :b, :a", "x", "y", "z")
}

func preparedArguments(t *tester) {
	stmt := t.prepare(t.pool, "SELECT ?1, ?3")
	for _, args := range [][]any{{}, {1}, {1, 2}, {1, 2, 3, 4}} {
		t.fails("wrong number of arguments", drain(stmt.QueryContext(t.ctx, args...)))
	}
	if err := drain(stmt.QueryContext(t.ctx, 1, 2, 3)); err != nil {
		t.Error(err)
	}
	named := t.prepare(t.pool, "SELECT :a, @a")
	t.fails("another name", drain(named.QueryContext(t.ctx, sql.Named("b", 1))))
	t.fails("no argument", drain(named.QueryContext(t.ctx)))
	if err := drain(named.QueryContext(t.ctx, sql.Named("a", 1))); err != nil {
		t.Error(err)
	}
}

func refusedCallInTransaction(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	tx := t.begin(t.pool, nil)
	_, err := tx.ExecContext(t.ctx, "INSERT INTO t VALUES (?)", "x", "y") // first statement
	t.fails("too many", err)
	t.exec(tx, "INSERT INTO t VALUES ('a')")
	_, err = tx.ExecContext(t.ctx, "INSERT INTO t VALUES (?)")
	t.fails("too few", err)
	t.exec(tx, "INSERT INTO t VALUES ('b')")
	t.commit(tx)
	t.wantLetters(t.pool, "ab")
}

// selectIn returns a query with n parameters, and their arguments.
func selectIn(n int) (string, []any) {
	args := make([]any, n)
	for i := range args {
		args[i] = i
	}
	return "SELECT count(*) FROM t WHERE x IN (" + strings.Repeat(",?", n)[1:] + ")", args
}

func manyParameters(t *tester) {
	t.setUp("CREATE TABLE t (x)", "INSERT INTO t VALUES (0), (100), (32765), (32766)")
	query, args := selectIn(32766)
	t.wantValue(t.pool, int64(3), query, args...)
}

func tooManyParameters(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	query, args := selectIn(32767)
	if err := drain(t.pool.QueryContext(t.ctx, query, args...)); t.fails("32,767 parameters", err) && len(err.Error()) > 1000 {
		t.Errorf("the error has %d bytes", len(err.Error()))
	}
	t.refused("SELECT ?32767")
	t.wantValue(t.pool, int64(0), "SELECT count(*) FROM t")
}

func places(t *tester) {
	t.setUp("CREATE TABLE t (x TEXT, n INTEGER)", "INSERT INTO t VALUES ('a', 1), ('b', 2), ('c', 3)")
	for _, tt := range []struct {
		query string
		args  []any
		want  any
	}{
		{"SELECT x FROM t ORDER BY n LIMIT ? OFFSET ?", []any{1, 1}, "b"},
		{"SELECT x FROM t WHERE n IN (?, ?) AND x LIKE ?", []any{1, 3, "C%"}, "c"},
		{"SELECT x FROM t WHERE (x, n) = (?, ?)", []any{"a", 1}, "a"},
		{"SELECT ? FROM t WHERE n = ?", []any{"z", 1}, "z"},
		{"SELECT CASE WHEN ? > 1 THEN ? ELSE ? END", []any{2, "yes", "no"}, "yes"},
		{"WITH c (v) AS (VALUES (?)) SELECT v FROM c", []any{"v"}, "v"},
		{"UPDATE t SET x = ?2 WHERE n = ?1 RETURNING x", []any{3, "C"}, "C"},
		{"SELECT count(*) FROM t GROUP BY n > ? HAVING count(*) > ?", []any{1, 1}, int64(2)},
		{"SELECT CAST(? AS TEXT)", []any{7}, "7"},
	} {
		t.wantValue(t.pool, tt.want, tt.query, tt.args...)
	}
}
