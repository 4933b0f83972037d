package seq_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/duolite/duolite/cmd/duolite/internal/seq/testdata/dbargument"
	"github.com/duolite/duolite/cmd/duolite/internal/seq/testdata/emptyslices"
	"github.com/duolite/duolite/cmd/duolite/internal/seq/testdata/overrides"
	"github.com/duolite/duolite/cmd/duolite/internal/seq/testdata/plain"
	"github.com/duolite/duolite/cmd/duolite/internal/seq/testdata/pointers"
	"github.com/duolite/duolite/cmd/duolite/internal/seq/testdata/prepared"
	"github.com/duolite/duolite/cmd/duolite/internal/seq/testdata/wrapped"
	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/google/go-cmp/cmp"
)

// TestLoops runs iterators on each kind of database, on a pool of one connection: one
// that a loop kept would be missed by what comes next.
func TestLoops(t *testing.T) {
	tests := []struct {
		name string
		test func(*testing.T, *sql.DB)
	}{
		{"Same", testSame},
		{"Slices", testSlices},
		{"Prepared", testPrepared},
		{"Lazy", testLazy},
		{"Break", testBreak},
		{"Panic", testPanic},
		{"Transaction", testTransaction},
		{"Cancel", testCancel},
		{"Refused", testRefused},
		{"Scan", testScan},
		{"Middle", testMiddle},
	}
	schema, err := os.ReadFile("testdata/schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil, db.WithMaxOpenConns(1))
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				script(t, pool, "DROP TABLE IF EXISTS books; DROP TABLE IF EXISTS authors")
				script(t, pool, string(schema)+fill)
				test.test(t, pool)
				if n := pool.Stats().InUse; n != 0 {
					t.Errorf("%d connections are in use after the loops", n)
				}
			})
		}
	})
}

const fill = `
INSERT INTO authors (name, bio, born) VALUES ('Ada', 'Wrote the first program', '1815-12-10 00:00:00.000'), ('Grace', NULL, NULL);
INSERT INTO books (author_id, title, cover) SELECT 1 + value % 2, 'Title ' || value, CASE WHEN value % 3 = 0 THEN randomblob(10) END
FROM json_each('[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]');`

// testSame: an iterator returns the rows of its method, for each form of sqlc's code.
func testSame(t *testing.T, pool *sql.DB) {
	ctx := t.Context()
	q := plain.New(pool)
	same(t, q.ListAuthorsSeq(ctx), list(q.ListAuthors(ctx)), 2)

	bios := emptyslices.New(pool)
	same(t, bios.ListBiosSeq(ctx), list(bios.ListBios(ctx)), 1)
	pointed, after := pointers.New(pool), &pointers.ListBooksParams{After: 2, Title: "A"}
	same(t, pointed.ListBooksSeq(ctx, after), list(pointed.ListBooks(ctx, after)), 18)
	argument, ids := dbargument.New(), []int64{1, 99, 2}
	same(t, argument.ListTitlesByIDSeq(ctx, pool, ids), list(argument.ListTitlesByID(ctx, pool, ids)), 2)
	errs, born := wrapped.New(pool), sql.NullTime{Valid: true}
	same(t, errs.ListErrorsSeq(ctx, born), list(errs.ListErrors(ctx, born)), 1)
	names, time := overrides.New(pool), new(dbtype.Time)
	same(t, names.ListNamesSeq(ctx, dbtype.JSON("{}"), time, 4, 5), list(names.ListNames(ctx, dbtype.JSON("{}"), time, 4, 5)), 5)

	var deleted []string
	for title, err := range q.DeleteBooksSeq(ctx, 1) {
		must(t, err)
		deleted = append(deleted, title)
	}
	if n, err := q.CountBooks(ctx); err != nil || n != 10 || len(deleted) != 10 {
		t.Errorf("%d were deleted, and %d are left (%v); want 10 and 10", len(deleted), n, err)
	}
}

func testSlices(t *testing.T, pool *sql.DB) {
	ctx, q := t.Context(), plain.New(pool)
	for _, ids := range [][]int64{nil, {7}, {3, 5, 11}} {
		same(t, q.ListQueriesSeq(ctx, ids), list(q.ListQueries(ctx, ids)), len(ids))
	}
	params := plain.ListBooksParams{After: 2, Authors: []int64{2, 99, 1}}
	same(t, q.ListBooksSeq(ctx, params), list(q.ListBooks(ctx, params)), 18)
}

// testPrepared: iterators use the statements that sqlc has prepared.
func testPrepared(t *testing.T, pool *sql.DB) {
	ctx := t.Context()
	q, err := prepared.Prepare(ctx, pool)
	must(t, err)
	same(t, q.ListTitlesSeq(ctx), list(q.ListTitles(ctx)), 20)
	same(t, q.ListTitlesByIDSeq(ctx, []int64{1, 2}), list(q.ListTitlesByID(ctx, []int64{1, 2})), 2)
	must(t, q.Close())
}

