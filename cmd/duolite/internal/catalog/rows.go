package catalog

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// maxSelects limits the tables that one statement counts. SQLite allows 500 in a compound.
const maxSelects = 100

// Rows counts the rows of tables, each up to a limit: limit+1 means more than limit. It leaves out virtual tables.
func Rows(ctx context.Context, pool *sql.DB, tables []*Table, limit int64) (map[string]int64, error) {
	counts := map[string]int64{}
	tables = slices.DeleteFunc(slices.Clone(tables), func(t *Table) bool { return t.Virtual })
	for some := range slices.Chunk(tables, maxSelects) {
		var selects []string
		var args []any
		for _, t := range some {
			selects = append(selects, fmt.Sprintf("SELECT ?, (SELECT count(*) FROM (SELECT 1 FROM %s LIMIT %d))", Quote(t.Name), limit+1))
			args = append(args, t.Name)
		}
		err := Each(ctx, pool, strings.Join(selects, " UNION ALL "), func(scan func(...any) error) error {
			var name string
			var n int64
			err := scan(&name, &n)
			counts[name] = n
			return err
		}, args...)
		if err != nil {
			return nil, err
		}
	}
	return counts, nil
}

// Estimates returns the numbers of rows that ANALYZE has stored, by table. There are none if it hasn't run.
func Estimates(ctx context.Context, pool *sql.DB) (map[string]int64, error) {
	counts := map[string]int64{}
	var tables int
	err := pool.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'").Scan(&tables)
	if err != nil || tables == 0 {
		return counts, err
	}
	// The first number of stat is the number of rows. https://sqlite.org/fileformat2.html#stat1tab
	return counts, Each(ctx, pool, "SELECT tbl, max(CAST(stat AS INTEGER)) FROM sqlite_stat1 GROUP BY tbl", func(scan func(...any) error) error {
		var name string
		var n sql.NullInt64
		err := scan(&name, &n)
		counts[name] = n.Int64
		return err
	})
}
