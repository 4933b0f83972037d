//go:build !race

package db_test

import (
	"context"
	"database/sql"
	"math"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/dbtrace"
)

// TestAllocations keeps the number of allocations from growing unnoticed: unlike a time it
// is the same on every machine. A bound is what is so today, and one or two more, for what Go's
// library does differently in another version; who needs fewer lowers it.
//
// With the race detector there are more, so that the test isn't there.
func TestAllocations(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Go's library has others there")
	}
	t.Run("file", func(t *testing.T) {
		pool := openForAllocations(t, filepath.Join(t.TempDir(), "app.db"))
		background, canceled := context.Background(), t.Context()
		wantAllocations(t, "a point read", 19, func() error { return readOne(background, pool) })
		wantAllocations(t, "a point read with a context that can be canceled", 23, func() error { return readOne(canceled, pool) })
		wantAllocations(t, "the same by Lean", 20, func() error { return readOne(canceled, db.Lean(pool)) })
		wantAllocations(t, "a point read of a transaction of its own", 38, func() error {
			return db.InReadTx(background, pool, func(tx *sql.Tx) error { return readOne(background, tx) })
		})
		wantAllocations(t, "an insert", 5, func() error { return insertOne(background, pool) })
		wantPerRow(t, 4.8, pool)
		wantPerCall(t, 9, pool)
		traced := openForAllocations(t, filepath.Join(t.TempDir(), "app.db"), db.WithTracer(noTracer{}))
		wantAllocations(t, "a point read with a tracer", 19, func() error { return readOne(background, traced) })
		wantAllocations(t, "an insert with a tracer", 5, func() error { return insertOne(background, traced) })
	})
	t.Run("server", func(t *testing.T) {
		pool := openForAllocations(t, dbtest.StartServer(t).URL())
		wantAllocations(t, "a point read", 103, func() error { return readOne(t.Context(), pool) })
		wantAllocations(t, "an insert", 84, func() error { return insertOne(t.Context(), pool) })
		wantPerRow(t, 4.8, pool)
	})
}

// noTracer does nothing.
type noTracer struct{}

func (noTracer) Start(ctx context.Context, _ *dbtrace.Call) context.Context { return ctx }

func (noTracer) End(context.Context, *dbtrace.Call) {}

func openForAllocations(t *testing.T, url string, opts ...db.Option) *sql.DB {
	t.Helper()
	pool, err := db.Open(t.Context(), url, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	execute(t, pool, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL, size INTEGER NOT NULL, weight REAL NOT NULL)")
	execute(t, pool, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO t SELECT i, 'a name', i * 1000, i / 3.0 FROM n")
	return pool
}

// wantAllocations fails if a call has more allocations than most, in its goroutine and
// those that it starts.
func wantAllocations(t *testing.T, name string, most float64, call func() error) {
	t.Helper()
	if got := allocations(t, call); got > most {
		t.Errorf("%s has %v allocations, want at most %v", name, got, most)
	} else {
		t.Logf("%s has %v allocations, at most %v", name, got, most)
	}
}

// allocations returns the least of several measurements: other goroutines, such as those of earlier calls,
// may allocate meanwhile.
func allocations(t *testing.T, call func() error) float64 {
	t.Helper()
	for range 10 { // to compile, and to open connections
		if err := call(); err != nil {
			t.Fatal(err)
		}
	}
	least := math.Inf(1)
	for range 4 {
		least = min(least, testing.AllocsPerRun(50, func() {
			if err := call(); err != nil {
				t.Fatal(err)
			}
		}))
	}
	return least
}

// wantPerRow fails if a row has more allocations than most, beside those of the call.
func wantPerRow(t *testing.T, most float64, pool *sql.DB) {
	t.Helper()
	const rows = 1000
	call := allocations(t, func() error { return readMany(t.Context(), pool, 0) })
	all := allocations(t, func() error { return readMany(t.Context(), pool, rows) })
	if got := (all - call) / rows; got > most {
		t.Errorf("a row has %v allocations, want at most %v", got, most)
	} else {
		t.Logf("a row has %v allocations, at most %v", got, most)
	}
}

// wantPerCall fails if a call of a batch has more allocations than most.
func wantPerCall(t *testing.T, most float64, pool *sql.DB) {
	t.Helper()
	const calls = 100
	inserts := func(n int) func() error {
		return func() error {
			b := newBatch(pool)
			for range n {
				queueText(b, "INSERT INTO t (name, size, weight) VALUES (?, ?, ?)", "a name", 1000, 0.5)
			}
			return b.Run(t.Context())
		}
	}
	one, all := allocations(t, inserts(1)), allocations(t, inserts(1+calls))
	if got := (all - one) / calls; got > most {
		t.Errorf("a call of a batch has %v allocations, want at most %v", got, most)
	} else {
		t.Logf("a call of a batch has %v allocations, at most %v", got, most)
	}
}

// A stackMeter is a database that measures what the goroutines have of memory while the calls
// of a batch wait.
type stackMeter struct {
	db.Execer
	stacks uint64
}

func (m *stackMeter) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	m.stacks = stacks()
	return m.Execer.ExecContext(ctx, query, args...)
}

func stacks() uint64 {
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return memory.StackInuse
}

// TestBatchStacks wants a call that waits to have the 2 kB of stack that a goroutine begins
// with: to make it larger takes longer than all else in a call. An argument of each kind that
// generated methods have is among them.
func TestBatchStacks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a goroutine begins with more there")
	}
	const calls = 4000
	meter := &stackMeter{Execer: open(t, ":memory:")}
	b := newBatch(meter)
	text := "text"
	for range calls {
		queueText(b, "SELECT ?, ?, ?, ?, ?, ?, ?, ?", int64(1), 0.5, text, []byte(text), true, nil, &text, sql.NullInt64{Int64: 1, Valid: true})
	}
	runtime.GC() // which frees the stacks of others
	before := stacks()
	if err := b.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := (int64(meter.stacks) - int64(before)) / calls
	switch {
	case !strings.HasPrefix(runtime.Version(), "go1.26"):
		t.Skipf("a call that waits has %d bytes of stack; with this Go the size differs from run to run", got)
	case got > 2500:
		t.Errorf("a call that waits has %d bytes of stack, want 2,048 and little more", got)
	default:
		t.Logf("a call that waits has %d bytes of stack", got)
	}
}

func readOne(ctx context.Context, q interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}) error {
	var id, size int64
	var name string
	var weight float64
	return q.QueryRowContext(ctx, "SELECT id, name, size, weight FROM t WHERE id = ?", 500).Scan(&id, &name, &size, &weight)
}

func readMany(ctx context.Context, pool *sql.DB, n int) error {
	rows, err := pool.QueryContext(ctx, "SELECT id, name, size, weight FROM t LIMIT ?", n)
	if err != nil {
		return err
	}
	defer rows.Close()
	var id, size int64
	var name string
	var weight float64
	for rows.Next() {
		if err := rows.Scan(&id, &name, &size, &weight); err != nil {
			return err
		}
	}
	return rows.Err()
}

func insertOne(ctx context.Context, pool *sql.DB) error {
	_, err := pool.ExecContext(ctx, "INSERT INTO t (name, size, weight) VALUES (?, ?, ?)", "a name", 1000, 0.5)
	return err
}
