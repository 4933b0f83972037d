package hrana_test

import (
	"database/sql/driver"
	"testing"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/internal/hrana"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/internal/sqltext"
)

// BenchmarkSelect reads a row by its id.
func BenchmarkSelect(b *testing.B) {
	server := dbtest.StartServer(b)
	d := hrana.New(transport.Config{URL: server.URL()})
	hrana.AssumeTransactions(d)
	defer d.Close()
	c, err := d.Connect(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	if _, err := c.ExecAll(b.Context(), []sqltext.Statement{
		{Text: "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, price REAL)"},
		{Text: "INSERT INTO t VALUES (1, 'one', 1.5)", Kind: sqltext.Insert},
	}); err != nil {
		b.Fatal(err)
	}
	s, err := c.Prepare(b.Context(), &sqltext.Statement{
		Text: "SELECT id, name, price FROM t WHERE id = ?", Kind: sqltext.Read, Params: []string{""},
	})
	if err != nil {
		b.Fatal(err)
	}
	dest := make([]driver.Value, 3)
	b.ReportAllocs()
	for b.Loop() {
		rows, err := s.Query(b.Context(), []driver.Value{int64(1)})
		if err == nil {
			err = rows.Next(dest)
		}
		if err != nil {
			b.Fatal(err)
		}
		rows.Close()
	}
}
