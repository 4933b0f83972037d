package decide_test

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"testing"

	"github.com/duolite/duolite/internal/decide"
	"github.com/duolite/duolite/internal/sqltext"
	"github.com/google/go-cmp/cmp"
)

// variant returns the variant's text and arguments, or the statement's own.
func variant(t *testing.T, text string, args ...driver.Value) (string, []driver.Value) {
	t.Helper()
	statement := &sqltext.Split(text)[0]
	plan := decide.New(statement)
	if plan == nil {
		return "no plan", args
	}
	v := plan.Variant(args)
	if v == nil {
		return statement.Text, args
	}
	return v.Statement.Text, v.Args(nil, args)
}

const (
	noPlan = "no plan"
	same   = "="
)

func TestVariant(t *testing.T) {
	type values = []driver.Value
	for _, c := range []struct {
		text string
		args values
		want string // white space is compared as one space
	}{
		// An optional filter.
		{"SELECT a FROM t WHERE (?1 IS NULL OR a = ?1)", values{int64(7)}, "SELECT a FROM t WHERE ( a = ?1)"},
		{"SELECT a FROM t WHERE (?1 IS NULL OR a = ?1)", values{nil}, "SELECT a FROM t"},
		{"SELECT a FROM t WHERE a = ?1 OR ?1 IS NULL", values{int64(7)}, "SELECT a FROM t WHERE a = ?1"},
		{"SELECT a FROM t WHERE ?1 ISNULL OR a = ?1 GROUP BY a", values{nil}, "SELECT a FROM t GROUP BY a"},
		{"SELECT a FROM t WHERE(?1 NOTNULL AND a=?1)AND b=2 LIMIT 5", values{int64(1)}, "SELECT a FROM t WHERE( a=?1)AND b=2 LIMIT 5"},
		{"SELECT a FROM t WHERE(?1 NOT NULL AND a=?1)OR b=2LIMIT 5", values{nil}, "SELECT a FROM t WHERE b=2LIMIT 5"},
		{"SELECT a FROM t WHERE (CAST(?1 AS TEXT) IS NULL OR a = ?1) AND (?2 IS NULL OR b > ?2)", values{"x", nil}, "SELECT a FROM t WHERE ( a = ?1)"},
		// Literals.
		{"SELECT a FROM t WHERE (?1 = '' OR a = ?1)", values{""}, "SELECT a FROM t"},
		{"SELECT a FROM t WHERE (?1 = '' OR a = ?1)", values{"x"}, "SELECT a FROM t WHERE ( a = ?1)"},
		{"SELECT a FROM t WHERE (?1 = 'it''s' AND a) OR (?1 = 'b' AND b)", values{"it's"}, "SELECT a FROM t WHERE ( a)"},
		{"SELECT a FROM t WHERE (?1 IN ('a', 'b') AND a) OR (?1 NOT IN ('a', 'b') AND b)", values{"c"}, "SELECT a FROM t WHERE ( b)"},
		{"SELECT a FROM t WHERE (?1 = 0 OR a = ?1)", values{0.0}, "SELECT a FROM t"},
		{"SELECT a FROM t WHERE (?1 = 9007199254740993 OR a)", values{9007199254740992.0}, "SELECT a FROM t WHERE ( a)"},
		{"SELECT a FROM t WHERE ?1 = ?2 OR a", values{"x", []byte("x")}, "SELECT a FROM t WHERE a"},
		{"SELECT a FROM t WHERE ?1 < 5 OR a", values{"x"}, "SELECT a FROM t WHERE a"},
		{"SELECT a FROM t WHERE ?1 < 'y' OR a", values{"x"}, same},
		{"SELECT a FROM t WHERE ?1 <= 'x' OR a", values{"x"}, "SELECT a FROM t"},
		{"SELECT a FROM t WHERE ?1 IS 'x' OR a", values{nil}, "SELECT a FROM t WHERE a"},
		{"SELECT a FROM t WHERE ?1 IS NOT ?2 OR a", values{nil, nil}, "SELECT a FROM t WHERE a"},
		{"SELECT a FROM t WHERE coalesce(?1, ?2, '') = '' OR a", values{nil, nil}, "SELECT a FROM t"},
		{"SELECT a FROM t WHERE ?1 = -1 OR a", values{int64(-1)}, "SELECT a FROM t"},
		{"SELECT a FROM t WHERE ?1 = 1.5 OR a", values{1.5}, noPlan},
		{"SELECT a FROM t WHERE ?1 = 1e3 OR a", values{1.5}, noPlan},
		{"SELECT a FROM t WHERE ?1 = 0x10 OR a", values{int64(16)}, noPlan},
		{"SELECT a FROM t WHERE ?1 = 9223372036854775808 OR a", values{int64(16)}, noPlan},
		{"SELECT a FROM t WHERE ?1 = 'x' COLLATE NOCASE OR a", values{"X"}, noPlan},
		{"SELECT a FROM t WHERE ?1 = TRUE OR a", values{int64(1)}, noPlan},
		{"SELECT a FROM t WHERE ?1 IS TRUE OR a", values{int64(1)}, noPlan},
		{`SELECT a FROM t WHERE ?1 = "x" OR a`, values{"x"}, noPlan},
		// Truth.
		{"SELECT a FROM t WHERE ?1 OR a", values{int64(2)}, "SELECT a FROM t"},
		{"SELECT a FROM t WHERE NOT ?1 OR a", values{int64(2)}, "SELECT a FROM t WHERE a"},
		{"SELECT a FROM t WHERE ?1 OR a", values{"1"}, same},
		{"SELECT a FROM t WHERE CAST(?1 AS INTEGER) OR a", values{"1"}, same},
		{"SELECT a FROM t WHERE CAST(?1 AS INTEGER) = '1' OR a", values{int64(1)}, same},
		{"SELECT a FROM t WHERE CAST(?1 AS INTEGER) = 1 OR a", values{1.5}, same},
		{"SELECT a FROM t WHERE CAST(?1 AS BOOLEAN) OR a", values{int64(0)}, "SELECT a FROM t WHERE a"},
		// Three-valued logic.
		{"SELECT a FROM t WHERE ?1 = 1 AND a", values{nil}, "SELECT a FROM t WHERE 0"},
		{"SELECT a FROM t WHERE NOT (?1 = 1 AND a)", values{nil}, same},
		{"SELECT a FROM t WHERE NOT (?1 = 1)", values{nil}, "SELECT a FROM t WHERE 0"},
		{"SELECT a FROM t WHERE NOT (?1 = 1 OR a) OR b", values{int64(2)}, "SELECT a FROM t WHERE NOT ( a) OR b"},
		{"SELECT a FROM t WHERE NOT (?1 IS NULL OR a)", values{nil}, "SELECT a FROM t WHERE 0"},
		// Precedence.
		{"SELECT a FROM t WHERE a BETWEEN ?1 AND ?2 AND ?1 IS NOT NULL OR b", values{int64(1), int64(2)}, "SELECT a FROM t WHERE a BETWEEN ?1 AND ?2 OR b"},
		{"SELECT a FROM t WHERE a AND ?1 IS NULL OR b", values{int64(1)}, "SELECT a FROM t WHERE b"},
		{"SELECT a FROM t WHERE NOT a = ?1 AND ?1 IS NOT NULL", values{int64(1)}, "SELECT a FROM t WHERE NOT a = ?1"},
		{"SELECT a FROM t WHERE x AND(?1 IS NULL OR y)AND z", values{nil}, "SELECT a FROM t WHERE x AND z"},
		{"SELECT a FROM t WHERE (a, b) = (?1, ?2) AND ?1 IS NOT NULL", values{int64(1), int64(2)}, "SELECT a FROM t WHERE (a, b) = (?1, ?2)"},
		{"SELECT a FROM t WHERE a IS DISTINCT FROM ?1 AND ?1 IS NOT NULL", values{int64(1)}, "SELECT a FROM t WHERE a IS DISTINCT FROM ?1"},
		// CASE.
		{"SELECT a FROM t WHERE CASE WHEN ?1 THEN b = ?2 ELSE TRUE END", values{int64(1), "x"}, "SELECT a FROM t WHERE (b = ?2)"},
		{"SELECT a FROM t WHERE CASE WHEN ?1 THEN b = ?2 ELSE TRUE END", values{int64(0), "x"}, "SELECT a FROM t WHERE (TRUE)"},
		{"SELECT a FROM t WHERE CASE ?1 WHEN 'b' THEN b = ?2 WHEN 'c' THEN c = ?2 -- c\n END AND a", values{"c", "x"}, "SELECT a FROM t WHERE (c = ?2) AND a"},
		{"SELECT a FROM t WHERE CASE ?1 WHEN 'b' THEN b END OR a", values{"c"}, "SELECT a FROM t WHERE a"},
		{"SELECT a FROM t WHERE CASE WHEN b THEN ?1 IS NULL ELSE a END", values{nil}, same},
		{"SELECT a FROM t WHERE CASE WHEN end THEN ?1 IS NULL ELSE a END", values{nil}, noPlan},
		// coalesce.
		{"SELECT a FROM t WHERE a = coalesce(?1, a)", values{"x"}, "SELECT a FROM t WHERE a = ?1"},
		{"SELECT a FROM t WHERE a = coalesce(?1, a)", values{nil}, same},
		{"SELECT a FROM t WHERE a = ifnull(?1, b COLLATE NOCASE)", values{"x"}, noPlan},
		// Joins and subqueries.
		{"SELECT a FROM t LEFT JOIN u ON u.a = t.a AND (?1 IS NULL OR u.b = ?1) WHERE t.b", values{"x"}, "SELECT a FROM t LEFT JOIN u ON u.a = t.a AND ( u.b = ?1) WHERE t.b"},
		{"SELECT a FROM t JOIN u ON ?1 IS NULL OR u.b = ?1 LEFT JOIN v USING (a)", values{nil}, "SELECT a FROM t JOIN u ON 1 LEFT JOIN v USING (a)"},
		{"SELECT a FROM t JOIN u ON ?1 IS NULL OR u.match LEFT JOIN v ON v.a NOT LIKE left", values{nil}, "SELECT a FROM t JOIN u ON 1 LEFT JOIN v ON v.a NOT LIKE left"},
		{"SELECT a FROM t JOIN u ON ?1 IS NULL OR NOT glob LEFT JOIN v ON ?1 IS NULL OR v.a MATCH left", values{nil}, "SELECT a FROM t JOIN u ON 1 LEFT JOIN v ON 1"},
		{"SELECT a FROM t JOIN u ON ?1 IS NULL OR u.b = 1. LEFT JOIN v", values{nil}, "SELECT a FROM t JOIN u ON 1 LEFT JOIN v"},
		{"SELECT a FROM t JOIN u ON t.left = u.right AND ?1 IS NOT NULL", values{int64(1)}, "SELECT a FROM t JOIN u ON t.left = u.right"},
		{"SELECT a FROM t WHERE (?1 IS NULL OR EXISTS (SELECT 1 FROM u WHERE u.a = t.a AND (?2 IS NULL OR u.b = ?2)))", values{"x", nil},
			"SELECT a FROM t WHERE ( EXISTS (SELECT 1 FROM u WHERE u.a = t.a ))"},
		{"WITH c AS (SELECT a FROM t WHERE ?1 IS NULL OR b = ?1) SELECT a FROM (SELECT a FROM c WHERE ?2 IS NULL OR a = ?2)", values{nil, "x"},
			"WITH c AS (SELECT a FROM t ) SELECT a FROM (SELECT a FROM c WHERE a = ?2)"},
		// Other statements.
		{"UPDATE t SET a = ?1 WHERE (?1 IS NULL OR a < ?1)", values{nil}, "UPDATE t SET a = ?1 WHERE 1"},
		{"DELETE FROM t WHERE (?1 IS NULL OR a = ?1) RETURNING ?1 IS NULL", values{int64(1)}, "DELETE FROM t WHERE ( a = ?1) RETURNING ?1 IS NULL"},
		{"EXPLAIN QUERY PLAN SELECT a FROM t WHERE (?1 IS NULL OR a = ?1)", values{nil}, "EXPLAIN QUERY PLAN SELECT a FROM t"},
		{"INSERT INTO t SELECT a FROM u WHERE ?1 IS NULL OR a = ?1", values{nil}, noPlan},
		{"EXPLAIN INSERT INTO t SELECT a FROM u WHERE ?1 IS NULL OR a = ?1", values{nil}, noPlan},
		// Left alone.
		{"SELECT ?1 IS NULL OR a FROM t", values{nil}, noPlan},
		{"SELECT (SELECT 1 FROM u WHERE ?1 IS NULL) FROM t", values{nil}, noPlan},
		{"SELECT count(*) FILTER (WHERE ?1 IS NULL OR a = ?1) FROM t", values{nil}, noPlan},
		{"SELECT a FROM t GROUP BY a HAVING ?1 IS NULL OR count(*) > ?1", values{nil}, noPlan},
		{"SELECT a FROM t LIMIT CASE WHEN ?1 IS NULL THEN 1 ELSE 2 END", values{nil}, noPlan},
		{"SELECT a FROM t WHERE ((?1 IS NULL OR a = ?1)", values{nil}, noPlan},
		{"SELECT a FROM t WHERE", nil, noPlan},
		{"SELECT :b FROM t WHERE ?1 IS NULL OR a = ?1", values{nil, nil}, noPlan},
		{"SELECT a FROM t WHERE " + strings.Repeat("NOT ", 50) + "(?1 IS NULL OR a)", values{nil}, "SELECT a FROM t"},
		{"SELECT a FROM t WHERE " + strings.Repeat("NOT ", 100) + "(?1 IS NULL OR a)", values{nil}, noPlan},
		{"SELECT a FROM t INDEXED BY i WHERE a IS NOT NULL AND ?1 = 1", values{nil}, noPlan},
		{"SELECT a FROM t WHERE ?1 IS NULL OR ?0 IS NULL", values{nil}, noPlan},
		{"SELECT a FROM t WHERE ?1 IS NULL OR a = ?32767", values{nil}, noPlan},
		// ORDER BY.
		{"SELECT a FROM t ORDER BY CASE WHEN ?1 = 'b' THEN b END, CASE WHEN ?1 = 'c' THEN t.c END DESC, id LIMIT 5", values{"b"}, "SELECT a FROM t ORDER BY b COLLATE BINARY, id LIMIT 5"},
		{"SELECT a FROM t ORDER BY CASE WHEN ?1 = 'b' THEN b END, CASE WHEN ?1 = 'c' THEN t.c END DESC, id LIMIT 5", values{"c"}, "SELECT a FROM t ORDER BY t.c COLLATE BINARY DESC, id LIMIT 5"},
		{"SELECT a FROM t ORDER BY CASE ?1 WHEN 'b' THEN lower(b) ELSE 1 END NULLS LAST", values{"b"}, "SELECT a FROM t ORDER BY (lower(b)) COLLATE BINARY NULLS LAST"},
		{"SELECT a FROM t ORDER BY CASE ?1 WHEN 'b' THEN lower(b) ELSE 1 END LIMIT 1", values{"c"}, "SELECT a FROM t LIMIT 1"},
		{"SELECT DISTINCT b FROM t ORDER BY CASE ?1 WHEN 'b' THEN (b) END", values{"b"}, "SELECT DISTINCT b FROM t ORDER BY b COLLATE BINARY"},
		{"SELECT a AS b FROM t ORDER BY CASE ?1 WHEN 'b' THEN b END", values{"b"}, noPlan},
		{"SELECT a b FROM t ORDER BY CASE ?1 WHEN 'b' THEN (B) END", values{"b"}, noPlan},
		{`SELECT a "x""y" FROM t ORDER BY CASE ?1 WHEN 'b' THEN [x"y] END`, values{"b"}, noPlan},
		{"SELECT 1. b FROM t ORDER BY CASE ?1 WHEN 'b' THEN b END", values{"b"}, noPlan},
		{"SELECT u.* FROM t LEFT JOIN u ON u.a = t.a ORDER BY CASE ?1 WHEN 'b' THEN b END", values{"b"}, "SELECT u.* FROM t LEFT JOIN u ON u.a = t.a ORDER BY b COLLATE BINARY"},
		{"SELECT u.* FROM t LEFT JOIN u USING (b) ORDER BY CASE ?1 WHEN 'b' THEN b END", values{"b"}, noPlan},
		{"SELECT u.* FROM t NATURAL LEFT JOIN u ORDER BY CASE ?1 WHEN 'b' THEN t.b END", values{"b"}, "SELECT u.* FROM t NATURAL LEFT JOIN u ORDER BY t.b COLLATE BINARY"},
		{"SELECT a FROM t ORDER BY CASE ?1 WHEN 'b' THEN b WHEN 'x' THEN true END, ?1 IS NULL", values{"b"}, noPlan},
		{"SELECT a FROM t ORDER BY CASE ?1 WHEN 'b' THEN b END COLLATE NOCASE", values{"b"}, noPlan},
		{"SELECT a FROM t ORDER BY CASE ?1 WHEN 'b' THEN b COLLATE NOCASE ELSE a END", values{"c"}, noPlan},
		{"SELECT a FROM t UNION SELECT a FROM u ORDER BY CASE ?1 WHEN 'b' THEN a END", values{"b"}, noPlan},
		{"SELECT 1 FROM t GROUP BY a ORDER BY CASE ?1 WHEN 'n' THEN count(*) END", values{"n"}, "SELECT 1 FROM t GROUP BY a ORDER BY (count(*)) COLLATE BINARY"},
	} {
		got, _ := variant(t, c.text, c.args...)
		want := c.want
		if want == same {
			want = c.text
		}
		if fields(got) != fields(want) {
			t.Errorf("%s\nwith %v\nis   %s\nwant %s", c.text, c.args, fields(got), fields(want))
		}
	}
}

