// Command orm has the contestants for layers above database/sql that programs use instead of
// sqlc: sqlx, bun and gorm, on the driver of modernc.org/sqlite.
package main

import (
	"context"
	"database/sql"

	"github.com/duolite/duolite/bench/internal/store"
	"github.com/duolite/duolite/bench/internal/work"
	_ "modernc.org/sqlite"
)

// settings are duolite's settings.
const settings = "?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)" +
	"&_pragma=foreign_keys(1)&_pragma=temp_store(MEMORY)&_pragma=journal_size_limit(67108864)"

// bulkRows is the number of rows in a multi-row statement.
const bulkRows = 500

func main() {
	ways := make(map[string]func(context.Context, string) (work.Store, error))
	for name, over := range map[string]func(*sql.DB) (work.Store, error){"sqlx": newSqlx, "bun": newBun, "gorm": newGorm} {
		ways[name] = func(_ context.Context, path string) (work.Store, error) {
			pool, err := sql.Open("sqlite", "file:"+path+settings)
			if err != nil {
				return nil, err
			}
			return over(store.Limit(pool))
		}
	}
	work.Main(ways)
}
