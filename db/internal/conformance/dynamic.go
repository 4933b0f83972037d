package conformance

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/duolite/duolite/db"
)

// dynamicCases check statements with the comment db:dynamic: they have the rows of the statements
// without it.
var dynamicCases = []testCase{
	{"optional filters", dynamicFilters},
	{"a chosen order", dynamicOrder},
	{"the plan is the variant's", dynamicPlan},
	{"each form of parameters", dynamicParameters},
	{"prepared", dynamicPrepared},
	{"in a transaction and in a batch", dynamicWays},
	{"errors", dynamicErrors},
	{"a parameter that SQLite refuses", dynamicRefused},
	{"more variants than are cached", dynamicMany},
}

func (t *tester) dynamicTable() {
	t.Helper()
	t.setUp("CREATE TABLE t (id INTEGER PRIMARY KEY, owner TEXT, n INTEGER)", "CREATE INDEX t_owner ON t (owner)",
		"INSERT INTO t VALUES (1, 'ann', 30), (2, 'bob', 20), (3, 'ann', 10), (4, NULL, 40)")
}

const filtered = "-- db:dynamic\nSELECT id FROM t WHERE (?1 IS NULL OR owner = ?1) AND (?2 = 0 OR n >= ?2) ORDER BY id"

// ids returns the first column of a query.
func (t *tester) ids(q querier, text string, args ...any) string {
	t.Helper()
	var ids []string
	for _, row := range t.rows(q, text, args...) {
		ids = append(ids, fmt.Sprint(row[0]))
	}
	return strings.Join(ids, " ")
}

func dynamicFilters(t *tester) {
	t.dynamicTable()
	for range 2 {
		t.equal("no filter", t.ids(t.pool, filtered, nil, 0), "1 2 3 4")
		t.equal("an owner", t.ids(t.pool, filtered, "ann", 0), "1 3")
		t.equal("an owner and a least n", t.ids(t.pool, filtered, "ann", 20), "1")
		t.equal("a least n", t.ids(t.pool, filtered, nil, 25), "1 4")
	}
	const change = "/* db:dynamic */ UPDATE t SET n = n + 1 WHERE ?1 IS NULL OR owner = ?1"
	for arg, want := range map[any]int64{nil: 4, "ann": 2, "nobody": 0} {
		n, err := t.exec(t.pool, change, arg).RowsAffected()
		t.equal("rows affected", n, want)
		t.equal("error", err, nil)
	}
}

func dynamicOrder(t *tester) {
	t.dynamicTable()
	const text = "-- db:dynamic\nSELECT id FROM t ORDER BY CASE WHEN ?1 = 'owner' THEN owner END, CASE WHEN ?1 = 'n' THEN n END DESC, id"
	t.equal("by owner", t.ids(t.pool, text, "owner"), "4 1 3 2")
	t.equal("by n", t.ids(t.pool, text, "n"), "4 1 2 3")
	t.equal("by id", t.ids(t.pool, text, "other"), "1 2 3 4")
}

// dynamicPlan shows the effect: a search of the index, where the statement itself has a scan.
func dynamicPlan(t *tester) {
	t.dynamicTable()
	plan := func(text string, arg any) string {
		return fmt.Sprint(t.rows(t.pool, "EXPLAIN QUERY PLAN "+text, arg, 0))
	}
	if got := plan(filtered, "ann"); !strings.Contains(got, "SEARCH t USING") || !strings.Contains(got, "t_owner") {
		t.Errorf("the plan with an owner is %s", got)
	}
	if got := plan(filtered, nil); strings.Contains(got, "t_owner") {
		t.Errorf("the plan without an owner is %s", got)
	}
	if got := plan(strings.TrimPrefix(filtered, "-- db:dynamic\n"), "ann"); strings.Contains(got, "SEARCH") {
		t.Errorf("the plan without the comment is %s", got)
	}
}

func dynamicParameters(t *tester) {
	t.dynamicTable()
	for text, args := range map[string][]any{
		"SELECT id, ? FROM t WHERE (? IS NULL OR owner = ?) AND (? = 0 OR n >= ?) ORDER BY id":               {"x", "ann", "ann", 20, 20},
		"SELECT id, @x FROM t WHERE (@owner IS NULL OR owner = @owner) AND (@n = 0 OR n >= @n) ORDER BY id":  {sql.Named("n", 20), sql.Named("x", "x"), sql.Named("owner", "ann")},
		"SELECT id, $1 FROM t WHERE ($2 IS NULL OR owner = $2) AND ($3 = 0 OR n >= $3) ORDER BY id":          {"x", "ann", 20},
		"SELECT id, ?5 FROM t WHERE (?4 IS NULL OR owner = ?3) AND (?2 = 0 OR n >= ?1) ORDER BY id":          {20, 20, "ann", "ann", "x"},
		"SELECT id, ?1 FROM t WHERE (?3 IS NOT NULL OR owner = ?2) AND owner = ? AND (?5 = 0 OR n >= ?5)":    {"x", "bob", 1, "ann", 20},
		"SELECT id, coalesce(?1, '') FROM t WHERE owner = coalesce(?2, owner) AND (?3 IN (0, 1) OR n >= ?3)": {"x", "ann", 20},
	} {
		for _, text := range []string{text, "-- db:dynamic\n" + text} {
			rows := t.rows(t.pool, text, args...)
			t.equal(text, rows, [][]any{{int64(1), "x"}})
		}
		_, err := t.pool.QueryContext(t.ctx, "-- db:dynamic\n"+text, args[:len(args)-1]...)
		t.fails("an argument too few", err)
		_, err = t.pool.QueryContext(t.ctx, "-- db:dynamic\n"+text, append(args, 1)...)
		t.fails("an argument too many", err)
	}
}

