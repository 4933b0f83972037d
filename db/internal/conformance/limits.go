package conformance

import (
	"bytes"
	"database/sql"
	"errors"
	"math"
	"strings"

	"github.com/duolite/duolite/db"
)

// limitCases are about limits that differ between engines; see differences.go.
var limitCases = []testCase{
	{"a value of more than 5,000,000 bytes", tooLargeValue},
	{"5,000,000 bytes", largestValue},
	{"an infinity as a result", infinity},
	{"a text that isn't UTF-8 in the database", storedNotUTF8},
	{"RETURNING of 12 MB", largeReturning},
	{"the newest syntax", newestSyntax},
	{"the newest functions", newestFunctions},
	{"PRAGMAs that set up a connection", setUpPragmas},
	{"VACUUM", vacuum},
	{"ANALYZE", analyze},
	{"ATTACH", attach},
	{"temporary tables", temporary},
}

func tooLargeValue(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	for _, value := range []any{bytes.Repeat([]byte{1}, 5_000_001), strings.Repeat("x", 6_000_000)} {
		t.exec(t.pool, "INSERT INTO t VALUES (?)", value)
		t.wantValue(t.pool, value, "SELECT x FROM t")
		t.setUp("DELETE FROM t")
	}
}

// tooLargeRefused is the behaviour of an engine with a limit.
func tooLargeRefused(t *tester) {
	tooLargeArgument(t)
	t.failsAs("a result", scan(t.pool.QueryRowContext(t.ctx, "SELECT zeroblob(5000001)")), db.ErrTooBig)
}

// tooLargeArgument is the behaviour of an engine with a limit for arguments.
func tooLargeArgument(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	for _, value := range []any{bytes.Repeat([]byte{1}, 5_000_001), strings.Repeat("x", 6_000_000)} {
		_, err := t.pool.ExecContext(t.ctx, "INSERT INTO t VALUES (?)", value)
		t.wantError("insert", err, db.ErrTooBig, 18, "")
	}
	t.wantValue(t.pool, int64(0), "SELECT count(*) FROM t")
	tx := t.begin(t.pool, nil)
	t.exec(tx, "INSERT INTO t VALUES ('a')")
	_, err := tx.ExecContext(t.ctx, "INSERT INTO t VALUES (?)", make([]byte, 5_000_001))
	t.failsAs("in a transaction", err, db.ErrTooBig)
	t.exec(tx, "INSERT INTO t VALUES ('b')")
	t.commit(tx)
	t.wantLetters(t.pool, "ab")
}

func largestValue(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	// A row has some additional bytes, which count towards a server's limit.
	t.exec(t.pool, "INSERT INTO t VALUES (?)", make([]byte, 4_999_900))
	t.wantValue(t.pool, int64(4_999_900), "SELECT length(x) FROM t")
	t.wantValue(t.pool, make([]byte, 5_000_000), "SELECT zeroblob(5000000)")
}

func infinity(t *tester) {
	t.equal("row", t.row(t.pool, "SELECT 9e999, -9e999, typeof(9e999)"), []any{math.Inf(1), math.Inf(-1), "real"})
	t.setUp("CREATE TABLE t (x REAL)", "INSERT INTO t VALUES (9e999)")
	t.wantValue(t.pool, math.Inf(1), "SELECT x FROM t")
}

// infinityRefused checks for an error instead of another number or NULL.
func infinityRefused(t *tester) {
	for _, query := range []string{"SELECT 9e999", "SELECT -9e999", "SELECT 1 UNION ALL SELECT 9e999"} {
		t.fails(query, drain(t.pool.QueryContext(t.ctx, query)))
		t.wantValue(t.pool, int64(1), "SELECT 1")
	}
	t.wantValue(t.pool, int64(1), "SELECT 9e999 > 1e308")
}

func storedNotUTF8(t *tester) {
	t.setUp("CREATE TABLE t (x TEXT)", "INSERT INTO t VALUES (CAST(x'61FF' AS TEXT))")
	t.equal("row", t.row(t.pool, "SELECT x, CAST(x AS BLOB), typeof(x) FROM t"), []any{"a\xff", []byte("a\xff"), "text"})
}

