// Command ncruces is the contestant for github.com/ncruces/go-sqlite3 with sqlc's code.
package main

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/duolite/duolite/bench/internal/store"
	"github.com/duolite/duolite/bench/internal/work"
	_ "github.com/ncruces/go-sqlite3/driver"
)

// settings returns duolite's settings.
func settings() string {
	if work.CacheMB > 0 {
		return common + fmt.Sprintf("&_pragma=cache_size(-%d)", work.CacheMB*1000)
	}
	return common
}

const common = "?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=journal_mode(wal)&_pragma=synchronous(normal)" +
	"&_pragma=foreign_keys(1)&_pragma=temp_store(memory)&_pragma=journal_size_limit(67108864)"

func main() {
	work.Main(map[string]func(context.Context, string) (work.Store, error){
		"sqlc": func(_ context.Context, path string) (work.Store, error) {
			pool, err := sql.Open("sqlite3", "file:"+path+settings())
			if err != nil {
				return nil, err
			}
			return store.NewSqlc(store.Limit(pool), nil), nil
		},
	})
}