func dynamicPrepared(t *tester) {
	t.dynamicTable()
	stmt := t.prepare(t.pool, filtered)
	for range 3 {
		for owner, want := range map[any]string{nil: "[1 2 3 4]", "ann": "[1 3]", "bob": "[2]"} {
			rows, err := stmt.QueryContext(t.ctx, owner, 0)
			if err != nil {
				t.Fatal(err)
			}
			var ids []int
			for rows.Next() {
				var id int
				t.equal("Scan", rows.Scan(&id), nil)
				ids = append(ids, id)
			}
			t.equal("ids", fmt.Sprint(ids), want)
			t.equal("Err", rows.Err(), nil)
		}
	}
	t.equal("Close", stmt.Close(), nil)
}

func dynamicWays(t *tester) {
	t.dynamicTable()
	tx := t.begin(t.pool, nil)
	t.equal("in a transaction", t.ids(tx, filtered, "ann", 0), "1 3")
	t.exec(tx, "/* db:dynamic */ DELETE FROM t WHERE (?1 IS NULL OR id = ?1) AND (?2 IS NULL OR owner = ?2)", nil, "bob")
	t.equal("after a change", t.ids(tx, filtered, nil, 0), "1 3 4")
	t.commit(tx)

	b := db.NewBatch(t.pool, newQueries)
	for _, owner := range []any{"ann", nil} {
		t.queueExec(b, "/* db:dynamic */ UPDATE t SET n = n + 100 WHERE ?1 IS NULL OR owner = ?1", owner)
	}
	if err := b.Run(t.ctx); err != nil {
		t.Error(err)
	}
	t.wantValue(t.pool, "3:210 1:230 4:140", "SELECT group_concat(id || ':' || n, ' ') FROM (SELECT * FROM t ORDER BY n % 100)")
}

func dynamicErrors(t *tester) {
	t.dynamicTable()
	for _, text := range []string{
		"-- db:dynamic\nSELECT missing FROM t WHERE ?1 IS NULL OR owner = ?1",
		"-- db:dynamic\nSELECT id FROM t WHERE (?1 IS NULL OR owner = ?1) AND missing = 1",
	} {
		for _, arg := range []any{nil, "ann"} {
			_, err := t.pool.QueryContext(t.ctx, text, arg)
			var e *db.Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), "no such column: missing") {
				t.Errorf("error %v", err)
			}
		}
	}
	// The error of a variant names it, also if another variant has the same text.
	t.setUp("CREATE TABLE bad (id INTEGER PRIMARY KEY, data TEXT UNIQUE)", "INSERT INTO bad VALUES (1, '{'), (2, '}')")
	for _, args := range [][]any{{1, nil}, {nil, 1}} {
		err := drain(t.pool.QueryContext(t.ctx, "-- db:dynamic\nSELECT id FROM bad WHERE (?1 IS NULL OR ?2 IS NULL) AND json_extract(data, '$.a') IS NULL", args...))
		want := fmt.Sprintf("?1 IS NULL: %v, ?2 IS NULL: %v", args[0] == nil, args[1] == nil)
		if err == nil || !strings.Contains(err.Error(), "malformed JSON") || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want the one of SQLite with %s", err, want)
		}
	}
	// A failed constraint isn't about the variant.
	const change = "UPDATE bad SET data = '{' WHERE ?1 IS NULL OR id = ?1"
	_, static := t.pool.ExecContext(t.ctx, change, 2)
	_, dynamic := t.pool.ExecContext(t.ctx, "/* db:dynamic */ "+change, 2)
	if static == nil || dynamic == nil || dynamic.Error() != static.Error() {
		t.Errorf("error %v, want %v", dynamic, static)
	}
	var want, got *db.Error
	if errors.As(static, &want) && errors.As(dynamic, &got) {
		t.equal("columns", fmt.Sprint(got.Columns), fmt.Sprint(want.Columns))
	}
}

// dynamicRefused sends a parameter that SQLite refuses.
func dynamicRefused(t *tester) {
	t.dynamicTable()
	const text = "/* db:dynamic */ SELECT id FROM t WHERE ?0 IS NULL OR ?1 IS NULL"
	t.fails("a query", drain(t.pool.QueryContext(t.ctx, text, 1)))
	b := db.NewBatch(t.pool, newQueries)
	t.queueExec(b, text, 1)
	t.fails("a batch", b.Run(t.ctx))
}

// dynamicMany uses 512 variants of one statement, again and again and at the same time.
func dynamicMany(t *tester) {
	t.dynamicTable()
	var text strings.Builder
	text.WriteString("-- db:dynamic\nSELECT id FROM t WHERE id = 2")
	for i := range 9 {
		fmt.Fprintf(&text, " AND (?%d IS NULL OR id = ?%d)", i+1, i+1)
	}
	open, err := t.pool.QueryContext(t.ctx, text.String(), 2, 2, nil, nil, nil, nil, nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for set := range 1 << 9 {
		args := make([]any, 9)
		for i := range args {
			if set>>i&1 == 1 {
				args[i] = 2
			}
		}
		t.equal("ids", t.ids(t.pool, text.String(), args...), "2")
		if set == 300 {
			rows, err := readAll(open)
			t.equal("error", err, nil)
			t.equal("rows", rows, [][]any{{int64(2)}})
		}
	}
}
