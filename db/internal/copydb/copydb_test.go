package copydb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite"
)

// connect opens a database in memory, and runs statements in it.
func connect(t *testing.T, statements ...string) engine.Conn {
	t.Helper()
	database := sqlite.New(sqlite.Config{Memory: true})
	c, err := database.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		database.Close()
	})
	for _, statement := range append(statements, "PRAGMA foreign_keys = OFF") {
		if err := engine.Exec(t.Context(), c, statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	return c
}

const numbers = "INSERT INTO t SELECT value FROM json_each('[' || substr(replace(hex(zeroblob(500)), '00', ',1'), 2) || ']')"

// TestReader reads tables with chunks of each small size: each row comes once, and the reader may begin anew behind each chunk.
func TestReader(t *testing.T) {
	t.Parallel()
	c := connect(t, "CREATE TABLE t (x)", numbers)
	s, err := readSchema(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	for bytes := 1; bytes < 40_000; bytes += 1 + bytes/3 {
		for _, again := range []bool{false, true} {
			r := New(Config{Chunk: bytes}).reader(s.tables[0])
			r.limit = 7
			for next := int64(1); ; {
				part, err := r.next(t.Context(), c, again)
				if err != nil {
					t.Fatal(err)
				}
				for i := range part.len() {
					if got := part.row(i)[0]; got != next {
						t.Fatalf("chunks of %d bytes: row %v, want %d", bytes, got, next)
					}
					next++
				}
				if part.len() == 0 {
					if next != 501 {
						t.Fatalf("chunks of %d bytes: the last row is %d, want 500", bytes, next-1)
					}
					break
				}
				if again {
					r.close()
				}
			}
			r.close()
		}
	}
}

// TestPlans: SQLite finds the rows behind a key, and the last row, in the order of the table, without a sort.
func TestPlans(t *testing.T) {
	t.Parallel()
	c := connect(t, "CREATE TABLE rowids (x)", "CREATE TABLE ids (x, id INTEGER PRIMARY KEY)",
		"CREATE TABLE mixed (a TEXT COLLATE NOCASE, b, c, PRIMARY KEY (a COLLATE BINARY, b DESC, c COLLATE RTRIM)) WITHOUT ROWID",
		"CREATE TABLE down (a, b, PRIMARY KEY (b DESC, a DESC)) WITHOUT ROWID", "CREATE TABLE texts (a TEXT COLLATE NOCASE PRIMARY KEY) WITHOUT ROWID")
	s, err := readSchema(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range s.tables {
		r := New(Config{}).reader(table)
		for range table.keys {
			r.after = append(r.after, "x")
		}
		next, args := r.query(false)
		for query, want := range map[string]string{next: "SEARCH main." + table.name, table.lastKey(): "SCAN main." + table.name} {
			plan, given := "", args
			if query != next {
				given = nil
			}
			err := engine.Query(t.Context(), c, "EXPLAIN QUERY PLAN "+query, given, func(row []driver.Value) error {
				plan += fmt.Sprintln(row[3])
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(plan, want) || strings.Contains(plan, "TEMP B-TREE") {
				t.Errorf("%s:\n%swant %s", query, plan, want)
			}
		}
	}
}

// TestSchemaPlan: SQLite makes the list of tables once, and not for each object.
func TestSchemaPlan(t *testing.T) {
	t.Parallel()
	var plan []string
	err := engine.Query(t.Context(), connect(t), "EXPLAIN QUERY PLAN "+objectsQuery, nil, func(row []driver.Value) error {
		plan = append(plan, text(row[3]))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(plan) == 0 || plan[0] != "MATERIALIZE forms" {
		t.Errorf("plan %q", plan)
	}
}

// TestStepOnce: what was stored as a step isn't stored again as the same step, by whoever.
func TestStepOnce(t *testing.T) {
	t.Parallel()
	from, to := connect(t, "CREATE TABLE t (x)", numbers), connect(t)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := New(Config{Chunk: 1000, Progress: func(Progress) { cancel() }}).Run(ctx, from, to)
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	source, err := readSchema(t.Context(), from)
	if err != nil {
		t.Fatal(err)
	}
	j := &job{Copy: New(Config{}), from: from, to: to, source: source, target: newWriter(to, 1<<20)}
	defer j.target.close()
	step, err := j.readMark(t.Context())
	if err != nil || step != 1 {
		t.Fatalf("step %d, error %v, want 1", step, err)
	}
	rows := func() (n int64) {
		err := engine.Query(t.Context(), to, "SELECT count(*) FROM t", nil, func(row []driver.Value) error {
			n = row[0].(int64)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := rows()
	late := &chunk{table: source.tables[0]}
	late.add([]driver.Value{int64(100_000), "late"})
	for _, wrong := range []int64{0, 2} {
		if err := j.store(t.Context(), &reader{}, late, wrong); !errors.Is(err, ErrMoved) {
			t.Errorf("step %d: error %v, want %v", wrong, err, ErrMoved)
		}
	}
	if after := rows(); after != before || before == 0 {
		t.Errorf("%d rows, before %d", after, before)
	}
	if err := j.store(t.Context(), &reader{}, late, 1); err != nil {
		t.Error(err)
	}
}

// TestHash: values of different classes, and the same bytes cut at different places, have different hashes.
func TestHash(t *testing.T) {
	t.Parallel()
	sums := map[string]string{}
	for _, row := range [][]driver.Value{
		{nil}, {int64(0)}, {0.0}, {math.Copysign(0, -1)}, {""}, {[]byte{}}, {"0"}, {[]byte("0")}, {int64(1)}, {1.0},
		{nil, nil}, {"a", "bc"}, {"ab", "c"}, {"abc", ""}, {"abc"}, {"t\x00\x00"}, {[]byte("abc")}, {"n", nil},
	} {
		c := New(Config{}).content(&table{})
		for _, value := range row {
			addValue(c.sum, value)
		}
		name, sum := fmt.Sprintf("%#v", row), string(c.sum.Sum(nil))
		if other, found := sums[sum]; found {
			t.Errorf("%s and %s have the same hash", name, other)
		}
		sums[sum] = name
	}
}
