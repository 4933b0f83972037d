package db_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/google/go-cmp/cmp"
	_ "modernc.org/sqlite" // plain SQLite, by another driver
)

// TestStoresWhatSQLiteStores runs random statements through a pool and, on another file,
// through plain SQLite. Another program changes both schemas meanwhile: its triggers, views
// and defaults read the connection's counters. All stored values are equal at the end, and
// LastInsertId is the rowid of the statement's own row or 0.
func TestStoresWhatSQLiteStores(t *testing.T) {
	t.Parallel()
	for seed := range uint64(rounds(16)) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			d := newDifferential(t, seed)
			for range 60 {
				d.step(t)
			}
			if diff := cmp.Diff(dump(t, d.plain), dump(t, d.pool)); diff != "" {
				t.Errorf("stored values (-plain SQLite, +duolite):\n%s\nafter\n%s", diff, strings.Join(d.log, "\n"))
			}
		})
	}
}

// A differential is two databases that get the same statements.
type differential struct {
	rand        *rand.Rand
	pool, plain *sql.DB // each has one connection
	others      []*sql.DB
	made        int // objects made by others
	log         []string
}

func newDifferential(t *testing.T, seed uint64) *differential {
	folder := t.TempDir()
	ours, plain := filepath.Join(folder, "ours.db"), filepath.Join(folder, "plain.db")
	d := &differential{rand: rand.New(rand.NewPCG(seed, 0))}
	var err error
	if d.pool, err = db.Open(t.Context(), ours); err != nil {
		t.Fatal(err)
	}
	d.plain = openPlain(t, plain)
	d.pool.SetMaxOpenConns(1)
	t.Cleanup(func() { d.pool.Close() })
	for _, file := range []string{ours, plain} {
		d.others = append(d.others, openPlain(t, file))
	}
	d.both(t,
		"CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE, n INT DEFAULT 0)",
		"CREATE TABLE u (id INTEGER PRIMARY KEY, name TEXT UNIQUE, n INT DEFAULT 0)",
		"CREATE TABLE w (name TEXT PRIMARY KEY, n INT DEFAULT 0) WITHOUT ROWID",
		"CREATE TABLE log (id INTEGER PRIMARY KEY, source, a, b, c DEFAULT (last_insert_rowid()))",
		"CREATE VIRTUAL TABLE search USING fts5(name)")
	return d
}

func openPlain(t *testing.T, file string) *sql.DB {
	t.Helper()
	plain, err := sql.Open("sqlite", "file:"+file+"?_pragma=foreign_keys(1)&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)")
	if err != nil {
		t.Fatal(err)
	}
	plain.SetMaxOpenConns(1)
	t.Cleanup(func() { plain.Close() })
	return plain
}

func (d *differential) step(t *testing.T) {
	switch d.rand.IntN(12) {
	case 0:
		d.change(t)
	case 1:
		d.both(t, fmt.Sprintf("INSERT INTO log (source, a, b) SELECT 'read', last_insert_rowid(), changes() + 1000 * %d", d.rand.IntN(9)))
	default:
		d.insert(t)
	}
}

// both runs statements on both databases.
func (d *differential) both(t *testing.T, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		d.log = append(d.log, statement)
		_, errPlain := d.plain.Exec(statement)
		_, err := d.pool.Exec(statement)
		if (err == nil) != (errPlain == nil) {
			t.Fatalf("%s: plain SQLite: %v; duolite: %v", statement, errPlain, err)
		}
	}
}

