package localfile_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/internal/replica/localfile"
	"github.com/duolite/duolite/db/internal/sqlite"
	"github.com/google/go-cmp/cmp"
	_ "modernc.org/sqlite"
)

// A primary is a database whose pages are replicated.
type primary struct {
	pool  *sql.DB
	pages map[uint32][]byte // as they were replicated last
}

func newPrimary(t *testing.T) *primary {
	t.Helper()
	return &primary{pool: open(t, "file:"+filepath.Join(t.TempDir(), "primary.db")), pages: map[uint32][]byte{}}
}

func open(t *testing.T, url string) *sql.DB {
	t.Helper()
	pool, err := db.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	return pool
}

func execute(t *testing.T, pool *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := pool.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func openFile(t *testing.T, path string) *localfile.File {
	t.Helper()
	f, err := localfile.Open(t.Context(), sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// changed returns the pages that have changed since the last call, and the size of the database.
func (p *primary) changed(t *testing.T) (changed map[uint32][]byte, size uint32) {
	t.Helper()
	rows, err := p.pool.QueryContext(t.Context(), "SELECT pgno, data FROM sqlite_dbpage")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	changed = map[uint32][]byte{}
	for rows.Next() {
		var data []byte
		if err := rows.Scan(&size, &data); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(p.pages[size], data) {
			changed[size], p.pages[size] = data, data
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(p.pages, func(number uint32, _ []byte) bool { return number > size })
	return changed, size
}

// replicate brings the primary's changes to a file, and returns the new position.
func (p *primary) replicate(t *testing.T, f *localfile.File, history localfile.History) localfile.Position {
	t.Helper()
	pos, ok, err := f.Position(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tx, err := f.Begin(t.Context(), pos, ok)
	if err != nil {
		t.Fatal(err)
	}
	changed, size := p.changed(t)
	epoch := pos.Epoch
	if tx.Compare = ok && pos.History != history; tx.Compare {
		epoch++
	}
	for number, data := range changed { // in no order
		if err := tx.Put(t.Context(), number, data); err != nil {
			t.Fatal(err)
		}
	}
	pos = localfile.Position{History: history, Epoch: epoch, Next: pos.Next + uint64(len(changed)), Checksum: pos.Checksum ^ 0xfedc_ba98_7654_3210}
	if err := tx.Commit(t.Context(), size, pos); err != nil {
		t.Fatal(err)
	}
	if is, ok, err := f.Position(t.Context()); is != pos || !ok || err != nil {
		t.Fatalf("position %+v, %v, %v; want %+v", is, ok, err, pos)
	}
	return pos
}

// dump returns the schema and all rows as text.
func dump(t *testing.T, pool *sql.DB) string {
	t.Helper()
	var b strings.Builder
	var tables []string
	query(t, pool, "SELECT type, name, coalesce(sql, '') FROM sqlite_schema ORDER BY name", func(row []any) {
		fmt.Fprintln(&b, row...)
		if row[0] == "table" {
			tables = append(tables, row[1].(string))
		}
	})
	for _, table := range tables {
		query(t, pool, fmt.Sprintf("SELECT rowid, * FROM %q ORDER BY rowid", table), func(row []any) { fmt.Fprintln(&b, append(row, table)...) })
	}
	query(t, pool, "PRAGMA integrity_check", func(row []any) { fmt.Fprintln(&b, row...) })
	return b.String()
}

func query(t *testing.T, pool *sql.DB, text string, each func([]any)) {
	t.Helper()
	rows, err := pool.QueryContext(t.Context(), text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	for rows.Next() {
		row, to := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			to[i] = &row[i]
		}
		if err := rows.Scan(to...); err != nil {
			t.Fatal(err)
		}
		each(row)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// change makes a random change of the primary.
func (p *primary) change(t *testing.T, random *rand.Rand, step int) {
	t.Helper()
	table := fmt.Sprintf("t%d", random.IntN(4))
	fill := fmt.Sprintf("INSERT INTO %s WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT %d) SELECT i, hex(randomblob(%d)) FROM n",
		table, 1+random.IntN(300), random.IntN(600))
	create := "CREATE TABLE IF NOT EXISTS " + table + " (a, b)"
	switch random.IntN(8) {
	case 0:
		execute(t, p.pool, "DROP TABLE IF EXISTS "+table)
	case 1:
		execute(t, p.pool, create, fmt.Sprintf("CREATE INDEX i%d ON %s (b, a)", step, table))
	case 2:
		execute(t, p.pool, "VACUUM")
	case 3:
		execute(t, p.pool, create, fmt.Sprintf("DELETE FROM %s WHERE a %% 3 = 0", table))
	default:
		execute(t, p.pool, create, fill)
	}
}

// TestReplicate replicates random changes, and after each of them reads the copy by connections
// that have been open for a while: it has the primary's schema and rows.
func TestReplicate(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	path := filepath.Join(t.TempDir(), "replica.db")
	f := openFile(t, path)
	p, history := newPrimary(t), localfile.HistoryOf("log", "")
	p.replicate(t, f, history)
	readers := open(t, "file:"+path+"?mode=ro")
	for step := range 60 {
		p.change(t, random, step)
		if random.IntN(3) == 0 {
			continue // several changes at once
		}
		p.replicate(t, f, history)
		if diff := cmp.Diff(dump(t, p.pool), dump(t, readers)); diff != "" {
			t.Fatalf("seed %d, step %d: the copy differs (-primary +replica):\n%.2000s", seed, step, diff)
		}
	}
	before := len(p.pages)
	for table := range 4 {
		execute(t, p.pool, fmt.Sprintf("DROP TABLE IF EXISTS t%d", table))
	}
	execute(t, p.pool, "CREATE TABLE t0 (a)", "VACUUM")
	p.replicate(t, f, history)
	readers.Close()
	f.Close()
	if info, err := os.Stat(path); err != nil || info.Size() != 2*localfile.PageSize {
		t.Errorf("seed %d: the file has %d bytes after %d pages became 2, %v", seed, info.Size(), before, err)
	}
}

// TestVersionsOfTheSchema: no version of one epoch is one of another, so that a connection that has slept
// through several histories compiles its statements again.
func TestVersionsOfTheSchema(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "replica.db")
	f := openFile(t, path)
	for epoch := range 4 {
		tables := [][]string{{"x", "y"}, {"y", "x"}}[(epoch+1)/2%2]
		p := newPrimary(t)
		for _, table := range tables {
			execute(t, p.pool, "CREATE TABLE "+table+" (a)", "INSERT INTO "+table+" VALUES ('"+table+"')")
		}
		p.replicate(t, f, localfile.HistoryOf(fmt.Sprint(epoch), ""))
		reader := open(t, "file:"+path+"?mode=ro")
		query, err := reader.PrepareContext(t.Context(), "SELECT a FROM x")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { query.Close() })
		t.Cleanup(func() { // after all epochs
			var a string
			if err := query.QueryRowContext(context.Background()).Scan(&a); err != nil || a != "x" {
				t.Errorf("a statement of epoch %d reads %q from x, %v", epoch, a, err)
			}
		})
		if err := query.QueryRowContext(t.Context()).Scan(new(string)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAnotherHistory: a new primary may have another schema under the same version. Open connections
// must read the new one.
func TestAnotherHistory(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "replica.db")
	f := openFile(t, path)
	first := newPrimary(t)
	execute(t, first.pool, "CREATE TABLE x (a)", "CREATE TABLE y (a)", "INSERT INTO x VALUES ('x of the first')", "INSERT INTO y VALUES ('y of the first')")
	first.replicate(t, f, localfile.HistoryOf("1", ""))
	readers := open(t, "file:"+path+"?mode=ro")
	want := func(want string) {
		t.Helper()
		var is string
		if err := readers.QueryRowContext(t.Context(), "SELECT a FROM x").Scan(&is); is != want || err != nil {
			t.Errorf("%q, %v; want %q", is, err, want)
		}
	}
	want("x of the first")
	second := newPrimary(t)
	execute(t, second.pool, "CREATE TABLE y (a)", "CREATE TABLE x (a)", "INSERT INTO x VALUES ('x of the second')", "INSERT INTO y VALUES ('y of the second')")
	second.replicate(t, f, localfile.HistoryOf("2", ""))
	want("x of the second")
	execute(t, second.pool, "INSERT INTO y VALUES (1)")
	second.replicate(t, f, localfile.HistoryOf("2", ""))
	want("x of the second")

	pos, ok, _ := f.Position(t.Context())
	tx, err := f.Begin(t.Context(), pos, ok)
	if err != nil {
		t.Fatal(err)
	}
	tx.Clear()
	if err := tx.Commit(t.Context(), 1, localfile.Position{History: localfile.HistoryOf("3", ""), Epoch: pos.Epoch + 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := readers.ExecContext(t.Context(), "SELECT a FROM x"); err == nil {
		t.Error("a table is left of the second primary")
	}
	if got := dump(t, readers); got != "ok\n" {
		t.Errorf("an empty primary: %s", got)
	}
	third := newPrimary(t)
	execute(t, third.pool, "CREATE TABLE x (a)", "INSERT INTO x VALUES ('x of the third')")
	third.replicate(t, f, localfile.HistoryOf("3", ""))
	want("x of the third")
}

// TestWriteProtection: no other connection can change the file, and a copy by VACUUM INTO is an
// ordinary database.
func TestWriteProtection(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "replica.db")
	f := openFile(t, path)
	p := newPrimary(t)
	execute(t, p.pool, "CREATE TABLE x (a)", "INSERT INTO x VALUES (1)")
	p.replicate(t, f, localfile.HistoryOf("log", ""))

	other, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	writes := func(pool *sql.DB) (problems []string) {
		for _, s := range []string{"INSERT INTO x VALUES (2)", "CREATE TABLE z (a)", "PRAGMA user_version = 7", "VACUUM", "DELETE FROM x"} {
			if _, err := pool.ExecContext(t.Context(), s); err == nil {
				problems = append(problems, s)
			}
		}
		return problems
	}
	for range 2 {
		if wrote := writes(other); wrote != nil {
			t.Errorf("another SQLite has run %q", wrote)
		}
		if _, err := other.ExecContext(t.Context(), "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
			t.Error(err)
		}
		execute(t, p.pool, "INSERT INTO x VALUES (3)")
		p.replicate(t, f, localfile.HistoryOf("log", ""))
	}
	if _, err := db.Open(t.Context(), "file:"+path); !errors.Is(err, db.ErrReadOnly) && err == nil {
		t.Error("opened for writing")
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	if _, err := other.ExecContext(t.Context(), "VACUUM INTO ?", copied); err != nil {
		t.Fatal(err)
	}
	execute(t, open(t, "file:"+copied), "INSERT INTO x VALUES (4)")
}

// TestTwoProcesses: a transaction begins only at the position that its pages follow.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "replica.db")
	one, two := openFile(t, path), openFile(t, path)
	p := newPrimary(t)
	execute(t, p.pool, "CREATE TABLE x (a)")
	before, ok, err := two.Position(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	at := p.replicate(t, one, localfile.HistoryOf("log", ""))
	if _, err := two.Begin(t.Context(), before, ok); !errors.Is(err, localfile.ErrMoved) {
		t.Errorf("%v, want ErrMoved", err)
	}
	tx, err := two.Begin(t.Context(), at, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.Put(t.Context(), 2, make([]byte, localfile.PageSize)); err != nil {
		t.Fatal(err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	execute(t, p.pool, "INSERT INTO x VALUES (1)")
	p.replicate(t, two, localfile.HistoryOf("log", ""))
	p.replicate(t, one, localfile.HistoryOf("log", ""))
	if got, want := dump(t, open(t, "file:"+path+"?mode=ro")), dump(t, p.pool); got != want {
		t.Errorf("%s; want %s", got, want)
	}
}

// TestRefused: files and pages that can't be a replica's.
func TestRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "own.db")
	execute(t, open(t, "file:"+path), "CREATE TABLE x (a)")
	if _, err := localfile.Open(context.Background(), sqlite.Config{Path: path}); err == nil || !strings.Contains(err.Error(), "is a database of its own") {
		t.Errorf("a database with tables: %v", err)
	}
	f := openFile(t, filepath.Join(t.TempDir(), "replica.db"))
	tx, err := f.Begin(t.Context(), localfile.Position{}, false)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	page := make([]byte, localfile.PageSize)
	page[80] = 1
	if err := tx.Put(t.Context(), 1, page); err == nil {
		t.Error("a first page without room for the position was taken")
	}
	if err := tx.Put(t.Context(), 2, page[1:]); err == nil {
		t.Error("a page of another size was taken")
	}
}
