package main

import (
	"context"
	"database/sql"

	"github.com/duolite/duolite/bench/dbsqlc"
	"github.com/duolite/duolite/bench/internal/store"
	"github.com/duolite/duolite/db"
)

// A bookmarkStore uses duolite's additions to sqlc's methods.
type bookmarkStore struct {
	store.Sqlc
}

// Bulk implements [work.Store].
func (s *bookmarkStore) Bulk(ctx context.Context, all []dbsqlc.AddBookmarkParams) error {
	_, err := db.InsertAll(ctx, s.Pool, dbsqlc.New, all, (*dbsqlc.Queries).AddBookmark)
	return err
}

// A jsonStore inserts many rows by a statement over json_each.
type jsonStore struct{ bookmarkStore }

// Bulk implements [work.Store].
func (s *jsonStore) Bulk(ctx context.Context, all []dbsqlc.AddBookmarkParams) error {
	_, err := db.BulkExec(ctx, s.Pool, dbsqlc.New, all, (*dbsqlc.Queries).ImportBookmarks)
	return err
}

// A collectStore makes slices of iterators.
type collectStore struct{ bookmarkStore }

// List implements [work.Store].
func (s *collectStore) List(ctx context.Context, n int64) ([]dbsqlc.Bookmark, error) {
	return db.Collect(s.Queries.ListBookmarksSeq(ctx, n))
}

// GetAll implements [work.Store], in one round trip.
func (s *bookmarkStore) GetAll(ctx context.Context, ids []int64) ([]dbsqlc.Bookmark, error) {
	b := db.NewBatch(s.Pool, dbsqlc.New, db.WithReadOnly())
	calls := make([]*db.Future[dbsqlc.Bookmark], len(ids))
	for i, id := range ids {
		calls[i] = db.Queue(b, func(q *dbsqlc.Queries) (dbsqlc.Bookmark, error) { return q.GetBookmark(ctx, id) })
	}
	if err := b.Run(ctx); err != nil {
		return nil, err
	}
	all := make([]dbsqlc.Bookmark, len(ids))
	for i, call := range calls {
		var err error
		if all[i], err = call.Get(); err != nil {
			return nil, err
		}
	}
	return all, nil
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
