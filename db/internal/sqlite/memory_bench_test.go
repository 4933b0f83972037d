package sqlite

import (
	"context"
	"database/sql/driver"
	"testing"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/internal/sqltext"
)

// BenchmarkMemory does with a database in memory what others do with a file.
func BenchmarkMemory(b *testing.B) {
	b.Run("point", benchMemoryPoint)
	b.Run("scan", benchMemoryScan)
	b.Run("insert", benchMemoryInsert)
	b.Run("insert in transactions", benchMemoryInsertTx)
	b.Run("open", benchMemoryOpen)
}

func benchMemory(b *testing.B) *conn {
	c := connect(b, New(Config{Memory: true}))
	mustExec(b, c, benchTable)
	exec(b, c, sqltext.Insert, benchFill)
	return c
}

func benchMemoryPoint(b *testing.B) {
	s := prepare(b, benchMemory(b), sqltext.Read, benchSelect)
	args, dest := []driver.Value{int64(500)}, make([]driver.Value, 5)
	b.ReportAllocs()
	for b.Loop() {
		readAll(b, s, b.Context(), args, dest)
	}
}

// benchMemoryScan reads far more pages than SQLite's cache holds.
func benchMemoryScan(b *testing.B) {
	c := benchMemory(b)
	for range 4 {
		exec(b, c, sqltext.Insert, "INSERT INTO books (title, author, pages, price) SELECT title, author, pages, price FROM books")
	}
	exec(b, c, sqltext.Pragma, "PRAGMA cache_size = 10")
	s := prepare(b, c, sqltext.Read, "SELECT sum(pages) FROM books")
	dest := make([]driver.Value, 1)
	for b.Loop() {
		readAll(b, s, b.Context(), nil, dest)
	}
}

func benchMemoryInsert(b *testing.B) {
	s := prepare(b, benchMemory(b), sqltext.Insert, benchInsert)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Exec(b.Context(), benchArgs); err != nil {
			b.Fatal(err)
		}
	}
}

// benchMemoryInsertTx inserts 1,000 rows in each transaction.
func benchMemoryInsertTx(b *testing.B) {
	c := benchMemory(b)
	s := prepare(b, c, sqltext.Insert, benchInsert)
	for b.Loop() {
		must(b, c.Begin(b.Context(), engine.Write))
		for range 1000 {
			if _, err := s.Exec(b.Context(), benchArgs); err != nil {
				b.Fatal(err)
			}
		}
		must(b, c.Commit(b.Context()))
	}
}

func benchMemoryOpen(b *testing.B) {
	for b.Loop() {
		d := New(Config{Memory: true})
		c, err := d.Connect(context.Background())
		must(b, err)
		mustExec(b, c.(*conn), benchTable)
		must(b, c.Close())
		must(b, d.Close())
	}
}
