package seq_test

import (
	"database/sql"
	"flag"
	"os"
	"runtime"
	"testing"

	"github.com/duolite/duolite/cmd/duolite/internal/seq/testdata/plain"
	"github.com/duolite/duolite/db/dbtest"
)

var large = flag.Int("large", 100_000, "how many rows a large loop has, at least 20")

// TestLargeLoop: a loop over many rows holds few of them, on each kind of database. It
// says how much more of the heap was in use at most, after a collection, than before.
//
//	go test -v -run TestLargeLoop ./cmd/duolite/internal/seq -large 1000000
func TestLargeLoop(t *testing.T) {
	schema, err := os.ReadFile("testdata/schema.sql")
	must(t, err)
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		script(t, pool, string(schema)+"INSERT INTO authors (name) VALUES ('Ada')")
		if !d.Local() {
			// What fits into a reply of a server, 10 MB, comes in one.
			walk(t, pool, 20_000, 32<<20)
		}
		walk(t, pool, *large, 8<<20)
	})
}

// walk loops over n rows, with no more than most bytes of them in memory.
func walk(t *testing.T, pool *sql.DB, n int, most uint64) {
	addBooks(t, pool, n)
	rows, before, peak := 0, heap(), uint64(0)
	for book, err := range plain.New(pool).ListBooksSeq(t.Context(), plain.ListBooksParams{Authors: []int64{1}}) {
		must(t, err)
		if rows++; book.Book.ID != int64(rows) {
			t.Fatalf("row %d has the id %d", rows, book.Book.ID)
		}
		if rows == 1 || rows%(n/20) == 0 {
			peak = max(peak, heap())
		}
	}
	grown := max(peak, before) - before
	t.Logf("%d rows: %d KiB in use before the loop, at most %d KiB more in it", rows, before>>10, grown>>10)
	if rows != n {
		t.Errorf("%d rows, want %d", rows, n)
	}
	if grown > most {
		t.Errorf("the heap grew by %d bytes, want at most %d", grown, most)
	}
}

// heap is how many bytes are in use.
func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// addBooks adds books with about 120 bytes each, in pieces that a server takes.
func addBooks(t *testing.T, pool *sql.DB, n int) {
	t.Helper()
	script(t, pool, "DELETE FROM books")
	const piece = 50_000
	for from := 0; from < n; from += piece {
		_, err := pool.ExecContext(t.Context(), `INSERT INTO books (id, author_id, title)
			WITH n(i) AS (SELECT ?1 + 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
			SELECT i, 1, 'The title of a book that is as long as titles are, and of which there is a number: ' || i FROM n`,
			from, min(from+piece, n))
		must(t, err)
	}
}
