package db_test

import (
	"database/sql"
	"database/sql/driver"
	"strings"
	"testing"

	"github.com/duolite/duolite/db"
	modernc "modernc.org/sqlite"
)

type total struct{ sum float64 }

func (t *total) Step(x float64) { t.sum += x }
func (t *total) Value() float64 { return t.sum }

// BenchmarkFunctions calls functions and collations 10,000 times in a statement, beside SQLite's own, and beside
// functions registered with the driver of modernc.org/sqlite.
func BenchmarkFunctions(b *testing.B) {
	pool := open(b, ":memory:",
		db.WithFunction("go_upper", strings.ToUpper),
		db.WithFunction("go_abs", func(n int64) int64 { return max(n, -n) }),
		db.WithAggregate("go_total", func() *total { return new(total) }),
		db.WithCollation("go_binary", strings.Compare),
		db.WithRegexp())
	modernc.MustRegisterFunction("go_upper", &modernc.FunctionImpl{NArgs: 1, Scalar: func(_ *modernc.FunctionContext, args []driver.Value) (driver.Value, error) {
		return strings.ToUpper(args[0].(string)), nil
	}})
	modernc.MustRegisterCollationUtf8("go_binary", strings.Compare)
	other, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { other.Close() })
	other.SetMaxOpenConns(1)
	for _, on := range []*sql.DB{pool, other} {
		execute(b, on, "CREATE TABLE t (n INTEGER, x TEXT)",
			"INSERT INTO t WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) SELECT i, 'text ' || (i * 7919 % 10000) FROM n")
	}
	for _, c := range []struct {
		name, query string
		on          *sql.DB
	}{
		{"nothing", "SELECT max(x) FROM t", pool},
		{"upper/sqlite", "SELECT max(upper(x)) FROM t", pool},
		{"upper/go", "SELECT max(go_upper(x)) FROM t", pool},
		{"upper/modernc", "SELECT max(go_upper(x)) FROM t", other},
		{"abs/sqlite", "SELECT max(abs(n)) FROM t", pool},
		{"abs/go", "SELECT max(go_abs(n)) FROM t", pool},
		{"regexp/go", "SELECT count(*) FROM t WHERE x REGEXP '9$'", pool},
		{"like/sqlite", "SELECT count(*) FROM t WHERE x LIKE '%9'", pool},
		{"aggregate/sqlite", "SELECT total(n) FROM t", pool},
		{"aggregate/go", "SELECT go_total(n) FROM t", pool},
		{"order/sqlite", "SELECT max(x) FROM (SELECT x FROM t ORDER BY x LIMIT -1)", pool},
		{"order/go", "SELECT max(x) FROM (SELECT x FROM t ORDER BY x COLLATE go_binary LIMIT -1)", pool},
		{"order/modernc", "SELECT max(x) FROM (SELECT x FROM t ORDER BY x COLLATE go_binary LIMIT -1)", other},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var v any
				if err := c.on.QueryRow(c.query).Scan(&v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
