package main

import (
	"context"
	"database/sql"
	"slices"

	"github.com/duolite/duolite/bench/dbsqlc"
	"github.com/duolite/duolite/bench/internal/store"
	"github.com/duolite/duolite/bench/internal/work"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
)

// bunStore uses bun's query builder.
type bunStore struct {
	store.Sqlc
	db *bun.DB
}

func newBun(pool *sql.DB) (work.Store, error) {
	return &bunStore{*store.NewSqlc(pool, nil), bun.NewDB(pool, sqlitedialect.New())}, nil
}

// A newBookmark is a bookmark without an id.
type newBookmark struct {
	bun.BaseModel `bun:"table:bookmarks"`
	dbsqlc.AddBookmarkParams
}

func (s *bunStore) Get(ctx context.Context, id int64) (b dbsqlc.Bookmark, err error) {
	err = s.db.NewSelect().Model(&b).Where("id = ?", id).Scan(ctx)
	return b, err
}

func (s *bunStore) Add(ctx context.Context, b dbsqlc.AddBookmarkParams) error {
	_, err := s.db.NewInsert().Model(&newBookmark{AddBookmarkParams: b}).Exec(ctx)
	return err
}

func (s *bunStore) List(ctx context.Context, n int64) (all []dbsqlc.Bookmark, err error) {
	err = s.db.NewSelect().Model(&all).Order("id").Limit(n).Scan(ctx)
	return all, err
}

func (s *bunStore) Tagged(ctx context.Context, first, n int64) (all []dbsqlc.ListTaggedRow, err error) {
	err = s.db.NewSelect().TableExpr("bookmarks AS b").ColumnExpr("b.id, b.url, b.title, t.name AS tag").
		Join("JOIN tags AS t ON t.bookmark_id = b.id").Where("b.id >= ?", first).Order("b.id").Limit(n).Scan(ctx, &all)
	return all, err
}

func (s *bunStore) AddAll(ctx context.Context, all []dbsqlc.AddBookmarkParams) error {
	return s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		for _, b := range all {
			if _, err := tx.NewInsert().Model(&newBookmark{AddBookmarkParams: b}).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *bunStore) Bulk(ctx context.Context, all []dbsqlc.AddBookmarkParams) error {
	return s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		for chunk := range slices.Chunk(all, bulkRows) {
			rows := make([]newBookmark, len(chunk))
			for i, b := range chunk {
				rows[i].AddBookmarkParams = b
			}
			if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *bunStore) Each(ctx context.Context, visit func(*dbsqlc.Bookmark)) error {
	rows, err := s.db.NewSelect().Model((*dbsqlc.Bookmark)(nil)).Order("id").Rows(ctx)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var b dbsqlc.Bookmark
		if err := s.db.ScanRow(ctx, rows, &b); err != nil {
			return err
		}
		visit(&b)
	}
	return rows.Err()
}
