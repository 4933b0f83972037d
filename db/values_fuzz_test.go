package db_test

import (
	"bytes"
	"math"
	"testing"
	"unicode/utf8"

	"github.com/duolite/duolite/db"
)

// FuzzValues wants each value back as it was stored, or refused and not stored at all.
func FuzzValues(f *testing.F) {
	f.Add(int64(math.MinInt64), math.SmallestNonzeroFloat64, "", []byte{})
	f.Add(int64(1<<53+1), math.Copysign(0, -1), "a\x00b", []byte{0})
	f.Add(int64(-1), math.Inf(1), "\xff", []byte("text"))
	f.Add(int64(0), math.NaN(), "2024-03-05 06:07:08", []byte("2024-03-05"))
	pool, err := db.Open(f.Context(), ":memory:")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { pool.Close() })
	execute(f, pool, "CREATE TABLE t (id INTEGER PRIMARY KEY, i INTEGER, r REAL, s TEXT, b BLOB)")
	f.Fuzz(func(t *testing.T, i int64, r float64, s string, b []byte) {
		result, err := pool.ExecContext(t.Context(), "INSERT INTO t (i, r, s, b) VALUES (?, ?, ?, ?)", i, r, s, b)
		if refused := math.IsNaN(r) || math.IsInf(r, 0) || !utf8.ValidString(s); refused != (err != nil) {
			t.Fatalf("error %v for %d, %g, %q, %x", err, i, r, s, b)
		} else if refused {
			return
		}
		id, err := result.LastInsertId()
		if err != nil {
			t.Fatal(err)
		}
		var gotI int64
		var gotR float64
		var gotS string
		var gotB []byte
		if err := pool.QueryRowContext(t.Context(), "SELECT i, r, s, b FROM t WHERE id = ?", id).Scan(&gotI, &gotR, &gotS, &gotB); err != nil {
			t.Fatal(err)
		}
		// A negative zero is the one number that SQLite's REAL doesn't keep apart.
		if gotI != i || gotR != r || gotS != s || !bytes.Equal(gotB, b) || (gotB == nil) != (b == nil) {
			t.Errorf("%d, %g, %q, %x came back as %d, %g, %q, %x", i, r, s, b, gotI, gotR, gotS, gotB)
		}
	})
}
