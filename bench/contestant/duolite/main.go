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
