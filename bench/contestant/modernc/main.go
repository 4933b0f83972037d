// Command modernc is the contestant for the database/sql driver of modernc.org/sqlite: with
// its defaults, with sqlc's code, and with statements prepared by hand.
package main

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/duolite/duolite/bench/internal/store"
	"github.com/duolite/duolite/bench/internal/work"
	_ "modernc.org/sqlite"
)

// settings returns duolite's settings.
func settings() string {
	if work.CacheMB > 0 {
		return common + fmt.Sprintf("&_pragma=cache_size(-%d)", work.CacheMB*1000)
	}
	return common
}

const common = "?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)" +
	"&_pragma=foreign_keys(1)&_pragma=temp_store(MEMORY)&_pragma=journal_size_limit(67108864)"

func main() {
	work.Main(map[string]func(context.Context, string) (work.Store, error){
		"defaults": func(_ context.Context, path string) (work.Store, error) {
			pool, err := sql.Open("sqlite", path)
			return store.NewSqlc(pool, nil), err
		},
		"sqlc": func(_ context.Context, path string) (work.Store, error) {
			pool, err := sql.Open("sqlite", "file:"+path+settings())
			if err != nil {
				return nil, err
			}
			return store.NewSqlc(store.Limit(pool), nil), nil
		},
		"prepared": func(ctx context.Context, path string) (work.Store, error) {
			reader, err := sql.Open("sqlite", "file:"+path+settings())
			if err != nil {
				return nil, err
			}
			writer, err := sql.Open("sqlite", "file:"+path+settings())
			if err != nil {
				return nil, err
			}
			return store.NewPrepared(ctx, reader, writer)
		},
	})
}
