package db_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/duolite/duolite/db"
)

// The benchmarks compare duolite with modernc.org/sqlite's own driver, which it has its
// SQLite from, in one run: with plain texts, and with statements that are prepared by
// hand. All have a write-ahead log and a context that can be canceled, as every HTTP
// handler's can.
//
//	make microbench

var contestants = []struct {
	name string
	open func(ctx context.Context, path string) (*sql.DB, error)
	run  func(b *testing.B, pool *sql.DB, query string) runner
}{
	{"duolite", func(ctx context.Context, path string) (*sql.DB, error) { return db.Open(ctx, path) }, plain},
	{"modernc", openModernc, plain},
	{"modernc-prepared", openModernc, prepared},
}

func openModernc(_ context.Context, path string) (*sql.DB, error) {
	return sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)")
}

// A runner runs one statement.
type runner struct {
	exec  func(ctx context.Context, args ...any) (sql.Result, error)
	query func(ctx context.Context, args ...any) (*sql.Rows, error)
	in    func(tx *sql.Tx) runner
}

func plain(_ *testing.B, pool *sql.DB, text string) runner {
	return runner{
		func(ctx context.Context, args ...any) (sql.Result, error) {
			return pool.ExecContext(ctx, text, args...)
		},
		func(ctx context.Context, args ...any) (*sql.Rows, error) {
			return pool.QueryContext(ctx, text, args...)
		},
		func(tx *sql.Tx) runner {
			return runner{exec: func(ctx context.Context, args ...any) (sql.Result, error) { return tx.ExecContext(ctx, text, args...) }}
		},
	}
}

func prepared(b *testing.B, pool *sql.DB, text string) runner {
	stmt, err := pool.PrepareContext(b.Context(), text)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { stmt.Close() })
	return runner{stmt.ExecContext, stmt.QueryContext, func(tx *sql.Tx) runner {
		return runner{exec: tx.StmtContext(b.Context(), stmt).ExecContext}
	}}
}

// benchmark runs work for each contestant on a table of 1,000 rows.
func benchmark(b *testing.B, text string, work func(b *testing.B, ctx context.Context, pool *sql.DB, r runner)) {
	for _, c := range contestants {
		b.Run(c.name, func(b *testing.B) {
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel()
			pool, err := c.open(ctx, filepath.Join(b.TempDir(), "bench.db"))
			if err != nil {
				b.Fatal(err)
			}
			defer pool.Close()
			for _, text := range []string{
				"CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL, size INTEGER NOT NULL, weight REAL, note TEXT)",
				"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO t SELECT i, 'name ' || i, i * 7, i / 3.0, NULL FROM n",
			} {
				if _, err := pool.ExecContext(ctx, text); err != nil {
					b.Fatal(err)
				}
			}
			r := c.run(b, pool, text)
			b.ReportAllocs()
			work(b, ctx, pool, r)
		})
	}
}

func readRows(b *testing.B, ctx context.Context, r runner, args ...any) {
	rows, err := r.query(ctx, args...)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	var id, size int64
	var name string
	var weight sql.NullFloat64
	var note sql.NullString
	for rows.Next() {
		if err := rows.Scan(&id, &name, &size, &weight, &note); err != nil {
			b.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkPointRead(b *testing.B) {
	benchmark(b, "SELECT id, name, size, weight, note FROM t WHERE id = ?", func(b *testing.B, ctx context.Context, _ *sql.DB, r runner) {
		for i := 0; b.Loop(); i++ {
			readRows(b, ctx, r, i%1000+1)
		}
	})
}

func BenchmarkRead1000Rows(b *testing.B) {
	benchmark(b, "SELECT id, name, size, weight, note FROM t", func(b *testing.B, ctx context.Context, _ *sql.DB, r runner) {
		for b.Loop() {
			readRows(b, ctx, r)
		}
	})
}

const insertRow = "INSERT INTO t (name, size, weight) VALUES (?, ?, ?)"

func BenchmarkInsert(b *testing.B) {
	benchmark(b, insertRow, func(b *testing.B, ctx context.Context, _ *sql.DB, r runner) {
		for b.Loop() {
			if _, err := r.exec(ctx, "name", 7, 0.5); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkInsertInTransaction is about 100 rows.
func BenchmarkInsertInTransaction(b *testing.B) {
	benchmark(b, insertRow, func(b *testing.B, ctx context.Context, pool *sql.DB, r runner) {
		for b.Loop() {
			tx, err := pool.BeginTx(ctx, nil)
			if err != nil {
				b.Fatal(err)
			}
			in := r.in(tx)
			for range 100 {
				if _, err := in.exec(ctx, "name", 7, 0.5); err != nil {
					b.Fatal(err)
				}
			}
			if err := tx.Commit(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