// change lets the other program add an object that reads the counters.
func (d *differential) change(t *testing.T) {
	t.Helper()
	d.made++
	table := []string{"t", "u", "w"}[d.rand.IntN(3)]
	when := []string{"BEFORE", "AFTER"}[d.rand.IntN(2)]
	event := []string{"INSERT", "UPDATE", "DELETE"}[d.rand.IntN(3)]
	statement := []string{
		fmt.Sprintf("CREATE TRIGGER o%d %s %s ON %s BEGIN INSERT INTO log (source, a, b) VALUES ('o%[1]d', last_insert_rowid(), changes()); END", d.made, when, event, table),
		fmt.Sprintf("CREATE TRIGGER o%d %s %s ON %s BEGIN INSERT INTO search (name) VALUES ('o%[1]d ' || last_insert_rowid()); END", d.made, when, event, table),
		fmt.Sprintf("CREATE VIEW o%d AS SELECT last_insert_rowid() AS a, total_changes() > 5 AS b", d.made),
		fmt.Sprintf("ALTER TABLE log ADD COLUMN o%d AS (a + 1)", d.made),
	}[d.rand.IntN(4)]
	d.log = append(d.log, "another program: "+statement)
	for _, other := range d.others {
		if _, err := other.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// insert runs an INSERT that inserts one row at most, and compares LastInsertId.
func (d *differential) insert(t *testing.T) {
	t.Helper()
	table := []string{"t", "u", "w", "search"}[d.rand.IntN(4)]
	columns, values := "name", fmt.Sprintf("'n%d'", d.rand.IntN(6))
	if table != "w" && d.rand.IntN(2) == 0 {
		columns, values = "rowid, name", fmt.Sprintf("%d, %s", 1+d.rand.IntN(4), values)
	}
	if table == "t" && d.rand.IntN(3) == 0 {
		columns, values = columns+", n", values+", last_insert_rowid()"
	}
	verb := []string{"INSERT", "INSERT OR IGNORE", "REPLACE", "INSERT", "INSERT"}[d.rand.IntN(5)]
	clause := ""
	if verb == "INSERT" && table != "search" {
		clause = []string{"", " ON CONFLICT DO NOTHING", " ON CONFLICT DO UPDATE SET n = n + 1"}[d.rand.IntN(3)]
	}
	statement := fmt.Sprintf("%s INTO %s (%s) VALUES (%s)%s", verb, table, columns, values, clause)
	d.log = append(d.log, statement)
	before := rowids(t, d.plain, table)
	_, errPlain := d.plain.Exec(statement)
	result, err := d.pool.Exec(statement)
	if (err == nil) != (errPlain == nil) {
		t.Fatalf("%s: plain SQLite: %v; duolite: %v", statement, errPlain, err)
	}
	if err != nil {
		return
	}
	id, err := result.LastInsertId()
	if err != nil {
		t.Fatal(err)
	}
	var want int64
	switch added := slices.DeleteFunc(rowids(t, d.plain, table), func(id int64) bool { return slices.Contains(before, id) }); {
	case len(added) == 1:
		want = added[0]
	case verb == "REPLACE" && table != "w":
		want = scalar[int64](t, d.plain, "SELECT last_insert_rowid()")
	}
	if id != want {
		t.Fatalf("LastInsertId is %d, want %d, after\n%s", id, want, strings.Join(d.log, "\n"))
	}
}

func rowids(t *testing.T, pool *sql.DB, table string) []int64 {
	t.Helper()
	if table == "w" {
		return nil
	}
	return column[int64](t, pool, "SELECT rowid FROM "+table)
}

func scalar[T any](t *testing.T, pool *sql.DB, query string) T {
	t.Helper()
	return column[T](t, pool, query)[0]
}

func column[T any](t *testing.T, pool *sql.DB, query string) []T {
	t.Helper()
	rows, err := pool.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		var value T
		if err := rows.Scan(&value); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		all = append(all, value)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return all
}

// dump returns each stored value of each table, as SQL.
func dump(t *testing.T, pool *sql.DB) []string {
	t.Helper()
	var all []string
	for _, table := range column[string](t, pool, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'search_%' ORDER BY name") {
		var quoted []string
		for _, name := range column[string](t, pool, "SELECT name FROM pragma_table_xinfo('"+table+"') WHERE hidden <> 1") {
			quoted = append(quoted, `quote("`+name+`")`)
		}
		for _, row := range column[string](t, pool, fmt.Sprintf("SELECT %s FROM %s", strings.Join(quoted, " || ',' || "), table)) {
			all = append(all, table+": "+row)
		}
	}
	return all
}
