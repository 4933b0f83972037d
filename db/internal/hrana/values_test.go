package hrana_test

import (
	"bytes"
	"database/sql/driver"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/internal/sqltext"
)

func TestValues(t *testing.T) {
	t.Parallel()
	c, _ := serve(t)
	values := []driver.Value{
		nil, int64(0), int64(-1), int64(math.MaxInt64), int64(math.MinInt64), int64(1<<53 + 1),
		0.0, math.Copysign(0, -1), 1e308, 5e-324, math.MaxFloat64, 0.1, 1e15, 1e16, 3.0, -2.5e-7,
		"", "a", "a\x00b", "é😀\"\\\n\r\t\x01\x1f\x7f\u2028<&>/", strings.Repeat("x", 100000),
		[]byte{}, []byte{0}, []byte{0, 255, 16}, []byte("abcd"), bytes.Repeat([]byte{251, 255}, 50001),
	}
	random := rand.New(rand.NewPCG(1, 2))
	for len(values) < 1000 {
		if f := math.Float64frombits(random.Uint64()); !math.IsNaN(f) && !math.IsInf(f, 0) {
			values = append(values, f)
		}
	}
	for _, v := range values {
		got := get(t, c, "SELECT ?", v)[0][0]
		if f, ok := v.(float64); ok {
			if g, ok := got.(float64); !ok || math.Float64bits(f) != math.Float64bits(g) {
				t.Errorf("got %v (%T), want %v", got, got, v)
			}
			continue
		}
		check(t, "value", got, v)
	}
	check(t, "nil blob", get(t, c, "SELECT ?", []byte(nil))[0][0], nil)
	checkRow(t, c, `SELECT typeof(x''), x'', '', char(0) || '"\'`, "blob", []byte{}, "", "\x00\"\\")
}

func TestUnsendable(t *testing.T) {
	t.Parallel()
	c, _ := serve(t)
	must(t, c, "CREATE TABLE t (x)")
	for _, v := range []driver.Value{math.NaN(), math.Inf(1), "a\xffb", 7} {
		_, err := exec(t.Context(), t, c, "INSERT INTO t VALUES (?)", v)
		checkError(t, "argument", err, nil, 0, "an argument is")
	}
	checkRow(t, c, "SELECT count(*) FROM t", int64(0))

	rows, err := query(t, c, "SELECT 1 UNION ALL SELECT 9e999")
	if err != nil {
		t.Fatal(err)
	}
	found, err := all(rows)
	checkError(t, "infinity", err, nil, 0, "infinite float")
	check(t, "rows before", found, [][]driver.Value{{int64(1)}})

	_, err = query(t, c, "SELECT CAST(x'ff61' AS TEXT)")
	checkError(t, "no UTF-8", err, nil, 0, "text that isn't UTF-8")
	checkRow(t, c, "SELECT 1", int64(1))
}

func TestColumns(t *testing.T) {
	t.Parallel()
	c, _ := serve(t)
	must(t, c, `CREATE TABLE t (a INTEGER, "b c" VARCHAR(10), d)`)
	rows, err := query(t, c, "SELECT *, 1 + a AS e FROM t")
	if err != nil {
		t.Fatal(err)
	}
	check(t, "columns", rows.Columns(), []engine.Column{
		{Name: "a", Declared: "INTEGER"}, {Name: "b c", Declared: "VARCHAR(10)"}, {Name: "d"}, {Name: "e"},
	})
}

// TestParameters binds each kind of parameter, and mixtures.
func TestParameters(t *testing.T) {
	t.Parallel()
	c, _ := serve(t)
	for _, tt := range []struct {
		sql    string
		params []string
		args   []driver.Value
		want   []driver.Value
	}{
		{"SELECT ?, ?", []string{"", ""}, []driver.Value{"1", "2"}, []driver.Value{"1", "2"}},
		{"SELECT ?2, ?1, ?2", []string{"?1", "?2"}, []driver.Value{"1", "2"}, []driver.Value{"2", "1", "2"}},
		{"SELECT ?3, ?1", []string{"?1", "", "?3"}, []driver.Value{"1", "2", "3"}, []driver.Value{"3", "1"}},
		{"SELECT ?2, ?", []string{"", "?2", ""}, []driver.Value{"1", "2", "3"}, []driver.Value{"2", "3"}},
		{"SELECT :b, :a, :b", []string{":b", ":a"}, []driver.Value{"1", "2"}, []driver.Value{"1", "2", "1"}},
		{"SELECT :a, @a, $a", []string{":a", "@a", "$a"}, []driver.Value{"1", "2", "3"}, []driver.Value{"1", "2", "3"}},
		{"SELECT ?, :a, ?, :a", []string{"", ":a", ""}, []driver.Value{"1", "2", "3"}, []driver.Value{"1", "2", "3", "2"}},
		{"SELECT :a, ?1, ?", []string{":a", ""}, []driver.Value{"1", "2"}, []driver.Value{"1", "1", "2"}},
		{"SELECT @a, ?4, $é_1, ?", []string{"@a", "", "", "?4", "$é_1", ""}, []driver.Value{"1", "2", "3", "4", "5", "6"}, []driver.Value{"1", "4", "5", "6"}},
		{`SELECT ':a?''' || :a, "?" /* ? */, [:a], x -- :a?
			, ` + "`@a`" + `, ? FROM (SELECT '1' AS "?", '2' AS ":a", '3' AS x, '4' AS "@a")`,
			[]string{":a", ""}, []driver.Value{"A", "B"}, []driver.Value{":a?'A", "1", "2", "3", "4", "B"}},
	} {
		st := sqltext.Statement{Text: tt.sql, Kind: sqltext.Read, Params: tt.params}
		rows, err := prepare(t, c, st).Query(t.Context(), tt.args)
		if err != nil {
			t.Errorf("%s: %v", tt.sql, err)
			continue
		}
		got, err := all(rows)
		if err != nil {
			t.Errorf("%s: %v", tt.sql, err)
		}
		check(t, tt.sql, got, [][]driver.Value{tt.want})
	}
	_, err := prepare(t, c, statement("SELECT ?")).Query(t.Context(), nil)
	checkError(t, "too few", err, nil, engine.CodeRange, "another number of parameters")
}
