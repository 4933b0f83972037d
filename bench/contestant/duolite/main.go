// Command duolite is the contestant for duolite: sqlc's methods on a pool of db.Open, and
// duolite's own example with any number of rows.
package main

import (
	"context"

	"github.com/duolite/duolite/bench/dbsqlc"
	"github.com/duolite/duolite/bench/internal/marks"
	"github.com/duolite/duolite/bench/internal/store"
	"github.com/duolite/duolite/bench/internal/work"
	"github.com/duolite/duolite/db"
)

func main() {
	// over returns the way to open a database and to use it by a kind of store.
	over := func(use func(bookmarkStore) work.Store) func(context.Context, string) (work.Store, error) {
		return func(ctx context.Context, target string) (work.Store, error) {
			pool, err := open(ctx, target)
			if err != nil {
				return nil, err
			}
			return use(bookmarkStore{*store.NewSqlc(pool, batch)}), nil
		}
	}
	work.Main(map[string]func(context.Context, string) (work.Store, error){
		"sqlc":    over(func(s bookmarkStore) work.Store { return &s }),
		"json":    over(func(s bookmarkStore) work.Store { return &jsonStore{s} }),
		"collect": over(func(s bookmarkStore) work.Store { return &collectStore{s} }),
		"lean": over(func(s bookmarkStore) work.Store {
			s.Queries = dbsqlc.New(db.Lean(s.Pool))
			return &s
		}),
		"memory": func(ctx context.Context, target string) (work.Store, error) {
			pool, err := openMemory(ctx, target)
			if err != nil {
				return nil, err
			}
			return &bookmarkStore{*store.NewSqlc(pool, batch)}, nil
		},
		"marks": func(ctx context.Context, target string) (work.Store, error) {
			pool, err := open(ctx, target)
			if err != nil {
				return nil, err
			}
			return marks.New(ctx, pool)
		},
	})
}
