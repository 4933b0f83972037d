package conformance

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"math"
	"strings"
)

// Types of a program.
type (
	label   string
	count   int32
	celsius float64
	flag    bool
	image   []byte
)

func namedTypes(t *tester) {
	got := t.row(t.pool, "SELECT ?, ?, ?, ?, ?", label("a"), count(1), celsius(1.5), flag(true), image{1})
	t.equal("row", got, []any{"a", int64(1), 1.5, int64(1), []byte{1}})
}

func rawMessage(t *tester) {
	document := json.RawMessage(`{"a": 1}`)
	got := t.row(t.pool, "SELECT typeof(?1), ?1, CAST(?1 AS TEXT) ->> 'a'", document)
	t.equal("row", got, []any{"blob", []byte(document), int64(1)})
}

// A valuer returns any value from Value.
type valuer struct{ value driver.Value }

func (v valuer) Value() (driver.Value, error) { return v.value, nil }

// Value of a nil *pointerValuer panics.
type pointerValuer struct{ value string }

func (v pointerValuer) Value() (driver.Value, error) { return v.value, nil }

func valuers(t *tester) {
	for _, value := range []any{int64(1), 1.5, "a", []byte{1}, nil} {
		t.wantValue(t.pool, value, "SELECT ?", valuer{value})
	}
	t.wantValue(t.pool, int64(1), "SELECT ?", valuer{true})
	t.wantValue(t.pool, "a", "SELECT ?", &pointerValuer{"a"})
}

func pointers(t *tester) {
	n, f, s, b, yes := int64(7), 1.5, "a", []byte{1}, true
	t.equal("pointers", t.row(t.pool, "SELECT ?, ?, ?, ?, ?", &n, &f, &s, &b, &yes), []any{n, f, s, b, int64(1)})
	got := t.row(t.pool, "SELECT ?, ?, ?",
		sql.NullInt64{Int64: 7, Valid: true}, sql.NullString{String: "a", Valid: true}, sql.Null[float64]{V: 1.5, Valid: true})
	t.equal("sql.Null", got, []any{int64(7), "a", 1.5})
}

func noValues(t *tester) {
	t.setUp("CREATE TABLE t (a)")
	for _, value := range []any{struct{}{}, make(chan int), []int{1}, map[string]int{}, complex(1, 1), sql.Out{Dest: new(int)}} {
		t.refused("INSERT INTO t VALUES (?)", value)
	}
	t.wantValue(t.pool, int64(0), "SELECT count(*) FROM t")
}

func storageClasses(t *tester) {
	t.equal("row", t.row(t.pool, "SELECT 1, 1.5, 1.0, 'a', x'01', NULL, 9223372036854775807, 9223372036854775808"),
		[]any{int64(1), 1.5, 1.0, "a", []byte{1}, nil, int64(math.MaxInt64), 9223372036854775808.0})
}

func affinity(t *tester) {
	t.setUp("CREATE TABLE t (i INTEGER, r REAL, s TEXT, b BLOB, n NUMERIC, v VARCHAR(10), a)",
		"INSERT INTO t VALUES ('12', '12', 12, 12, '12.0', 1.5, 12)",
		"INSERT INTO t VALUES ('x', 'x', x'01', 'x', 'x', x'01', 'x')",
		"INSERT INTO t VALUES (2.0, 2, 2.5, 2.5, 2.5, 'x', 2.5)")
	t.equal("rows", t.rows(t.pool, "SELECT * FROM t ORDER BY rowid"), [][]any{
		{int64(12), 12.0, "12", int64(12), int64(12), "1.5", int64(12)},
		{"x", "x", []byte{1}, "x", "x", []byte{1}, "x"},
		{int64(2), 2.0, "2.5", 2.5, 2.5, "x", 2.5},
	})
}

func booleanColumn(t *tester) {
	t.setUp("CREATE TABLE t (a BOOLEAN, b BOOL)")
	t.exec(t.pool, "INSERT INTO t VALUES (?, ?)", true, 7)
	t.equal("row", t.row(t.pool, "SELECT a, b FROM t"), []any{int64(1), int64(7)})
	var a bool
	if err := t.pool.QueryRowContext(t.ctx, "SELECT a FROM t").Scan(&a); err != nil || !a {
		t.Errorf("into a bool: %v (%v)", a, err)
	}
}

func scanNull(t *tester) {
	var (
		text    sql.NullString
		number  sql.Null[int64]
		pointer = new(int)
		blob    = []byte{1}
		value   any
	)
	row := t.pool.QueryRowContext(t.ctx, "SELECT NULL, NULL, NULL, NULL, NULL")
	if err := row.Scan(&text, &number, &pointer, &blob, &value); err != nil {
		t.Fatal(err)
	}
	if text.Valid || number.Valid || pointer != nil || blob != nil || value != nil {
		t.Errorf("got %v, %v, %v, %v, %v, want all to be NULL", text, number, pointer, blob, value)
	}
	t.fails("NULL into a string", t.pool.QueryRowContext(t.ctx, "SELECT NULL").Scan(new(string)))
}

// A kind records the type that the driver passes to a [sql.Scanner].
type kind string

func (k *kind) Scan(src any) error {
	*k = kind(strings.Fields(show(src))[0])
	return nil
}

func scannerTypes(t *tester) {
	t.setUp("CREATE TABLE t (i INTEGER, r REAL, s TEXT, b BLOB, n TEXT, at DATETIME)",
		"INSERT INTO t VALUES (1, 1.5, 'a', x'01', NULL, '2024-03-05 06:07:08')")
	got := make([]kind, 6)
	row := t.pool.QueryRowContext(t.ctx, "SELECT * FROM t")
	if err := row.Scan(&got[0], &got[1], &got[2], &got[3], &got[4], &got[5]); err != nil {
		t.Fatal(err)
	}
	t.equal("types", got, []kind{"int64", "float64", "string", "[]uint8", "<nil>", "time.Time"})
}

// blobCopies checks that the bytes of a row don't change when the next row is read.
func blobCopies(t *tester) {
	rows, err := t.pool.QueryContext(t.ctx, "SELECT x'0101' UNION ALL SELECT x'0202' UNION ALL SELECT x'0303'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var blobs [][]byte
	for rows.Next() {
		var blob []byte
		if err := rows.Scan(&blob); err != nil {
			t.Fatal(err)
		}
		blob[1] = 9
		blobs = append(blobs, blob)
	}
	if err := rows.Err(); err != nil {
		t.Error(err)
	}
	t.equal("blobs", blobs, [][]byte{{1, 9}, {2, 9}, {3, 9}})
}

func scanConversions(t *tester) {
	var s1, s2, s3 string
	var n int
	var f float64
	row := t.pool.QueryRowContext(t.ctx, "SELECT 12, 1.5, x'61', '12', '1.5'")
	if err := row.Scan(&s1, &s2, &s3, &n, &f); err != nil {
		t.Fatal(err)
	}
	t.equal("row", []any{s1, s2, s3, n, f}, []any{"12", "1.5", "a", 12, 1.5})
}
