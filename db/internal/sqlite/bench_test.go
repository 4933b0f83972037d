package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
	"path/filepath"
	"testing"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"github.com/duolite/duolite/internal/sqltext"
	_ "modernc.org/sqlite" // the baseline
	sqlite3 "modernc.org/sqlite/lib"
)

// The benchmarks run each operation through the engine, and, beside it, through
// modernc.org/sqlite's driver by database/sql with statements that are prepared by
// hand. "context" is a context that can be canceled, as that of an HTTP handler.

const (
	benchTable  = "CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT NOT NULL, author TEXT NOT NULL, pages INTEGER NOT NULL, price REAL NOT NULL)"
	benchSelect = "SELECT id, title, author, pages, price FROM books WHERE id = ?"
	benchScan   = "SELECT id, title, author, pages, price FROM books"
	benchInsert = "INSERT INTO books (title, author, pages, price) VALUES (?, ?, ?, ?)"
	benchFill   = `WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 1000)
		INSERT INTO books (title, author, pages, price)
		SELECT 'The title of book ' || value, 'Author ' || value % 50, 1000 + value, value * 1.5 FROM n`
)

var benchArgs = []driver.Value{"The title of a book", "Somebody", int64(1234), 12.5}

// eachContext runs a benchmark with a context of each kind.
func eachContext(b *testing.B, run func(b *testing.B, ctx context.Context)) {
	b.Run("background", func(b *testing.B) { run(b, context.Background()) })
	b.Run("context", func(b *testing.B) { run(b, b.Context()) })
}

func benchEngine(b *testing.B) *conn {
	c := connect(b, New(Config{Path: filepath.Join(b.TempDir(), "app.db"), Mode: ReadWriteCreate}))
	mustExec(b, c, benchTable)
	exec(b, c, sqltext.Insert, benchFill)
	return c
}

func benchBaseline(b *testing.B) *sql.Conn {
	pool, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "app.db")+"?_pragma=journal_mode(wal)&_pragma=synchronous(normal)&_pragma=temp_store(memory)")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { pool.Close() })
	c, err := pool.Conn(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	for _, statement := range []string{benchTable, benchFill} {
		if _, err := c.ExecContext(context.Background(), statement); err != nil {
			b.Fatal(err)
		}
	}
	return c
}

func prepareBaseline(b *testing.B, c *sql.Conn, query string) *sql.Stmt {
	s, err := c.PrepareContext(context.Background(), query)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s
}

// readAll reads the rows of a query, and returns how many there are.
func readAll(b *testing.B, s engine.Stmt, ctx context.Context, args, dest []driver.Value) int {
	r, err := s.Query(ctx, args)
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for {
		if err := r.Next(dest); err == io.EOF {
			break
		} else if err != nil {
			b.Fatal(err)
		}
		n++
	}
	if err := r.Close(); err != nil {
		b.Fatal(err)
	}
	return n
}

func readAllBaseline(b *testing.B, s *sql.Stmt, ctx context.Context, args ...any) int {
	r, err := s.QueryContext(ctx, args...)
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	n := 0
	for r.Next() {
		var id, pages int64
		var title, author string
		var price float64
		if err := r.Scan(&id, &title, &author, &pages, &price); err != nil {
			b.Fatal(err)
		}
		n++
	}
	if err := r.Err(); err != nil {
		b.Fatal(err)
	}
	return n
}

// BenchmarkPoint has "shared" besides: another driver has the log open, so that each read takes
// its lock and gives it back.
func BenchmarkPoint(b *testing.B) {
	read := func(b *testing.B, c *conn, ctx context.Context) {
		s := prepare(b, c, sqltext.Read, benchSelect)
		args, dest := []driver.Value{int64(500)}, make([]driver.Value, 5)
		b.ReportAllocs()
		for b.Loop() {
			readAll(b, s, ctx, args, dest)
		}
	}
	b.Run("engine", func(b *testing.B) {
		eachContext(b, func(b *testing.B, ctx context.Context) { read(b, benchEngine(b), ctx) })
	})
	b.Run("shared", func(b *testing.B) {
		c := benchEngine(b)
		execOutside(b, outsider(b, c.file), "SELECT count(*) FROM books")
		read(b, c, context.Background())
	})
	b.Run("baseline", func(b *testing.B) {
		eachContext(b, func(b *testing.B, ctx context.Context) {
			s := prepareBaseline(b, benchBaseline(b), benchSelect)
			b.ReportAllocs()
			for b.Loop() {
				readAllBaseline(b, s, ctx, 500)
			}
		})
	})
}

