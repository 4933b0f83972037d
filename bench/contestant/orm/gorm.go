package main

import (
	"context"
	"database/sql"

	"github.com/duolite/duolite/bench/dbsqlc"
	"github.com/duolite/duolite/bench/internal/store"
	"github.com/duolite/duolite/bench/internal/work"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// gormStore uses gorm's query builder.
type gormStore struct {
	store.Sqlc
	db *gorm.DB
}

func newGorm(pool *sql.DB) (work.Store, error) {
	db, err := gorm.Open(sqlite.Dialector{Conn: pool}, &gorm.Config{Logger: logger.Discard})
	return &gormStore{*store.NewSqlc(pool, nil), db}, err
}

func row(b dbsqlc.AddBookmarkParams) dbsqlc.Bookmark {
	return dbsqlc.Bookmark{URL: b.URL, Title: b.Title, Notes: b.Notes, Visits: b.Visits, Score: b.Score, CreatedAt: b.CreatedAt}
}

func (s *gormStore) Get(ctx context.Context, id int64) (b dbsqlc.Bookmark, err error) {
	err = s.db.WithContext(ctx).Take(&b, id).Error
	return b, err
}

func (s *gormStore) Add(ctx context.Context, b dbsqlc.AddBookmarkParams) error {
	return s.db.WithContext(ctx).Create(new(row(b))).Error
}

func (s *gormStore) List(ctx context.Context, n int64) (all []dbsqlc.Bookmark, err error) {
	err = s.db.WithContext(ctx).Order("id").Limit(int(n)).Find(&all).Error
	return all, err
}

func (s *gormStore) Tagged(ctx context.Context, first, n int64) (all []dbsqlc.ListTaggedRow, err error) {
	err = s.db.WithContext(ctx).Table("bookmarks AS b").Select("b.id, b.url, b.title, t.name AS tag").
		Joins("JOIN tags AS t ON t.bookmark_id = b.id").Where("b.id >= ?", first).Order("b.id").Limit(int(n)).Scan(&all).Error
	return all, err
}

func (s *gormStore) AddAll(ctx context.Context, all []dbsqlc.AddBookmarkParams) error {
	return s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		for _, b := range all {
			if err := tx.Create(new(row(b))).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *gormStore) Bulk(ctx context.Context, all []dbsqlc.AddBookmarkParams) error {
	rows := make([]dbsqlc.Bookmark, len(all))
	for i, b := range all {
		rows[i] = row(b)
	}
	return s.db.WithContext(ctx).CreateInBatches(rows, bulkRows).Error
}

func (s *gormStore) Each(ctx context.Context, visit func(*dbsqlc.Bookmark)) error {
	rows, err := s.db.WithContext(ctx).Model(&dbsqlc.Bookmark{}).Order("id").Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var b dbsqlc.Bookmark
		if err := s.db.ScanRows(rows, &b); err != nil {
			return err
		}
		visit(&b)
	}
	return rows.Err()
}
