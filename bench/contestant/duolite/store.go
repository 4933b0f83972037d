package main

import (
	"context"
	"database/sql"

	"github.com/duolite/duolite/bench/dbsqlc"
	"github.com/duolite/duolite/bench/internal/store"
	"github.com/duolite/duolite/db"
)

// A bookmarkStore has what duolite adds to sqlc's methods.
type bookmarkStore struct {
	store.Sqlc
}

// Bulk implements [work.Store].
func (s *bookmarkStore) Bulk(ctx context.Context, all []dbsqlc.AddBookmarkParams) error {
	_, err := db.BulkExec(ctx, s.Pool, dbsqlc.New, all, (*dbsqlc.Queries).ImportBookmarks)
	return err
}

// Each implements [work.Store].
func (s *bookmarkStore) Each(ctx context.Context, visit func(*dbsqlc.Bookmark)) error {
	for b, err := range dbsqlc.New(s.Pool).ListBookmarksSeq(ctx, -1) {
		if err != nil {
			return err
		}
		visit(&b)
	}
	return nil
}

func batch(ctx context.Context, pool *sql.DB, all []dbsqlc.AddBookmarkParams) error {
	b := db.NewBatch(pool, dbsqlc.New)
	for i := range all {
		db.QueueExec(b, func(q *dbsqlc.Queries) error { return q.AddBookmark(ctx, all[i]) })
	}
	return b.Run(ctx)
}
