package conformance

import (
	"errors"
	"strings"

	"github.com/duolite/duolite/db"
)

var connectionCases = []testCase{
	{"SQL when a connection opens", afterConnect},
	{"functions in Go", goFunctions},
}

// localOptions are the options that a server's connections can't have.
func localOptions() map[string]db.Option {
	return map[string]db.Option{
		"WithAfterConnect": db.WithAfterConnect("SELECT 1"),
		"WithFunction":     db.WithFunction("one", func() int64 { return 1 }),
		"WithAggregate":    db.WithAggregate("any_of", func() *anyOf { return new(anyOf) }),
		"WithCollation":    db.WithCollation("backwards", strings.Compare),
		"WithRegexp":       db.WithRegexp(),
	}
}

func localOptionsRefused(t *tester) {
	for name, option := range localOptions() {
		pool, err := t.fixture.engine.Open(t.ctx, t.fixture.database.URL, option)
		if !errors.Is(err, db.ErrConfig) {
			t.Errorf("%s: error %v, want one that is ErrConfig", name, err)
		}
		if err == nil {
			pool.Close()
		}
	}
}

func afterConnect(t *tester) {
	t.setUp("CREATE TABLE t (x)", "INSERT INTO t VALUES ('a')")
	pool := t.open(db.WithAfterConnect("PRAGMA cache_size = -4321; CREATE TEMP TABLE mine AS SELECT 'b' AS x; CREATE TEMP VIEW v AS SELECT x FROM t UNION SELECT x FROM mine"))
	for range 2 {
		for range 3 {
			conn := t.conn(pool)
			t.equal("the view", t.rows(conn, "SELECT x FROM v ORDER BY x"), [][]any{{"a"}, {"b"}})
			t.wantValue(conn, int64(-4321), "PRAGMA cache_size")
		}
		conn := t.conn(pool)
		t.exec(conn, "PRAGMA cache_size = 7")
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		t.wantValue(pool, int64(-4321), "PRAGMA cache_size")
	}
}

// anyOf is an aggregate of the last value.
type anyOf struct{ value any }

func (a *anyOf) Step(value any) { a.value = value }

func (a *anyOf) Value() any { return a.value }

func goFunctions(t *tester) {
	refused := errors.New("refused")
	pool := t.open(
		db.WithFunction("shout", func(s string) (string, error) {
			if s == "no" {
				return "", refused
			}
			return strings.ToUpper(s), nil
		}, db.Deterministic),
		db.WithAggregate("any_of", func() *anyOf { return new(anyOf) }),
		db.WithCollation("backwards", func(a, b string) int { return strings.Compare(b, a) }),
		db.WithRegexp())
	t.exec(pool, "CREATE TABLE t (x TEXT COLLATE backwards)")
	t.exec(pool, "CREATE UNIQUE INDEX i ON t (shout(x))")
	t.exec(pool, "INSERT INTO t VALUES (?), (?), (?)", "b", "c", "a")
	t.equal("the order", t.rows(pool, "SELECT x FROM t ORDER BY x"), [][]any{{"c"}, {"b"}, {"a"}})
	t.wantValue(pool, "b", "SELECT x FROM t WHERE shout(x) = ?", "B")
	t.wantValue(pool, int64(2), "SELECT count(*) FROM t WHERE x REGEXP ?", "^[ab]$")
	t.wantValue(pool, "a", "SELECT any_of(x) FROM (SELECT x FROM t ORDER BY x)")
	_, err := pool.ExecContext(t.ctx, "INSERT INTO t VALUES ('B')")
	t.failsAs("an index on a function", err, db.ErrUnique)
	tx := t.begin(pool, nil)
	t.exec(tx, "INSERT INTO t VALUES ('d')")
	_, err = tx.ExecContext(t.ctx, "INSERT INTO t VALUES ('e'), ('no')")
	t.failsAs("a function's error", err, refused)
	t.commit(tx)
	t.equal("the letters", t.rows(pool, "SELECT x FROM t ORDER BY x"), [][]any{{"d"}, {"c"}, {"b"}, {"a"}})
}