func fields(text string) string { return strings.Join(strings.Fields(text), " ") }

// TestArguments checks that parameters keep their arguments if parameters before them go.
func TestArguments(t *testing.T) {
	type values = []driver.Value
	for _, c := range []struct {
		text       string
		args, want values
	}{
		{"SELECT ?, a FROM t WHERE (? IS NULL OR a = ?) AND b = ?", values{1, nil, 3, 4}, values{1, 4}},
		{"SELECT ?, a FROM t WHERE (?2 IS NULL OR a = ?3) AND b = ?4", values{1, nil, 3, 4}, values{1, nil, nil, 4}},
		{"SELECT @one, a FROM t WHERE (@two IS NULL OR a = @three) AND b = @four", values{1, nil, 3, 4}, values{1, 4}},
		{"SELECT a FROM t WHERE ($two IS NULL OR a = $two) AND b = $one", values{nil, 1}, values{1}},
		// ?5 goes, so the last parameter gets the index 2.
		{"SELECT a FROM t WHERE ?1 AND (?5 IS NULL OR a) AND ?", values{"1", 2, 3, 4, nil, 6}, values{"1", 6}},
		// Without ?5 the parameter ? would get the index 1, as ?1 has.
		{"SELECT a FROM t WHERE (?5 IS NULL OR a) AND b = ? AND a = ?1", values{1, 2, 3, 4, nil, 6}, values{1, 2, 3, 4, nil, 6}},
	} {
		if _, got := variant(t, c.text, c.args...); !cmp.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.text, got, c.want)
		}
	}
}

