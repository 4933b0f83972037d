package conformance

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"math"
	"strings"
	"time"
)

var valueCases = []testCase{
	{"nil is NULL", nilIsNull},
	{"nil bytes don't pass NOT NULL", nilBytesNotNull},
	{"an empty blob is not NULL", emptyBlob},
	{"an empty text is not NULL", emptyText},
	{"booleans are 0 and 1", booleans},
	{"integers", integers},
	{"Go's kinds of integers", integerKinds},
	{"an integer beyond int64 is refused", tooLargeInteger},
	{"floats", floats},
	{"the sign of zero", negativeZero},
	{"numbers that JSON doesn't have are refused", noNumbers},
	{"text that isn't UTF-8 is refused", notUTF8},
	{"a refused value in a transaction", refusedInTransaction},
	{"texts", texts},
	{"NUL in a text", nulInText},
	{"all bytes in a blob", allBytes},
	{"a blob of 1 MiB", largeBlob},
	{"values of 4.9 MB", veryLargeValues},
	{"named types by their kind", namedTypes},
	{"json.RawMessage is a blob", rawMessage},
	{"driver.Valuer", valuers},
	{"pointers and sql.Null", pointers},
	{"what is no value is refused", noValues},
	{"each storage class has its Go type", storageClasses},
	{"columns convert as SQLite does", affinity},
	{"BOOLEAN columns hold integers", booleanColumn},
	{"NULL into Go's types", scanNull},
	{"a Scanner gets the Go type", scannerTypes},
	{"blobs of rows are copies", blobCopies},
	{"numbers into strings and back", scanConversions},
}

func nilIsNull(t *tester) {
	for _, value := range []any{
		nil, []byte(nil), json.RawMessage(nil), (*int64)(nil), (*string)(nil), (*[]byte)(nil), (*time.Time)(nil),
		sql.NullString{}, sql.NullInt64{}, sql.NullTime{}, sql.Null[bool]{}, valuer{nil}, (*pointerValuer)(nil),
	} {
		t.equal(show(value), t.row(t.pool, "SELECT typeof(?1), ?1", value), []any{"null", nil})
	}
}

func nilBytesNotNull(t *tester) {
	t.setUp("CREATE TABLE t (a BLOB NOT NULL)")
	t.refused("INSERT INTO t VALUES (?)", []byte(nil))
	t.wantValue(t.pool, int64(0), "SELECT count(*) FROM t")
}

func emptyBlob(t *tester) {
	t.setUp("CREATE TABLE t (a BLOB NOT NULL)")
	t.exec(t.pool, "INSERT INTO t VALUES (?)", []byte{})
	t.exec(t.pool, "INSERT INTO t VALUES (x'')")
	for _, row := range t.rows(t.pool, "SELECT typeof(a), length(a), a FROM t") {
		t.equal("row", row, []any{"blob", int64(0), []byte{}})
	}
	var into []byte
	if err := t.pool.QueryRowContext(t.ctx, "SELECT a FROM t").Scan(&into); err != nil || into == nil {
		t.Errorf("into []byte: %#v (%v), want an empty one", into, err)
	}
}

func emptyText(t *tester) {
	t.equal("row", t.row(t.pool, "SELECT typeof(?1), ?1, ?1 IS NULL", ""), []any{"text", "", int64(0)})
}

func booleans(t *tester) {
	t.equal("row", t.row(t.pool, "SELECT typeof(?1), ?1, ?2", true, false), []any{"integer", int64(1), int64(0)})
	var yes, no bool
	if err := t.pool.QueryRowContext(t.ctx, "SELECT ?, ?", true, false).Scan(&yes, &no); err != nil || !yes || no {
		t.Errorf("got %v and %v (%v), want true and false", yes, no, err)
	}
}

func integers(t *tester) {
	t.setUp("CREATE TABLE t (a INTEGER)")
	for _, n := range []int64{0, 1, -1, 127, 128, 1 << 31, 1<<53 + 1, -(1<<53 + 1), math.MaxInt64, math.MinInt64} {
		t.equal("as an expression", t.row(t.pool, "SELECT typeof(?1), ?1", n), []any{"integer", n})
		t.wantValue(t.pool, n, "INSERT INTO t VALUES (?) RETURNING a", n)
		t.wantValue(t.pool, int64(1), "SELECT count(*) FROM t WHERE a = ?", n)
	}
}

func integerKinds(t *tester) {
	for _, n := range []any{int(7), int8(7), int16(7), int32(7), int64(7), uint(7), uint8(7), uint16(7), uint32(7), uint64(7)} {
		t.wantValue(t.pool, int64(7), "SELECT ?", n)
	}
	t.wantValue(t.pool, int64(math.MaxInt64), "SELECT ?", uint64(math.MaxInt64))
}

func tooLargeInteger(t *tester) {
	t.setUp("CREATE TABLE t (a)")
	t.refused("INSERT INTO t VALUES (?)", uint64(math.MaxInt64)+1)
	t.refused("INSERT INTO t VALUES (?)", uint64(math.MaxUint64))
	t.wantValue(t.pool, int64(0), "SELECT count(*) FROM t")
}

