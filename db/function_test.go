package db_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
)

type level int8

// product is an aggregate, and a window function.
type product struct{ p float64 }

func (a *product) Step(x float64)    { a.p *= x }
func (a *product) Inverse(x float64) { a.p /= x }
func (a *product) Value() float64    { return a.p }

// longest is an aggregate without Inverse, with a context, an error and any number of arguments.
type longest struct{ text string }

func (l *longest) Step(ctx context.Context, texts ...string) error {
	for _, text := range texts {
		if text == "bad" {
			return errRefused
		}
		if len(text) > len(l.text) {
			l.text = text
		}
	}
	return ctx.Err()
}

func (l *longest) Value() (string, error) {
	if l.text == "worse" {
		panic("worse")
	}
	return l.text, nil
}

var errRefused = errors.New("refused")

// callables are options for a pool with functions of all kinds.
func callables() []db.Option {
	return []db.Option{
		db.WithFunction("upper_int", func(n int64) int64 { return n + 1 }, db.Deterministic),
		db.WithFunction("half", func(f float64) float64 { return f / 2 }),
		db.WithFunction("shout", func(s string) string { return strings.ToUpper(s) + "!" }, db.Deterministic, db.Innocuous),
		db.WithFunction("bytes", func(b []byte) []byte { return append([]byte("<"), b...) }),
		db.WithFunction("negate", func(b bool) bool { return !b }),
		db.WithFunction("day_after", func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }),
		db.WithFunction("kind", func(v any) string { return fmt.Sprintf("%T", v) }),
		db.WithFunction("or_else", func(s *string, other string) string {
			if s == nil {
				return other
			}
			return *s
		}),
		db.WithFunction("scanned", func(s sql.NullInt64) any {
			if !s.Valid {
				return "none"
			}
			return s.Int64
		}),
		db.WithFunction("null_time", func(when sql.NullTime) sql.NullTime { return when }),
		db.WithFunction("generic_time", func(when sql.Null[time.Time]) bool { return when.Valid }),
		db.WithFunction("small_float", func(f float32) bool { return f > 1 }),
		db.WithFunction("level", func(l level) level { return l * 2 }),
		db.WithFunction("unsigned", func(n uint8) uint8 { return n }),
		db.WithFunction("joined", func(sep string, all ...any) string { return strings.Join(strings.Fields(fmt.Sprintln(all...)), sep) }),
		db.WithFunction("null_always", func() any { return nil }),
		db.WithFunction("overloaded", func() string { return "none" }),
		db.WithFunction("overloaded", func(string) string { return "one" }),
		db.WithFunction("lower", func(s string) string { return "mine " + s }),
		db.WithFunction("hex", func(any) (string, error) { return "", errRefused }),
		db.WithFunction("fails", func(s string) (string, error) { return "", fmt.Errorf("%w: no", errRefused) }),
		db.WithFunction("bad_conn", func() (string, error) { return "", driver.ErrBadConn }),
		db.WithFunction("panics", func() string { panic(errRefused) }),
		db.WithFunction("nan", func() float64 { zero := 0.0; return zero / zero }),
		db.WithFunction("not_utf8", func() string { return "\xff" }),
		db.WithFunction("asks", func(ctx context.Context) (string, error) { <-ctx.Done(); return "", ctx.Err() }),
		db.WithFunction("direct", func() int64 { return 7 }, db.DirectOnly),
		db.WithAggregate("product", func() *product { return &product{1} }, db.Deterministic),
		db.WithAggregate("longest", func() *longest { return new(longest) }),
		db.WithCollation("backwards", func(a, b string) int { return strings.Compare(b, a) }),
		db.WithCollation("fragile", func(a, b string) int {
			if a == "bad" || b == "bad" {
				panic(errRefused)
			}
			return strings.Compare(a, b)
		}),
		db.WithRegexp(),
	}
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	pool := open(t, filepath.Join(t.TempDir(), "app.db"), callables()...)
	for text, want := range map[string]any{
		"SELECT upper_int(41)":                  int64(42),
		"SELECT upper_int(NULL)":                nil,
		"SELECT half(3)":                        1.5,
		"SELECT half(0.5)":                      0.25,
		"SELECT shout('ä' || x'00')":            "Ä\x00!",
		"SELECT shout('')":                      "!",
		"SELECT bytes(x'00ff') = x'3c00ff'":     int64(1),
		"SELECT typeof(bytes('text'))":          "blob",
		"SELECT bytes(zeroblob(0)) = x'3c'":     int64(1),
		"SELECT negate(0) || negate(2)":         "10",
		"SELECT day_after('2024-02-28T12:00Z')": "2024-02-29T12:00Z",
		"SELECT kind(1) || kind(1.0) || kind('a') || kind(x'01') || kind(NULL)":  "int64float64string[]uint8<nil>",
		"SELECT or_else(NULL, 'b') || or_else('a', 'b')":                         "ba",
		"SELECT or_else(NULL, NULL)":                                             nil,
		"SELECT scanned(NULL) || scanned(5)":                                     "none5",
		"SELECT null_time('2024-02-28 12:00') || coalesce(null_time(NULL), '-')": "2024-02-28 12:00-",
		"SELECT generic_time('2024-02-28') || generic_time(NULL)":                "10",
		"SELECT small_float(0.5) || small_float(9e999)":                          "01",
		"SELECT level(60)":                                               int64(120),
		"SELECT unsigned(255)":                                           int64(255),
		"SELECT joined(',', 1, 'b', NULL)":                               "1,b,<nil>",
		"SELECT joined('-')":                                             "",
		"SELECT null_always()":                                           nil,
		"SELECT overloaded() || overloaded('x')":                         "noneone",
		"SELECT lower('A')":                                              "mine A",
		"SELECT direct()":                                                int64(7),
		"SELECT product(value) FROM json_each('[2, 3, null, 4]')":        24.0,
		"SELECT product(value) FROM json_each('[]')":                     1.0,
		"SELECT longest(value, 'ab') FROM json_each('[\"a\", \"abc\"]')": "abc",
		"SELECT longest() FROM json_each('[1]')":                         "",
		"SELECT group_concat(p, ' ') FROM (SELECT product(value) OVER (ORDER BY id ROWS 1 PRECEDING) AS p FROM json_each('[2, 3, 5, 7]'))":                      "2.0 6.0 15.0 35.0",
		"SELECT group_concat(p, ' ') FROM (SELECT product(value) OVER (ORDER BY id ROWS BETWEEN 2 FOLLOWING AND 3 FOLLOWING) AS p FROM json_each('[2, 3, 5]'))": "5.0 1.0 1.0",
		"SELECT product(product(1)) OVER () FROM json_each('[1,2]') GROUP BY value LIMIT 1":                                                                     1.0,
		"SELECT group_concat(value, '') FROM (SELECT value FROM json_each('[\"b\", \"c\", \"a\"]') ORDER BY value COLLATE backwards)":                           "cba",
		"SELECT 'a' < 'b' COLLATE backwards":                  int64(0),
		"SELECT 'Ärger' REGEXP '^.rg'":                        int64(1),
		"SELECT 'abc' NOT REGEXP 'd|e'":                       int64(1),
		"SELECT 123 REGEXP '^12' || ''":                       int64(1),
		"SELECT 1.5 REGEXP '^1\\.5$'":                         int64(1),
		"SELECT 1.0 REGEXP '^1\\.0$'":                         int64(1),
		"SELECT (0.1 + 0.2) REGEXP '^0\\.30000000000000004$'": int64(1),
		"SELECT -7 REGEXP '^-7$'":                             int64(1),
		"SELECT NULL REGEXP 'a'":                              nil,
		"SELECT 'a' REGEXP NULL":                              nil,
		"SELECT x'61' REGEXP 'a'":                             nil,
		"SELECT regexp('b', 'abc')":                           int64(1),
	} {
		wantOne(t, pool, text, want)
	}
}