// testLazy: nothing runs before the loop, and each loop runs the query anew.
func testLazy(t *testing.T, pool *sql.DB) {
	q := plain.New(pool)
	books := q.DeleteBooksSeq(t.Context(), 1)
	if n, err := q.CountBooks(t.Context()); err != nil || n != 20 {
		t.Errorf("before the loop: %d books, %v; want 20", n, err)
	}
	for _, want := range []int{10, 0} {
		n := 0
		for _, err := range books {
			must(t, err)
			n++
		}
		if n != want {
			t.Errorf("a loop saw %d rows, want %d", n, want)
		}
	}
}

func testBreak(t *testing.T, pool *sql.DB) {
	q := plain.New(pool)
	for range 5 { // more often than there are connections
		for _, err := range q.ListQueriesSeq(bounded(t), []int64{1, 2, 3}) {
			must(t, err)
			break
		}
	}
	if n, err := q.CountBooks(bounded(t)); err != nil || n != 20 {
		t.Errorf("after the breaks: %d books, %v; want 20", n, err)
	}
}

func testPanic(t *testing.T, pool *sql.DB) {
	q := plain.New(pool)
	func() {
		defer func() { recover() }()
		for range q.ListAuthorsSeq(bounded(t)) {
			panic("in the loop")
		}
	}()
	if n, err := q.CountBooks(bounded(t)); err != nil || n != 20 {
		t.Errorf("after the panic: %d books, %v; want 20", n, err)
	}
}

// testTransaction: a loop that ends early leaves its transaction usable.
func testTransaction(t *testing.T, pool *sql.DB) {
	must(t, db.InTx(bounded(t), pool, func(tx *sql.Tx) error {
		q := plain.New(pool).WithTx(tx)
		for _, err := range q.ListQueriesSeq(bounded(t), []int64{1, 2, 3}) {
			must(t, err)
			break
		}
		return q.DeleteAuthor(bounded(t), 99)
	}))
}

// testCancel: a context that ends in the middle ends the loop with its error.
func testCancel(t *testing.T, pool *sql.DB) {
	// More rows than any engine has read ahead.
	script(t, pool, `INSERT INTO books (author_id, title) WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000) SELECT 1, hex(randomblob(500)) FROM n`)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	rows, errs := 0, 0
	for _, err := range plain.New(pool).ListBooksSeq(ctx, plain.ListBooksParams{Authors: []int64{1, 2}}) {
		if err != nil {
			if errs++; !errors.Is(err, context.Canceled) {
				t.Errorf("error %v; want context.Canceled", err)
			}
			continue
		}
		if rows++; rows == 10 {
			cancel()
		}
	}
	if errs != 1 || rows < 10 || rows > 20000 {
		t.Errorf("%d errors and %d rows; want 1 error after about 10 rows of 20020", errs, rows)
	}
}

// testRefused: the error of the query itself comes once.
func testRefused(t *testing.T, pool *sql.DB) {
	script(t, pool, "DROP TABLE books; DROP TABLE authors")
	n := 0
	for name, err := range wrapped.New(pool).ListErrorsSeq(t.Context(), sql.NullTime{}) {
		n++
		if err == nil || !strings.HasPrefix(err.Error(), "query ListErrors: ") || !strings.Contains(err.Error(), "no such table") {
			t.Errorf("error %v; want sqlc's, about the table", err)
		}
		if name != "" {
			t.Errorf("the row beside an error is %q", name)
		}
	}
	if n != 1 {
		t.Errorf("%d items, want 1", n)
	}
}

// testScan: a value that the row has no room for is an error after the rows before it.
func testScan(t *testing.T, pool *sql.DB) {
	script(t, pool, "INSERT INTO authors (name, born) VALUES ('Nobody', 'long ago'), ('Zuse', NULL)")
	want := []string{"Ada", "Grace", "error"}
	if diff := cmp.Diff(want, names(plain.New(pool).ListAuthorsSeq(t.Context()))); diff != "" {
		t.Errorf("(-want +got): %s", diff)
	}
}

// testMiddle: what the engine says in the middle is an error, and the end. A server may
// say it before it sends a row.
func testMiddle(t *testing.T, pool *sql.DB) {
	script(t, pool, `ALTER TABLE books RENAME TO shelf; CREATE VIEW books AS SELECT id, author_id,
		CASE id WHEN 3 THEN abs(-9223372036854775807 - 1) ELSE title END AS title, cover, facts FROM shelf`)
	defer script(t, pool, "DROP VIEW books; DROP TABLE shelf")
	var got []string
	for title, err := range plain.New(pool).ListQueriesSeq(t.Context(), []int64{1, 2, 3, 4}) {
		if err != nil {
			title += "error: " + strings.Join(strings.Fields(err.Error()), " ")
		}
		got = append(got, title)
	}
	if n := len(got); n == 0 || n > 3 || !strings.Contains(got[n-1], "integer overflow") || n > 1 && !cmp.Equal(got[:n-1], []string{"Title 1", "Title 2"}) {
		t.Errorf("got %q; want the rows before the error, and the error once", got)
	}
}
