// Package store has the contestants that speak database/sql: one runs the code that sqlc
// generates, the other prepares its statements by hand.
package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/duolite/duolite/bench/dbsqlc"
	"github.com/duolite/duolite/bench/internal/work"
)

// ErrNone is the error of what a contestant hasn't.
var ErrNone = errors.New("it has nothing of the kind")

// A Sqlc runs what sqlc generates, as a program would.
type Sqlc struct {
	Pool    *sql.DB
	Queries *dbsqlc.Queries
	batch   func(context.Context, *sql.DB, []dbsqlc.AddBookmarkParams) error
}

var _ work.Store = (*Sqlc)(nil)

// NewSqlc returns the store of a pool. A nil batch is that there is none.
func NewSqlc(pool *sql.DB, batch func(context.Context, *sql.DB, []dbsqlc.AddBookmarkParams) error) *Sqlc {
	return &Sqlc{pool, dbsqlc.New(pool), batch}
}

// Limit gives a pool as many connections as duolite's has, all of them kept.
func Limit(pool *sql.DB) *sql.DB {
	pool.SetMaxOpenConns(16)
	pool.SetMaxIdleConns(16)
	return pool
}

// Get implements [work.Store].
func (s *Sqlc) Get(ctx context.Context, id int64) (dbsqlc.Bookmark, error) {
	return s.Queries.GetBookmark(ctx, id)
}

// GetAll implements [work.Store], one read after the other.
func (s *Sqlc) GetAll(ctx context.Context, ids []int64) ([]dbsqlc.Bookmark, error) {
	all := make([]dbsqlc.Bookmark, len(ids))
	for i, id := range ids {
		var err error
		if all[i], err = s.Get(ctx, id); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Add implements [work.Store].
func (s *Sqlc) Add(ctx context.Context, b dbsqlc.AddBookmarkParams) error {
	return s.Queries.AddBookmark(ctx, b)
}

// List implements [work.Store].
func (s *Sqlc) List(ctx context.Context, n int64) ([]dbsqlc.Bookmark, error) {
	return s.Queries.ListBookmarks(ctx, n)
}

// Tagged implements [work.Store].
func (s *Sqlc) Tagged(ctx context.Context, first, n int64) ([]dbsqlc.ListTaggedRow, error) {
	return s.Queries.ListTagged(ctx, dbsqlc.ListTaggedParams{FirstID: first, PageSize: n})
}

// AddAll implements [work.Store].
func (s *Sqlc) AddAll(ctx context.Context, all []dbsqlc.AddBookmarkParams) error {
	return s.inTx(ctx, func(queries *dbsqlc.Queries) error {
		for _, b := range all {
			if err := queries.AddBookmark(ctx, b); err != nil {
				return err
			}
		}
		return nil
	})
}

// Bulk implements [work.Store], by one statement for a thousand rows as JSON.
func (s *Sqlc) Bulk(ctx context.Context, all []dbsqlc.AddBookmarkParams) error {
	return s.inTx(ctx, func(queries *dbsqlc.Queries) error {
		for len(all) > 0 {
			n := min(len(all), 1000)
			payload, err := Payload(all[:n])
			if err == nil {
				_, err = queries.ImportBookmarks(ctx, payload)
			}
			if err != nil {
				return err
			}
			all = all[n:]
		}
		return nil
	})
}

// Payload returns what the query ImportBookmarks takes.
func Payload(all []dbsqlc.AddBookmarkParams) (string, error) {
	text, err := json.Marshal(all)
	return string(text), err
}

// Each implements [work.Store], with rows that are read by hand.
func (s *Sqlc) Each(ctx context.Context, visit func(*dbsqlc.Bookmark)) error {
	rows, err := s.Pool.QueryContext(ctx, "SELECT id, url, title, notes, visits, score, created_at FROM bookmarks ORDER BY id")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var b dbsqlc.Bookmark
		if err := rows.Scan(&b.ID, &b.URL, &b.Title, &b.Notes, &b.Visits, &b.Score, &b.CreatedAt); err != nil {
			return err
		}
		visit(&b)
	}
	return rows.Err()
}

// Visit implements [work.Store].
func (s *Sqlc) Visit(ctx context.Context, id int64, b dbsqlc.AddBookmarkParams) error {
	return s.inTx(ctx, func(queries *dbsqlc.Queries) error {
		if _, err := queries.GetBookmark(ctx, id); err != nil {
			return err
		}
		if err := queries.VisitBookmark(ctx, id); err != nil {
			return err
		}
		return queries.AddBookmark(ctx, b)
	})
}

// Batch implements [work.Store].
func (s *Sqlc) Batch(ctx context.Context, all []dbsqlc.AddBookmarkParams) error {
	if s.batch == nil {
		return ErrNone
	}
	return s.batch(ctx, s.Pool, all)
}

// Version implements [work.Store].
func (s *Sqlc) Version(ctx context.Context) (version string, err error) {
	err = s.Pool.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version)
	return version, err
}

// Close implements [work.Store].
func (s *Sqlc) Close() error { return s.Pool.Close() }

func (s *Sqlc) inTx(ctx context.Context, run func(*dbsqlc.Queries) error) error {
	tx, err := s.Pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := run(s.Queries.WithTx(tx)); err != nil {
		return err
	}
	return tx.Commit()
}
