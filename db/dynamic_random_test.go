package db_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/internal/decide"
	"github.com/duolite/duolite/internal/sqltext"
)

// TestDynamicRandom compares dynamic statements with the same statements as they are written: random
// schemas, rows, statements and arguments. With DUOLITE_SOAK it makes 1,000,000 comparisons on files and
// 50,000 on a server.
func TestDynamicRandom(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		// In short and in long, and how many with each schema.
		counts := map[string][3]int{"file": {6_000, 1_000_000, 40}, "server": {600, 50_000, 100}}
		count, ok := counts[d.Name]
		if !ok {
			t.Skip("the same engine with another home")
		}
		n := count[0]
		if os.Getenv("DUOLITE_SOAK") != "" {
			n = count[1]
		}
		r := &randomDynamic{T: t, pool: d.Open(t, nil), rand: rand.New(rand.NewPCG(seedOfDay(t), 7))}
		for i := range n {
			if i%count[2] == 0 {
				r.newSchema()
			}
			r.compare()
			if t.Failed() {
				return
			}
		}
		t.Logf("%d comparisons, %d with a variant, %d with an error of the statement itself", n, r.variants, r.failed)
		if r.variants < n/3 {
			t.Errorf("only %d of %d statements had a variant", r.variants, n)
		}
	})
}