func floats(t *tester) {
	t.setUp("CREATE TABLE t (a REAL)")
	for _, f := range []float64{0, 1, -1, 0.1, 1.5, 1.0 / 3, 1 << 53, 1e15, 1e16, 1e308, -1e308, math.MaxFloat64, 5e-324, 1e-7} {
		t.equal("as an expression", t.row(t.pool, "SELECT typeof(?1), ?1", f), []any{"real", f})
		t.wantValue(t.pool, f, "INSERT INTO t VALUES (?) RETURNING a", f)
		t.wantValue(t.pool, f, "SELECT a FROM t WHERE a = ?", f)
	}
	t.wantValue(t.pool, float64(float32(0.1)), "SELECT ?", float32(0.1))
}

func negativeZero(t *tester) {
	f, ok := t.value(t.pool, "SELECT ?", math.Copysign(0, -1)).(float64)
	if !ok || f != 0 || !math.Signbit(f) {
		t.Errorf("got %v, want -0.0", f)
	}
}

func noNumbers(t *tester) {
	t.setUp("CREATE TABLE t (a)")
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		t.refused("INSERT INTO t VALUES (?)", f)
		t.refused("INSERT INTO t VALUES (:a)", sql.Named("a", f))
		t.refused("INSERT INTO t VALUES (?)", &f)
		t.refused("INSERT INTO t VALUES (?)", valuer{f})
		t.refused("INSERT INTO t VALUES (?)", sql.NullFloat64{Float64: f, Valid: true})
	}
	t.refused("INSERT INTO t VALUES (?)", float32(math.Inf(1)))
	t.wantValue(t.pool, int64(0), "SELECT count(*) FROM t")
}

func notUTF8(t *tester) {
	t.setUp("CREATE TABLE t (a)")
	for _, text := range []string{"a\xffb\xc3", "\xed\xa0\x80", "\xc0\x80"} {
		t.refused("INSERT INTO t VALUES (?)", text)
		t.refused("INSERT INTO t VALUES (:a)", sql.Named("a", text))
		t.refused("INSERT INTO t VALUES (?)", &text)
		t.refused("INSERT INTO t VALUES (?)", label(text))
		t.refused("INSERT INTO t VALUES (?)", valuer{text})
		// The same bytes are valid as a blob.
		t.wantValue(t.pool, []byte(text), "SELECT ?", []byte(text))
	}
	t.wantValue(t.pool, int64(0), "SELECT count(*) FROM t")
}

// refusedInTransaction checks that a transaction continues after an argument was refused.
func refusedInTransaction(t *tester) {
	t.setUp("CREATE TABLE t (x)")
	tx := t.begin(t.pool, nil)
	for i, value := range []any{"\xff", math.NaN(), math.Inf(1), uint64(math.MaxUint64)} {
		t.exec(tx, "INSERT INTO t VALUES (?)", string(rune('a'+i)))
		_, err := tx.ExecContext(t.ctx, "INSERT INTO t VALUES (?)", value)
		t.fails(show(value), err)
	}
	t.commit(tx)
	t.wantLetters(t.pool, "abcd")
}

func texts(t *tester) {
	t.setUp("CREATE TABLE t (a TEXT)")
	for _, text := range []string{
		"a", "it's", `"quoted"`, "grüße, 世界 🎈", "e\u0301", "\ufeffmark", "line\r\nline\ttab", `back\slash`, "\x01\x7f\u2028",
		"?1 :a $b; -- no /* comment", "</script>&amp;", "\ufffd", strings.Repeat("long ", 5000),
	} {
		t.equal(brief(text), t.row(t.pool, "SELECT typeof(?1), ?1", text), []any{"text", text})
		t.wantValue(t.pool, text, "INSERT INTO t VALUES (?) RETURNING a", text)
		t.wantValue(t.pool, int64(1), "SELECT count(*) FROM t WHERE a = ?", text)
	}
}

func nulInText(t *tester) {
	t.setUp("CREATE TABLE t (a TEXT)")
	for _, text := range []string{"\x00", "a\x00b", "a\x00"} {
		t.equal("row", t.row(t.pool, "INSERT INTO t VALUES (?) RETURNING a, CAST(a AS BLOB)", text), []any{text, []byte(text)})
	}
}

func allBytes(t *tester) {
	blob := make([]byte, 256)
	for i := range blob {
		blob[i] = byte(i)
	}
	// Base64 pads to groups of three bytes.
	for _, blob := range [][]byte{blob, blob[:255], blob[:254], blob[255:]} {
		t.equal("row", t.row(t.pool, "SELECT typeof(?1), length(?1), ?1", blob), []any{"blob", int64(len(blob)), blob})
	}
}

func largeBlob(t *tester) {
	t.setUp("CREATE TABLE t (a BLOB)")
	blob := bytes.Repeat([]byte{0, 1, 2, 0xff}, 1<<18)
	t.exec(t.pool, "INSERT INTO t VALUES (?)", blob)
	t.wantValue(t.pool, blob, "SELECT a FROM t")
}

func veryLargeValues(t *tester) {
	t.setUp("CREATE TABLE t (a)")
	for _, value := range []any{bytes.Repeat([]byte{0xfe}, 4_900_000), strings.Repeat("x", 4_900_000)} {
		t.exec(t.pool, "INSERT INTO t VALUES (?)", value)
		t.wantValue(t.pool, value, "SELECT a FROM t")
		t.setUp("DELETE FROM t")
	}
}
