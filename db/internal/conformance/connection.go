package conformance

import (
	"errors"

	"github.com/duolite/duolite/db"
)

var connectionCases = []testCase{
	{"SQL when a connection opens", afterConnect},
}

// localOptions are the options that a server's connections can't have.
func localOptions() map[string]db.Option {
	return map[string]db.Option{
		"WithAfterConnect": db.WithAfterConnect("SELECT 1"),
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
