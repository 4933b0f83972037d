package work

import (
	"context"
	"errors"
)

// A Grower has the queries that are measured with growing numbers of bookmarks.
type Grower interface {
	Store
	// Lookup reads a bookmark by its URL.
	Lookup(ctx context.Context, i int) error
	// Page reads 50 bookmarks from the middle, newest first.
	Page(ctx context.Context) error
	// FirstPage reads the first 50.
	FirstPage(ctx context.Context) error
	// Search finds the twenty bookmarks with a word.
	Search(ctx context.Context) error
	// Import adds a hundred bookmarks with their tags.
	Import(ctx context.Context, i int) error
}

func init() {
	for name, op := range map[string]func(ctx context.Context, g Grower, i int) error{
		"lookup":     func(ctx context.Context, g Grower, i int) error { return g.Lookup(ctx, i) },
		"first-page": func(ctx context.Context, g Grower, _ int) error { return g.FirstPage(ctx) },
		"page":       func(ctx context.Context, g Grower, _ int) error { return g.Page(ctx) },
		"search":     func(ctx context.Context, g Grower, _ int) error { return g.Search(ctx) },
		"import":     func(ctx context.Context, g Grower, i int) error { return g.Import(ctx, i) },
	} {
		workloads[name] = func(ctx context.Context, r *runner) (Result, error) {
			g, ok := r.store.(Grower)
			if !ok {
				return Result{}, errors.New("it doesn't grow")
			}
			return r.repeat(2, 1, func(i int) error { return op(ctx, g, i) })
		}
	}
}