// storedNotUTF8Refused checks for an error instead of another text.
func storedNotUTF8Refused(t *tester) {
	t.setUp("CREATE TABLE t (x TEXT)", "INSERT INTO t VALUES (CAST(x'61FF' AS TEXT))")
	for range 3 {
		t.fails("text", drain(t.pool.QueryContext(t.ctx, "SELECT x FROM t")))
		t.wantValue(t.pool, []byte("a\xff"), "SELECT CAST(x AS BLOB) FROM t")
	}
}

const largeInsert = `INSERT INTO t
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12)
	SELECT replace(hex(zeroblob(500000)), '0', 'x') FROM n RETURNING x`

// largeReturning checks that a write with a large reply is applied if there is no error, and
// not applied if there is one.
func largeReturning(t *tester) {
	t.setUp("CREATE TABLE t (x TEXT)")
	rows, err := t.pool.QueryContext(t.ctx, largeInsert)
	var got [][]any
	if err == nil {
		got, err = readAll(rows)
	}
	want := int64(12)
	if err != nil {
		want = 0
	} else {
		t.equal("rows", len(got), 12)
	}
	t.wantValue(t.pool, want, "SELECT count(*) FROM t")
}

func newestSyntax(t *tester) {
	t.wantValue(t.pool, int64(1_000), "SELECT 1_000")
	t.wantValue(t.pool, "a,b", "SELECT string_agg(x, ',' ORDER BY x) FROM (SELECT 'b' AS x UNION ALL SELECT 'a')")
}

func newestFunctions(t *tester) {
	t.equal("row", t.row(t.pool, "SELECT if(1, 'a', 'b'), unistr('\\00e9')"), []any{"a", "é"})
}

// unknown returns a case in which each text fails and changes nothing.
func unknown(texts ...string) func(*tester) {
	return func(t *tester) {
		for _, text := range texts {
			for _, way := range ways {
				err := way.run(t, text)
				if e := (*db.Error)(nil); !errors.As(err, &e) || e.Kind != nil {
					t.Errorf("%s of %s: error %v, want a *db.Error of no kind", way.name, text, err)
				}
			}
		}
		t.wantValue(t.pool, int64(1), "SELECT 1")
	}
}

var connPragmas = []string{"PRAGMA cache_size = -4000", "PRAGMA temp_store = MEMORY", "PRAGMA mmap_size = 0", "PRAGMA optimize", "PRAGMA wal_checkpoint"}

func setUpPragmas(t *tester) {
	for _, text := range connPragmas {
		t.exec(t.pool, text)
		t.rows(t.pool, text)
	}
}

func vacuum(t *tester) {
	t.setUp("CREATE TABLE t (x)", "INSERT INTO t VALUES ('a')", "VACUUM")
	t.wantLetters(t.pool, "a")
	// A script with VACUUM isn't all or nothing.
	t.exec(t.pool, "INSERT INTO t VALUES ('b'); VACUUM; INSERT INTO t VALUES ('c')")
	t.wantLetters(t.pool, "abc")
	tx := t.begin(t.pool, nil)
	t.exec(tx, "INSERT INTO t VALUES ('d')")
	_, err := tx.ExecContext(t.ctx, "VACUUM")
	t.fails("in a transaction", err)
	t.commit(tx)
	t.wantLetters(t.pool, "abcd")
}

func analyze(t *tester) {
	t.setUp("CREATE TABLE t (x)", "CREATE INDEX i ON t (x)", "INSERT INTO t VALUES ('a')", "ANALYZE", "DROP TABLE sqlite_stat1")
}

func attach(t *tester) {
	conn := t.conn(t.pool)
	t.exec(conn, "ATTACH ':memory:' AS other")
	t.exec(conn, "CREATE TABLE other.t (x)")
	t.exec(conn, "INSERT INTO other.t VALUES (?)", "a")
	t.wantLetters(conn, "a")
	t.exec(conn, "DETACH other")
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
}

func temporary(t *tester) {
	t.setUp("CREATE TABLE t (x)", "INSERT INTO t VALUES ('a')")
	tx := t.begin(t.pool, &sql.TxOptions{})
	t.exec(tx, "CREATE TEMP TABLE chosen AS SELECT * FROM t")
	t.wantValue(tx, "a", "SELECT x FROM chosen")
	t.exec(tx, "DROP TABLE chosen")
	t.commit(tx)
}
