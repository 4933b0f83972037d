package db_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// BenchmarkBulk stores 20,000 rows of some 100 bytes in parts, in one transaction:
//
//	go test -run '^$' -bench Bulk ./db
//
// A file stores some 170,000 rows a second with chunks of 100 and of 10,000 rows. A server on
// the same machine stores 90,000 with chunks of 100, 160,000 with 1,000, and 200,000 with 5,000
// and 10,000.
func BenchmarkBulk(b *testing.B) {
	items := make([]benchItem, 20_000)
	for i := range items {
		items[i] = benchItem{int64(i), fmt.Sprintf("item %d", i), float64(i) / 7, "some words that say what this is"}
	}
	for _, kind := range []string{"file", "server"} {
		b.Run(kind, func(b *testing.B) {
			url := filepath.Join(b.TempDir(), "bench.db")
			if kind == "server" {
				url = dbtest.StartServer(b).URL()
			}
			pool := open(b, url)
			execute(b, pool, "CREATE TABLE bulk (id INTEGER PRIMARY KEY, name TEXT, weight REAL, note TEXT)")
			for _, rows := range []int{100, 1000, 5000, 10_000} {
				b.Run(fmt.Sprint(rows), func(b *testing.B) {
					for b.Loop() {
						benchBulk(b, pool, items, rows)
					}
					b.ReportMetric(float64(b.N*len(items))/b.Elapsed().Seconds(), "rows/s")
				})
			}
		})
	}
}

type benchItem struct {
	ID     int64   `json:"id"`
	Name   string  `json:"name"`
	Weight float64 `json:"weight"`
	Note   string  `json:"note"`
}

func benchBulk(b *testing.B, pool *sql.DB, items []benchItem, rows int) {
	execute(b, pool, "DELETE FROM bulk")
	err := db.InTx(b.Context(), pool, func(tx *sql.Tx) error {
		for part := range slices.Chunk(items, rows) {
			if _, err := db.BulkExec(b.Context(), tx, newItems, part, (*itemQueries).insertBench); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

func (q *itemQueries) insertBench(ctx context.Context, items string) (int64, error) {
	_, err := q.db.ExecContext(ctx, `INSERT INTO bulk SELECT e.value ->> 'id', e.value ->> 'name', e.value ->> 'weight', e.value ->> 'note'
		FROM json_each(?) AS e`, items)
	return 0, err
}