// BenchmarkStat4 reads rows after ANALYZE, by other values each time, without STAT4 and with it.
func BenchmarkStat4(b *testing.B) {
	queries := map[string]string{
		"by an index": "SELECT title FROM books WHERE pages = ?",
		"a join":      "SELECT a.title, b.title FROM books AS a JOIN books AS b ON b.pages = a.pages WHERE a.pages >= ? ORDER BY a.pages LIMIT 50",
	}
	for name, query := range queries {
		for _, stat4 := range []bool{false, true} {
			b.Run(fmt.Sprint(name, "/stat4=", stat4), func(b *testing.B) {
				c := benchEngine(b)
				if stat4 {
					cmem.As[sqlite3.Tsqlite3](c.handle).FdbOptFlags &^= sqlite3.SQLITE_Stat4
				}
				mustExec(b, c, "CREATE INDEX i ON books (pages)", "ANALYZE")
				s := prepare(b, c, sqltext.Read, query)
				args, dest := make([]driver.Value, 1), make([]driver.Value, 2)
				n := int64(0)
				for b.Loop() {
					n++
					args[0] = 1001 + n%800
					readAll(b, s, context.Background(), args, dest)
				}
			})
		}
	}
}

func BenchmarkScan1000(b *testing.B) {
	b.Run("engine", func(b *testing.B) {
		eachContext(b, func(b *testing.B, ctx context.Context) {
			s := prepare(b, benchEngine(b), sqltext.Read, benchScan)
			dest := make([]driver.Value, 5)
			b.ReportAllocs()
			for b.Loop() {
				if n := readAll(b, s, ctx, nil, dest); n != 1000 {
					b.Fatal(n)
				}
			}
		})
	})
	b.Run("baseline", func(b *testing.B) {
		eachContext(b, func(b *testing.B, ctx context.Context) {
			s := prepareBaseline(b, benchBaseline(b), benchScan)
			b.ReportAllocs()
			for b.Loop() {
				readAllBaseline(b, s, ctx)
			}
		})
	})
}

// BenchmarkInsertTx inserts in transactions of 1,000 rows.
func BenchmarkInsertTx(b *testing.B) {
	const rows = 1000
	b.Run("engine", func(b *testing.B) {
		eachContext(b, func(b *testing.B, ctx context.Context) {
			c := benchEngine(b)
			s := prepare(b, c, sqltext.Insert, benchInsert)
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				if n%rows == 0 {
					if n > 0 {
						must(b, c.Commit(ctx))
					}
					must(b, c.Begin(ctx, engine.Write))
				}
				n++
				if _, err := s.Exec(ctx, benchArgs); err != nil {
					b.Fatal(err)
				}
			}
			must(b, c.Commit(ctx))
		})
	})
	b.Run("baseline", func(b *testing.B) {
		eachContext(b, func(b *testing.B, ctx context.Context) {
			c := benchBaseline(b)
			s := prepareBaseline(b, c, benchInsert)
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				if n%rows == 0 {
					if n > 0 {
						execBaseline(b, c, ctx, "COMMIT")
					}
					execBaseline(b, c, ctx, "BEGIN IMMEDIATE")
				}
				n++
				if _, err := s.ExecContext(ctx, "The title of a book", "Somebody", 1234, 12.5); err != nil {
					b.Fatal(err)
				}
			}
			execBaseline(b, c, ctx, "COMMIT")
		})
	})
}

func execBaseline(b *testing.B, c *sql.Conn, ctx context.Context, statement string) {
	if _, err := c.ExecContext(ctx, statement); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkInsertAutocommit(b *testing.B) {
	b.Run("engine", func(b *testing.B) {
		eachContext(b, func(b *testing.B, ctx context.Context) {
			s := prepare(b, benchEngine(b), sqltext.Insert, benchInsert)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Exec(ctx, benchArgs); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
	b.Run("baseline", func(b *testing.B) {
		eachContext(b, func(b *testing.B, ctx context.Context) {
			s := prepareBaseline(b, benchBaseline(b), benchInsert)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.ExecContext(ctx, "The title of a book", "Somebody", 1234, 12.5); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}