func TestMark(t *testing.T) {
	for text, want := range map[string]bool{
		"-- db:dynamic\nSELECT 1": true, "/* db:dynamic */ SELECT 1": true, "SELECT /*db:dynamic*/ 1": true, "--db:dynamic  \nSELECT 1": true,
		"SELECT 'db:dynamic'": false, "-- not db:dynamic\nSELECT 1": false, "SELECT 1": false, "-- db:dynamics\nSELECT 1": false,
	} {
		if got := decide.IsMarked(&sqltext.Split(text)[0]); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func BenchmarkVariant(b *testing.B) {
	statement := &sqltext.Split("SELECT a FROM t WHERE (?1 IS NULL OR a = ?1) AND (?2 IS NULL OR b = ?2) AND (?3 IS NULL OR c = ?3) AND (?4 IS NULL OR d = ?4) ORDER BY id")[0]
	args := []driver.Value{int64(1), nil, "x", nil}
	b.Run("known", func(b *testing.B) {
		plan := decide.New(statement)
		b.ReportAllocs()
		for b.Loop() {
			plan.Variant(args)
		}
	})
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			decide.New(statement).Variant(args)
		}
	})
	b.Run("New", func(b *testing.B) {
		for b.Loop() {
			decide.New(statement)
		}
	})
}

func FuzzVariant(f *testing.F) {
	f.Add("SELECT a FROM t WHERE (?1 IS NULL OR a = ?1) ORDER BY CASE ?2 WHEN 'b' THEN b END", int64(1))
	f.Fuzz(func(t *testing.T, text string, arg int64) {
		statements := sqltext.Split(text)
		if len(statements) == 0 {
			return
		}
		plan := decide.New(&statements[0])
		if plan == nil {
			return
		}
		for _, value := range []driver.Value{nil, arg, "", fmt.Sprint(arg)} {
			args := make([]driver.Value, len(statements[0].Params))
			for i := range args {
				args[i] = value
			}
			if v := plan.Variant(args); v != nil {
				v.Args(nil, args)
			}
		}
	})
}