// seedOfDay returns a seed that is logged, so that a failure can be repeated.
func seedOfDay(t *testing.T) uint64 {
	seed := rand.Uint64()
	if text := os.Getenv("DUOLITE_SEED"); text != "" {
		if _, err := fmt.Sscan(text, &seed); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("DUOLITE_SEED=%d", seed)
	return seed
}

type randomDynamic struct {
	*testing.T
	pool             *sql.DB
	rand             *rand.Rand
	fourth           string // the name of a column of t
	params           int    // of the statement
	style            string // of its parameters
	variants, failed int
}

func (r *randomDynamic) oneIn(n int) bool { return r.rand.IntN(n) == 0 }

func pick[T any](r *randomDynamic, from ...T) T { return from[r.rand.IntN(len(from))] }

func (r *randomDynamic) newSchema() {
	column := func(name string) string {
		text := name + " " + pick(r, "TEXT", "INTEGER", "REAL", "NUMERIC", "BLOB", "")
		return text + pick(r, "", "", " COLLATE NOCASE")
	}
	r.fourth = pick(r, "d", `"true"`, "end", "left", "window", "match", `"x""y"`, "[x y]")
	statements := []string{
		"DROP TABLE IF EXISTS t", "DROP TABLE IF EXISTS u",
		fmt.Sprintf("CREATE TABLE t (id INTEGER PRIMARY KEY, %s, %s, %s, %s)", column("a"), column("b"), column("c"), column(r.fourth)),
		fmt.Sprintf("CREATE TABLE u (id INTEGER PRIMARY KEY, t_id INTEGER, %s)", column("name")),
	}
	for i, on := range []string{"t(a)", "t(b, a)", "t(c COLLATE BINARY)", "u(t_id)", "u(name)"} {
		if r.oneIn(2) {
			statements = append(statements, fmt.Sprintf("CREATE INDEX i%d ON %s", i, on))
		}
	}
	for _, s := range statements {
		if _, err := r.pool.Exec(s); err != nil {
			r.Fatalf("%s: %v", s, err)
		}
	}
	for i := range 14 {
		if _, err := r.pool.Exec("INSERT INTO t VALUES (NULL, ?, ?, ?, ?)", r.value(), r.value(), r.value(), r.value()); err != nil {
			r.Fatal(err)
		}
		if _, err := r.pool.Exec("INSERT INTO u VALUES (?, ?, ?)", i+5, r.rand.IntN(16), r.value()); err != nil {
			r.Fatal(err)
		}
	}
}

// value returns a value of any storage class.
func (r *randomDynamic) value() any {
	switch r.rand.IntN(10) {
	case 0, 1, 2:
		return nil
	case 3, 4:
		return pick[int64](r, 0, 1, 2, -1, 5, 1<<53, 1<<53+1)
	case 5:
		return pick(r, 0, 1, 0.5, 1<<53, -1)
	case 6:
		return pick(r, []byte("a"), []byte("1"), []byte{})
	}
	return pick(r, "", "a", "A", "b", "B", "1", "1.0", "0.5x", "2")
}

func (r *randomDynamic) literal() string {
	return pick(r, "''", "'a'", "'b'", "'1'", "0", "1", "2", "-1", "9007199254740993", "NULL")
}

// number returns a number that isn't decided.
func (r *randomDynamic) number() string {
	return pick(r, "1.", "1.0", ".5", "1e0", "1.e+0", "0x1", "x'31'", "+1", "- 1")
}

// param returns a parameter, a new one or one that the statement has.
func (r *randomDynamic) param() string {
	n := r.rand.IntN(4) + 1
	switch r.style {
	case "?":
		r.params++
		return "?"
	case "@":
		// The index of a name is its first use.
		return pick(r, "@p", "@p", ":p", "$p") + fmt.Sprint(n)
	case "? and ?1":
		return pick(r, "?", fmt.Sprint("?", n), fmt.Sprint("?0", n))
	}
	r.params = max(r.params, n)
	return fmt.Sprintf("?%d", n)
}

// decidedAtom returns a condition of parameters and literals.
func (r *randomDynamic) decidedAtom() string {
	p := r.param()
	switch r.rand.IntN(20) {
	case 0, 1, 2:
		return p + pick(r, " IS NULL", " IS NULL", " ISNULL")
	case 3, 4:
		return p + pick(r, " IS NOT NULL", " NOTNULL", " NOT NULL")
	case 5, 6:
		return p + pick(r, " = ", " <> ", " == ", " != ") + r.literal()
	case 7:
		return p + pick(r, " < ", " <= ", " > ", " >= ") + r.literal()
	case 8:
		return p + pick(r, " IS ", " IS NOT ") + pick(r, r.literal(), "TRUE", "FALSE", r.param())
	case 9:
		return p + pick(r, " IN ", " NOT IN ") + "(" + r.literal() + ", " + r.literal() + ")"
	case 10:
		return "coalesce(" + p + ", " + r.literal() + ") = " + r.literal()
	case 11:
		return "CAST(" + p + " AS " + pick(r, "TEXT", "INTEGER", "REAL", "BLOB", "BOOLEAN") + ")" + pick(r, " IS NULL", " = "+r.literal(), "")
	case 12:
		return p + " = " + pick(r, "TRUE", "FALSE")
	case 13:
		return r.literal() + " = " + p
	case 14:
		return p + " = " + r.param()
	case 15:
		return r.literal()
	case 16:
		return p + pick(r, " IS NULL IS NULL", " = 1 = 1", " = - 1", " IS NOT DISTINCT FROM 'a'", " = 'A' COLLATE NOCASE", " <> "+r.number(), " IN ("+r.number()+")", " || '' = ''", " NOT NULL ISNULL")
	case 17:
		return "(" + p + ")" + pick(r, " IS (NULL)", " NOT IN ((1), ('a'))", " = (('1'))")
	}
	return p
}

func (r *randomDynamic) column(of ...string) string {
	if len(of) == 0 {
		return pick(r, "t.a", "t.b", "t.c", "a", "b", "c", "t."+r.fourth, r.fourth)
	}
	return pick(r, of...)
}

func (r *randomDynamic) columnAtom(depth int) string {
	column := r.column()
	switch r.rand.IntN(17) {
	case 0, 1, 2, 3:
		return column + pick(r, " = ", " = ", " < ", " >= ", " <> ", " IS ") + r.param()
	case 4:
		return column + " BETWEEN " + r.param() + " AND " + r.param()
	case 5:
		return column + " IN (" + r.param() + ", " + r.literal() + ")"
	case 6:
		return column + " LIKE " + r.param()
	case 7:
		return column + " = coalesce(" + r.param() + ", " + r.column() + ")"
	case 8:
		return "ifnull(" + r.param() + ", " + column + ") >= " + r.column()
	case 9:
		if depth > 0 {
			return pick(r, "EXISTS (SELECT 1 FROM u WHERE u.t_id = t.id AND ", "t.id IN (SELECT t_id FROM u WHERE ") + r.condition(depth-1) + ")"
		}
		return column + " IS NOT NULL"
	case 10:
		return column + " NOT IN (" + r.literal() + ", " + r.param() + ")"
	case 11:
		return "(" + column + ", " + r.column() + ") = (" + r.param() + ", " + r.param() + ")"
	case 12:
		return column
	case 13:
		return column + pick(r, " NOT LIKE ", " GLOB ", " IS DISTINCT FROM ", " IS NOT ", " || '' = ") + "coalesce(" + r.param() + ", " + r.column() + ")" + pick(r, "", " COLLATE NOCASE")
	case 14:
		return column + pick(r, " = ", " < ", " NOT BETWEEN 0 AND ", " LIKE '_' ESCAPE '\\' IS ", " NOTNULL = ", " COLLATE NOCASE >= ") + r.number()
	case 15:
		return "(CASE " + r.column() + " WHEN " + r.param() + " THEN " + r.column() + " ELSE " + r.literal() + " END) " + pick(r, "IS NULL", "= 1", "NOTNULL")
	}
	return column + " = " + r.literal()
}

func (r *randomDynamic) condition(depth int) string {
	if depth == 0 {
		if r.oneIn(2) {
			return r.decidedAtom()
		}
		return r.columnAtom(0)
	}
	a := r.condition(depth - 1)
	switch r.rand.IntN(12) {
	case 0, 1, 2:
		return a + " AND " + r.condition(depth-1)
	case 3:
		return "(" + a + ")AND(" + r.condition(depth-1) + ")"
	case 4, 5:
		return a + " OR " + r.condition(depth-1)
	case 6, 7:
		return "(" + r.decidedAtom() + " OR " + r.columnAtom(depth) + ")"
	case 8:
		return "NOT (" + a + ")"
	case 9:
		return "CASE WHEN " + r.decidedAtom() + " THEN " + a + pick(r, "", " WHEN "+r.decidedAtom()+" THEN "+r.columnAtom(0)) + pick(r, "", " ELSE "+r.condition(0)) + " END"
	case 10:
		return "CASE " + r.param() + " WHEN " + r.literal() + " THEN " + a + " ELSE " + r.condition(0) + " END"
	}
	return "NOT " + r.columnAtom(depth-1) + " OR " + r.decidedAtom()
}

// sortTerm returns a term of ORDER BY.
func (r *randomDynamic) sortTerm(aggregates bool) string {
	sorted := func() string {
		if aggregates { // a bare column has the value of any row
			// max of a column with COLLATE NOCASE is any of its equal values.
			return pick(r, "count(*)", "max(t.id)", r.literal(), "t.id % 3")
		}
		switch r.rand.IntN(9) {
		case 0:
			return pick(r, r.literal(), r.number())
		case 5:
			return pick(r, "likely("+r.column()+")", "+b", "("+r.column()+" IS NULL)", "CAST(b AS TEXT)", "sum(t.id) OVER (ORDER BY t.id)", "((b))")
		case 1:
			return "(" + r.column() + ")"
		case 2:
			return "lower(" + r.column() + ")"
		case 3:
			return "t.c COLLATE NOCASE"
		case 4:
			return "- t.a"
		}
		return r.column()
	}
	text := "CASE WHEN " + r.decidedAtom() + " THEN " + sorted()
	if r.oneIn(3) {
		text = "CASE " + r.param() + " WHEN " + r.literal() + " THEN " + sorted() + " WHEN " + r.literal() + " THEN " + sorted()
	}
	if r.oneIn(2) {
		text += " ELSE " + sorted()
	}
	return text + " END" + pick(r, "", "", " COLLATE NOCASE") + pick(r, "", " DESC", " NULLS LAST")
}

// statement returns a statement, and whether it has a total order.
func (r *randomDynamic) statement() (text string, ordered bool) {
	r.params, r.style = 0, pick(r, "?", "?1", "?1", "@", "? and ?1")
	where := " WHERE "
	switch r.rand.IntN(20) {
	case 0:
		return "SELECT count(*), sum(t.id) FROM t" + where + r.condition(3), false
	case 1:
		return "SELECT sum(t.id), count(*) FILTER (WHERE " + r.decidedAtom() + " OR a IS NULL) FROM t" + where + r.condition(2) + " GROUP BY t.b COLLATE BINARY", false
	case 2:
		return "UPDATE t SET c = coalesce(" + r.param() + ", 7)" + where + r.condition(3) + " RETURNING id, " + r.decidedAtom(), false
	case 3:
		return "DELETE FROM t" + where + r.condition(3) + " RETURNING id", false
	case 4:
		return "WITH t AS (SELECT * FROM main.t" + where + r.condition(2) + ") SELECT t.id, t.a FROM t" + where + r.condition(2), false
	case 5:
		return "SELECT t.id, u.name FROM t LEFT JOIN u ON u.t_id = t.id AND " + r.condition(2) + where + r.condition(2), false
	case 6:
		return "SELECT t.id, u.name FROM (t CROSS JOIN u ON " + r.condition(2) + ")" + where + r.condition(1) + " ORDER BY " + r.sortTerm(false) + ", t.id, u.id LIMIT 9", true
	case 7:
		return "SELECT a AS b, b AS a, c c, t.id AS i FROM t ORDER BY " + r.sortTerm(false) + ", " + r.sortTerm(false) + ", t.id", true
	case 8:
		return "SELECT count(*) AS n FROM t" + where + r.condition(1) + " GROUP BY t.id % 3 ORDER BY " + r.sortTerm(true) + ", t.id % 3", true
	case 9:
		return "SELECT 1 AS one FROM t ORDER BY " + r.sortTerm(true), false // aggregates or not
	case 10:
		return "SELECT id FROM t" + where + r.condition(2) + " UNION ALL SELECT t_id FROM u, t" + where + r.condition(1), false
	case 11:
		list := pick(r, r.param(), "coalesce("+r.param()+", t.a)", "(SELECT count(*) FROM u WHERE "+r.condition(1)+")")
		return "SELECT " + list + ", " + r.decidedAtom() + ", * FROM t" + where + r.condition(2) + " ORDER BY " + r.sortTerm(false) + ", id", true
	case 12:
		join := pick(r, "LEFT", "RIGHT", "FULL", "INNER", "NATURAL LEFT", "NATURAL FULL")
		using := " USING (id)"
		if strings.HasPrefix(join, "NATURAL") {
			using = ""
		}
		return "SELECT " + pick(r, "*", "u.*", "t.*, u.*", "u.id AS b, t.*") + " FROM t " + join + " JOIN u" + using + where + r.condition(1) +
			" ORDER BY CASE WHEN " + r.decidedAtom() + " THEN " + pick(r, "id", "u.id", "name", "b") + " END DESC, t.id, u.id", true
	case 13:
		join := func() string {
			return pick(r, " JOIN ", " LEFT JOIN ", " left outer join ", " CROSS JOIN ", " RIGHT JOIN ")
		}
		on := pick(r, r.condition(1), r.decidedAtom()+" OR "+pick(r, "t.id = "+r.number(), "t."+r.fourth, r.fourth))
		return "SELECT t.id, x.id, y.id FROM t" + join() + "u AS x ON " + on + join() + "u AS y ON x.id = y.id AND " + r.condition(1) + where + r.condition(1), false
	case 14:
		return "SELECT t.id, count(*) OVER w AS n FROM t" + where + r.condition(2) + " WINDOW w AS (ORDER BY t.id) ORDER BY " + r.sortTerm(false) + ", t.id", true
	case 15:
		return "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5 AND (" + r.decidedAtom() + " OR i < 3)) SELECT i, (SELECT max(t.id) FROM t WHERE t.id = i AND " + r.decidedAtom() + ") FROM n, t" + where + "t.id = i AND (" + r.condition(2) + ")", false
	case 16:
		return "UPDATE t SET b = x.n FROM (SELECT t_id, max(id) AS n FROM u WHERE " + r.decidedAtom() + " OR name > 'a' GROUP BY t_id) AS x" + where + "x.t_id = t.id AND (" + r.condition(2) + ") RETURNING id", false
	case 17:
		return "SELECT id FROM (SELECT id, a AS b, b AS a, c, " + r.fourth + " FROM t ORDER BY " + r.sortTerm(false) + ", id LIMIT 7) AS t" + where + r.condition(2) + " GROUP BY id HAVING " + r.decidedAtom() + " OR count(*) > 0", false
	}
	return "SELECT *, t.a || '' FROM t" + where + r.condition(3) + " ORDER BY " + r.sortTerm(false) + ", id" + pick(r, "", " LIMIT 5"), true
}

// compare runs a statement as it is, and as a dynamic statement.
func (r *randomDynamic) compare() {
	text, ordered := r.statement()
	text = r.spaced(text)
	statement := &sqltext.Split(text)[0]
	args := make([]any, len(statement.Params))
	values := make([]driver.Value, len(args))
	for i := range args {
		args[i] = r.value()
		values[i] = args[i]
	}
	if plan := decide.New(statement); plan != nil && plan.Variant(values) != nil {
		r.variants++
	}
	want, err := r.run(text, args, ordered)
	if err != nil {
		r.failed++
		return
	}
	got, err := r.run("/* db:dynamic */ "+text, args, ordered)
	if err != nil {
		r.Errorf("%s\n%v: %v", text, args, err)
		return
	}
	if !slices.Equal(got, want) {
		r.Errorf("%s\n%v\nstatic  %s\ndynamic %s\nvariant %s", text, args, strings.Join(want, "; "), strings.Join(got, "; "), variantText(statement, values))
	}
}

// spaced replaces some of the spaces of a text.
func (r *randomDynamic) spaced(text string) string {
	if !r.oneIn(4) {
		return text
	}
	var b strings.Builder
	for t := range sqltext.Tokens(text) {
		if t.Kind == sqltext.Space && r.oneIn(3) {
			t.Text = pick(r, "\r\n", "/**/", " -- it's (\n", "/* ? ' ) */", "\t")
		}
		b.WriteString(t.Text)
	}
	return b.String()
}

func variantText(statement *sqltext.Statement, values []driver.Value) string {
	if v := decide.New(statement).Variant(values); v != nil {
		return v.Statement.Text
	}
	return "none"
}

// run returns the names of the columns, the rows, and after a change the tables's rows. It leaves no change.
func (r *randomDynamic) run(text string, args []any, ordered bool) ([]string, error) {
	ctx := context.Background()
	if strings.Contains(text, "SELECT") && !strings.Contains(text, "UPDATE") && !strings.Contains(text, "DELETE") {
		return rowsOf(ctx, r.pool, ordered, text, args...)
	}
	tx, err := r.pool.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	rows, err := rowsOf(ctx, tx, ordered, text, args...)
	if err != nil {
		return nil, err
	}
	after, err := rowsOf(ctx, tx, true, "SELECT * FROM t ORDER BY id")
	return append(rows, after...), err
}

type rowsReader interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func rowsOf(ctx context.Context, from rowsReader, ordered bool, text string, args ...any) ([]string, error) {
	rows, err := from.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var all []string
	for rows.Next() {
		row := make([]any, len(columns))
		dest := make([]any, len(row))
		for i := range row {
			dest[i] = &row[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		all = append(all, fmt.Sprintf("%#v", row))
	}
	if !ordered {
		slices.Sort(all)
	}
	return append(all, strings.Join(columns, ",")), rows.Err()
}
