// Command mattn is the contestant for github.com/mattn/go-sqlite3, SQLite in C by cgo. It runs
// sqlc's code without and with the driver's optional statement cache, and statements prepared
// by hand.
package main

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/duolite/duolite/bench/internal/store"
	"github.com/duolite/duolite/bench/internal/work"
	_ "github.com/mattn/go-sqlite3"
)

// settings returns duolite's settings, as far as the driver supports them.
func settings() string {
	if work.CacheMB > 0 {
		return common + fmt.Sprintf("&_cache_size=-%d", work.CacheMB*1000)
	}
	return common
}

const common = "?_txlock=immediate&_busy_timeout=5000&_journal_mode=WAL&_synchronous=NORMAL&_foreign_keys=1"

func main() {
	work.Main(map[string]func(context.Context, string) (work.Store, error){
		"sqlc":   func(_ context.Context, path string) (work.Store, error) { return open(path, "") },
		"cached": func(_ context.Context, path string) (work.Store, error) { return open(path, "&_stmt_cache_size=128") },
		"prepared": func(ctx context.Context, path string) (work.Store, error) {
			reader, err := sql.Open("sqlite3", "file:"+path+settings())
			if err != nil {
				return nil, err
			}
			writer, err := sql.Open("sqlite3", "file:"+path+settings())
			if err != nil {
				return nil, err
			}
			return store.NewPrepared(ctx, reader, writer)
		},
	})
}

func open(path, more string) (work.Store, error) {
	pool, err := sql.Open("sqlite3", "file:"+path+settings()+more)
	if err != nil {
		return nil, err
	}
	return store.NewSqlc(store.Limit(pool), nil), nil
}