func TestFunctionErrors(t *testing.T) {
	t.Parallel()
	pool := open(t, filepath.Join(t.TempDir(), "app.db"), callables()...)
	for text, want := range map[string]string{
		"SELECT upper_int('secret')":   "the function upper_int: argument 1 is a TEXT, and the parameter is a int64; convert one of them, in SQL by CAST",
		"SELECT upper_int(1.5)":        "the function upper_int: argument 1 is a REAL, and the parameter is a int64; convert one of them, in SQL by CAST",
		"SELECT shout(1)":              "the function shout: argument 1 is an INTEGER, and the parameter is a string; convert one of them, in SQL by CAST",
		"SELECT shout(x'00')":          "the function shout: argument 1 is a BLOB, and the parameter is a string; convert one of them, in SQL by CAST",
		"SELECT level(128)":            "the function level: argument 1 is outside the range of db_test.level",
		"SELECT small_float(1e300)":    "the function small_float: argument 1 is outside the range of float32",
		"SELECT null_time('secret')":   "the function null_time: argument 1 isn't a time",
		"SELECT scanned('secret')":     "the function scanned: argument 1 is a TEXT, and the parameter is a sql.NullInt64; convert one of them, in SQL by CAST",
		"SELECT unsigned(-1)":          "the function unsigned: argument 1 is outside the range of uint8",
		"SELECT day_after('tomorrow')": "the function day_after: argument 1 isn't a time",
		"SELECT joined()":              "the function joined: it has 0 arguments, and the function takes at least 1",
		"SELECT shout()":               "wrong number of arguments to function shout()",
		"SELECT fails('a')":            "the function fails: refused: no",
		"SELECT bad_conn()":            "the function bad_conn: driver: bad connection",
		"SELECT panics()":              "the function panics: panic: refused",
		"SELECT nan()":                 "the function nan: its result: NaN and infinities can't be stored",
		"SELECT not_utf8()":            "the function not_utf8: its result: the string isn't UTF-8; store bytes as []byte",
		"SELECT longest(value) FROM json_each('[\"a\", \"bad\", \"c\"]')": "the function longest: refused",
		"SELECT longest('worse')":              "the function longest: panic: worse",
		"SELECT longest('a') OVER ()":          "longest() may not be used as a window function",
		"SELECT 'bad' = 'bad' COLLATE fragile": "the collation fragile: panic: refused",
		"SELECT value FROM json_each('[\"a\", \"bad\", \"c\"]') ORDER BY value COLLATE fragile": "the collation fragile: panic: refused",
		"SELECT 'a' REGEXP 'secret('":                       "the function regexp: the pattern isn't valid: missing closing )",
		"CREATE VIEW v AS SELECT direct(); SELECT * FROM v": "unsafe use of direct()",
		"CREATE TABLE t (x, y AS (half(x)) STORED)":         "non-deterministic functions prohibited in generated columns",
	} {
		_, err := pool.ExecContext(t.Context(), text)
		var e *db.Error
		if !errors.As(err, &e) || e.Message != want || e.Code != 1 || e.Kind != nil {
			t.Errorf("%s: %v\nwant %s", text, err, want)
			continue
		}
		var p *db.PanicError
		if has := strings.Contains(want, "panic"); errors.As(err, &p) != has || has && !strings.Contains(string(p.Stack), "function_test.go") {
			t.Errorf("%s: the panic is %v", text, p)
		}
		if errors.Is(err, errRefused) != strings.Contains(want, "refused") || errors.Is(err, driver.ErrBadConn) {
			t.Errorf("%s: the chain of %v", text, err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := pool.ExecContext(ctx, "SELECT asks()"); err != context.DeadlineExceeded {
		t.Errorf("a function that waits for its context: %v", err)
	}
	wantOne(t, pool, "SELECT shout('still there')", "STILL THERE!")
}

func TestFunctionOptionErrors(t *testing.T) {
	t.Parallel()
	type value struct{ db.Option }
	for want, option := range map[string]db.Option{
		"db: WithFunction: f is a nil func; want a func":                                                                      db.WithFunction("f", nil),
		"db: WithFunction: f is a int; want a func":                                                                           db.WithFunction("f", 1),
		"db: WithFunction: f, a func(): it returns no value":                                                                  db.WithFunction("f", func() {}),
		"db: WithFunction: f, a func() error: it returns no value":                                                            db.WithFunction("f", func() error { return nil }),
		"db: WithFunction: f, a func() (int, int): it returns more than a value and an error":                                 db.WithFunction("f", func() (int, int) { return 1, 1 }),
		"db: WithFunction: f, a func() chan int: its result chan int can't be a value of SQL":                                 db.WithFunction("f", func() chan int { return nil }),
		"db: WithFunction: the name \"\" can't be used; want 1 to 255 bytes of UTF-8":                                         db.WithFunction("", func() int { return 1 }),
		"db: WithFunction: f has an unknown flag; want Deterministic, DirectOnly or Innocuous":                                db.WithFunction("f", func() int { return 1 }, 1),
		"db: WithAggregate: f is a *db_test.product; want a func() T that makes an aggregate with the methods Step and Value": db.WithAggregate("f", &product{}),
		"db: WithAggregate: f: the type *db_test.level has no method Step":                                                    db.WithAggregate("f", func() *level { return nil }),
		"db: WithAggregate: f: the type interface { Step() } has no method Value":                                             db.WithAggregate("f", func() interface{ Step() } { return nil }),
		"db: WithAggregate: f: Value of interface { Step(); Value(int) int } has parameters": db.WithAggregate("f", func() interface {
			Step()
			Value(int) int
		} {
			return nil
		}),
		"db: WithAggregate: f: Step and Inverse of interface { Inverse(); Step(int); Value() int } have different parameters": db.WithAggregate("f", func() interface {
			Step(int)
			Inverse()
			Value() int
		} {
			return nil
		}),
		"db: WithCollation: NoCase is SQLite's own collation, in whose order indexes are; choose another name": db.WithCollation("NoCase", strings.Compare),
		"db: WithCollation: the function of f is nil":                                                          db.WithCollation("f", nil),
		"db: WithCollation: the name \"a\\x00\" can't be used; want 1 to 255 bytes of UTF-8":                   db.WithCollation("a\x00", strings.Compare),
	} {
		if _, err := db.NewConnector(":memory:", option); err == nil || err.Error() != want || !errors.Is(err, db.ErrConfig) {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	if _, err := db.NewConnector(":memory:", db.WithFunction("f", func(value) int { return 1 })); err == nil || !strings.Contains(err.Error(), "it has a parameter of type db_test.value; want int64") {
		t.Errorf("a parameter of a strange type: %v", err)
	}
	for _, option := range []db.Option{db.WithFunction("f", func() int { return 1 }), db.WithAggregate("f", func() *product { return nil }), db.WithCollation("c", strings.Compare), db.WithRegexp()} {
		for _, url := range []string{"http://127.0.0.1:9", "libsql://example.com?replica=" + filepath.Join(t.TempDir(), "copy.db")} {
			if _, err := db.NewConnector(url, option); !errors.Is(err, db.ErrConfig) || !strings.Contains(err.Error(), "a server can't call the program's functions") {
				t.Errorf("%s: %v", url, err)
			}
		}
	}
	pool := open(t, ":memory:", db.WithAggregate("f", func() interface {
		Step()
		Value() int
	} {
		return nil
	}))
	if _, err := pool.ExecContext(t.Context(), "SELECT f()"); err == nil || !strings.Contains(err.Error(), "the function f: ") {
		t.Errorf("an aggregate that is nil: %v", err)
	}
}

// TestFunctionsInSchema uses functions and a collation where SQLite calls them when rows change.
func TestFunctionsInSchema(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "app.db")
	pool := open(t, file, callables()...)
	execute(t, pool,
		"CREATE TABLE t (x TEXT COLLATE backwards, loud AS (shout(x)) STORED, CHECK (shout(x) <> 'NO!'))",
		"CREATE UNIQUE INDEX i ON t (shout(x))",
		"CREATE INDEX j ON t (x)",
		"CREATE TRIGGER tr AFTER INSERT ON t WHEN new.x = 'fail' BEGIN SELECT fails(new.x); END",
		"INSERT INTO t (x) VALUES ('a'), ('c'), ('b')")
	for text, want := range map[string]error{
		"INSERT INTO t (x) VALUES ('no')":                      db.ErrCheck,
		"INSERT INTO t (x) VALUES ('A')":                       db.ErrUnique,
		"INSERT INTO t (x) VALUES ('y'), ('fail'), ('z')":      errRefused,
		"UPDATE t SET x = fails(x)":                            errRefused,
		"INSERT INTO t (x) SELECT shout(x) || panics() FROM t": errRefused,
	} {
		if _, err := pool.ExecContext(t.Context(), text); !errors.Is(err, want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	wantOne(t, pool, "SELECT group_concat(x, '') FROM (SELECT x FROM t ORDER BY x)", "cba")
	wantOne(t, pool, "SELECT x FROM t WHERE shout(x) = 'B!'", "b")
	wantOne(t, pool, "PRAGMA integrity_check", "ok")
	if _, err := open(t, file).ExecContext(t.Context(), "INSERT INTO t (x) VALUES ('d')"); err == nil || !strings.Contains(err.Error(), "shout") {
		t.Errorf("a pool without the functions: %v", err)
	}
}

// TestCollationPanics: whatever a statement has written by a collation that panicked is undone.
func TestCollationPanics(t *testing.T) {
	t.Parallel()
	pool := open(t, filepath.Join(t.TempDir(), "app.db"), callables()...)
	execute(t, pool, "CREATE TABLE t (x TEXT COLLATE fragile)", "CREATE INDEX i ON t (x)", "INSERT INTO t VALUES ('a'), ('b')")
	insert := func(on interface {
		ExecContext(context.Context, string, ...any) (sql.Result, error)
	}) {
		t.Helper()
		if _, err := on.ExecContext(t.Context(), "INSERT INTO t VALUES ('bad')"); !errors.Is(err, errRefused) {
			t.Errorf("got %v", err)
		}
	}
	insert(pool)
	wantOne(t, pool, "SELECT count(*) FROM t", int64(2))
	tx, err := pool.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	execute(t, tx, "INSERT INTO t VALUES ('c')")
	insert(tx)
	if _, err := tx.ExecContext(t.Context(), "SELECT 1"); !errors.Is(err, db.ErrTxLost) {
		t.Errorf("after the panic in a transaction: %v", err)
	}
	if err := tx.Commit(); !errors.Is(err, db.ErrTxLost) {
		t.Errorf("Commit: %v", err)
	}
	rows, err := pool.QueryContext(t.Context(), "INSERT INTO t VALUES ('e'), ('bad') RETURNING x")
	if err == nil {
		for rows.Next() {
		}
		err = errors.Join(rows.Err(), rows.Close())
	}
	if !errors.Is(err, errRefused) {
		t.Errorf("RETURNING: %v", err)
	}
	wantOne(t, pool, "SELECT group_concat(x, '') FROM t", "ab")
	wantOne(t, pool, "PRAGMA integrity_check", "ok")
	execute(t, pool, "INSERT INTO t VALUES ('d')")
}

// TestFunctionEndsGoroutine: the connection of a function that ends its goroutine isn't used again.
func TestFunctionEndsGoroutine(t *testing.T) {
	t.Parallel()
	pool := open(t, filepath.Join(t.TempDir(), "app.db"), db.WithMaxOpenConns(1), db.WithFunction("ends", func() int { runtime.Goexit(); return 1 }))
	execute(t, pool, "CREATE TABLE t (x)")
	var wait sync.WaitGroup
	wait.Go(func() { _, _ = pool.ExecContext(t.Context(), "INSERT INTO t VALUES (1), (ends())") })
	wait.Wait()
	execute(t, pool, "INSERT INTO t VALUES (2)")
	wantOne(t, pool, "SELECT count(*) FROM t", int64(1))
}

// TestFunctionsAtOnce calls functions from many connections, and functions that query the pool.
func TestFunctionsAtOnce(t *testing.T) {
	t.Parallel()
	var pool *sql.DB
	ask := db.WithFunction("ask", func(ctx context.Context, n int64) (v int64, err error) {
		err = pool.QueryRowContext(ctx, "SELECT product(?) + length(shout('ab'))", n).Scan(&v)
		return v, err
	})
	pool = open(t, filepath.Join(t.TempDir(), "app.db"), append(callables(), ask, db.WithMaxOpenConns(32))...)
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for n := range 20 {
				var got string
				var sum float64
				err := pool.QueryRowContext(t.Context(), "SELECT product(value) + ask(?), longest(value || '') FROM json_each('[1, 22, 3]') WHERE value REGEXP ? ORDER BY value COLLATE backwards", n, fmt.Sprintf("^[0-9]{1,%d}", 1+i)).Scan(&sum, &got)
				if err != nil || got != "22" || sum != float64(66+n+3) {
					t.Errorf("got %v, %q, %v", sum, got, err)
				}
				rows, err := pool.QueryContext(t.Context(), "SELECT product(value) OVER (ORDER BY id), longest(id || '') OVER (ORDER BY id) FROM json_each('[1, 2, 3]')")
				if err == nil { // not a window function
					rows.Close()
					t.Error("longest ran as a window function")
				}
				rows, err = pool.QueryContext(t.Context(), "SELECT product(value) OVER (ORDER BY id) FROM json_each('[1, 2, 3]')")
				if err != nil || !rows.Next() {
					t.Error(err)
				}
				rows.Close() // before the end
			}
		})
	}
	wait.Wait()
}
