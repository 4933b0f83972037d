// Command golibsql is the contestant for github.com/tursodatabase/go-libsql, libSQL's client
// in Rust, by cgo.
package main

import (
	"context"
	"database/sql"

	"github.com/duolite/duolite/bench/internal/store"
	"github.com/duolite/duolite/bench/internal/work"
	_ "github.com/tursodatabase/go-libsql"
)

func main() {
	work.Main(map[string]func(context.Context, string) (work.Store, error){
		"sqlc": func(_ context.Context, url string) (work.Store, error) {
			pool, err := sql.Open("libsql", url)
			if err != nil {
				return nil, err
			}
			return store.NewSqlc(store.Limit(pool), nil), nil
		},
	})
}
