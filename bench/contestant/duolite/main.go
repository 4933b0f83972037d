// Command duolite is duolite as a contestant: sqlc's methods over what db.Open returns,
// and its own example at any size.
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
	work.Main(map[string]func(context.Context, string) (work.Store, error){
		"sqlc": func(ctx context.Context, target string) (work.Store, error) {
			pool, err := open(ctx, target)
			if err != nil {
				return nil, err
			}
			return &bookmarkStore{*store.NewSqlc(pool, batch)}, nil
		},
		"lean": func(ctx context.Context, target string) (work.Store, error) {
			pool, err := open(ctx, target)
			if err != nil {
				return nil, err
			}
			s := &bookmarkStore{*store.NewSqlc(pool, batch)}
			s.Queries = dbsqlc.New(db.Lean(pool))
			return s, nil
		},
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
