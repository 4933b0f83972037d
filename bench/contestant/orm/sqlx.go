package main

import (
	"context"
	"database/sql"
	"slices"

	"github.com/duolite/duolite/bench/dbsqlc"
	"github.com/duolite/duolite/bench/internal/store"
	"github.com/duolite/duolite/bench/internal/work"
	"github.com/jmoiron/sqlx"
)

// sqlxStore uses sqlc's code for operations that sqlx doesn't offer.
type sqlxStore struct {
	store.Sqlc
	db *sqlx.DB
}

func newSqlx(pool *sql.DB) (work.Store, error) {
	db := sqlx.NewDb(pool, "sqlite")
	names := map[string]string{"CreatedAt": "created_at", "ID": "id", "URL": "url", "Title": "title", "Notes": "notes",
		"Visits": "visits", "Score": "score", "Tag": "tag"}
	db.MapperFunc(func(field string) string { return names[field] })
	return &sqlxStore{*store.NewSqlc(pool, nil), db}, nil
}

const addNamed = "INSERT INTO bookmarks (url, title, notes, visits, score, created_at) VALUES (:url, :title, :notes, :visits, :score, :created_at)"

func (s *sqlxStore) Get(ctx context.Context, id int64) (b dbsqlc.Bookmark, err error) {
	err = s.db.GetContext(ctx, &b, "SELECT * FROM bookmarks WHERE id = ?", id)
	return b, err
}

func (s *sqlxStore) Add(ctx context.Context, b dbsqlc.AddBookmarkParams) error {
	_, err := s.db.NamedExecContext(ctx, addNamed, b)
	return err
}

func (s *sqlxStore) List(ctx context.Context, n int64) (all []dbsqlc.Bookmark, err error) {
	err = s.db.SelectContext(ctx, &all, "SELECT * FROM bookmarks ORDER BY id LIMIT ?", n)
	return all, err
}

func (s *sqlxStore) Tagged(ctx context.Context, first, n int64) (all []dbsqlc.ListTaggedRow, err error) {
	err = s.db.SelectContext(ctx, &all, "SELECT b.id, b.url, b.title, t.name AS tag FROM bookmarks AS b JOIN tags AS t ON t.bookmark_id = b.id WHERE b.id >= ? ORDER BY b.id LIMIT ?", first, n)
	return all, err
}

func (s *sqlxStore) AddAll(ctx context.Context, all []dbsqlc.AddBookmarkParams) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		stmt, err := tx.PrepareNamedContext(ctx, addNamed)
		if err != nil {
			return err
		}
		defer stmt.Close()
		for i := range all {
			if _, err := stmt.ExecContext(ctx, all[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *sqlxStore) Bulk(ctx context.Context, all []dbsqlc.AddBookmarkParams) error {
	return s.inTx(ctx, func(tx *sqlx.Tx) error {
		for chunk := range slices.Chunk(all, bulkRows) {
			if _, err := tx.NamedExecContext(ctx, addNamed, chunk); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *sqlxStore) inTx(ctx context.Context, run func(*sqlx.Tx) error) error {
	tx, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := run(tx); err != nil {
		return err
	}
	return tx.Commit()
}

func (s *sqlxStore) Each(ctx context.Context, visit func(*dbsqlc.Bookmark)) error {
	rows, err := s.db.QueryxContext(ctx, "SELECT * FROM bookmarks ORDER BY id")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var b dbsqlc.Bookmark
		if err := rows.StructScan(&b); err != nil {
			return err
		}
		visit(&b)
	}
	return rows.Err()
}
