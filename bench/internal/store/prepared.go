package store

import (
	"context"
	"database/sql"

	"github.com/duolite/duolite/bench/dbsqlc"
)

const (
	getText    = "SELECT id, url, title, notes, visits, score, created_at FROM bookmarks WHERE id = ?"
	addText    = "INSERT INTO bookmarks (url, title, notes, visits, score, created_at) VALUES (?, ?, ?, ?, ?, ?)"
	listText   = "SELECT id, url, title, notes, visits, score, created_at FROM bookmarks ORDER BY id LIMIT ?"
	taggedText = "SELECT b.id, b.url, b.title, t.name AS tag FROM bookmarks AS b JOIN tags AS t ON t.bookmark_id = b.id WHERE b.id >= ? ORDER BY b.id LIMIT ?"
)

// A Prepared is tuned by hand: statements are prepared once, one connection writes and the
// others read.
type Prepared struct {
	Sqlc                   // on the reader, for the other operations
	writer                 *sql.DB
	get, add, list, tagged *sql.Stmt
}

// NewPrepared returns the store for two pools on one file.
func NewPrepared(ctx context.Context, reader, writer *sql.DB) (*Prepared, error) {
	writer.SetMaxOpenConns(1)
	reader.SetMaxOpenConns(8)
	reader.SetMaxIdleConns(8)
	s := &Prepared{Sqlc: *NewSqlc(reader, nil), writer: writer}
	for _, one := range []struct {
		stmt **sql.Stmt
		pool *sql.DB
		text string
	}{{&s.add, writer, addText}, {&s.get, reader, getText}, {&s.list, reader, listText}, {&s.tagged, reader, taggedText}} {
		stmt, err := one.pool.PrepareContext(ctx, one.text)
		if err != nil {
			return nil, err
		}
		*one.stmt = stmt
	}
	return s, nil
}

// Get implements [work.Store].
func (s *Prepared) Get(ctx context.Context, id int64) (b dbsqlc.Bookmark, err error) {
	err = s.get.QueryRowContext(ctx, id).Scan(&b.ID, &b.URL, &b.Title, &b.Notes, &b.Visits, &b.Score, &b.CreatedAt)
	return b, err
}

// Add implements [work.Store].
func (s *Prepared) Add(ctx context.Context, b dbsqlc.AddBookmarkParams) error {
	return add(ctx, s.add, &b)
}

func add(ctx context.Context, stmt *sql.Stmt, b *dbsqlc.AddBookmarkParams) error {
	_, err := stmt.ExecContext(ctx, b.URL, b.Title, b.Notes, b.Visits, b.Score, b.CreatedAt)
	return err
}

// List implements [work.Store].
func (s *Prepared) List(ctx context.Context, n int64) ([]dbsqlc.Bookmark, error) {
	rows, err := s.list.QueryContext(ctx, n)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []dbsqlc.Bookmark
	for rows.Next() {
		var b dbsqlc.Bookmark
		if err := rows.Scan(&b.ID, &b.URL, &b.Title, &b.Notes, &b.Visits, &b.Score, &b.CreatedAt); err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, rows.Err()
}

// Tagged implements [work.Store].
func (s *Prepared) Tagged(ctx context.Context, first, n int64) ([]dbsqlc.ListTaggedRow, error) {
	rows, err := s.tagged.QueryContext(ctx, first, n)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []dbsqlc.ListTaggedRow
	for rows.Next() {
		var b dbsqlc.ListTaggedRow
		if err := rows.Scan(&b.ID, &b.URL, &b.Title, &b.Tag); err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, rows.Err()
}

// AddAll implements [work.Store].
func (s *Prepared) AddAll(ctx context.Context, all []dbsqlc.AddBookmarkParams) error {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	stmt := tx.StmtContext(ctx, s.add)
	defer stmt.Close()
	for i := range all {
		if err := add(ctx, stmt, &all[i]); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// Bulk implements [work.Store]. No way is faster than the prepared statement.
func (s *Prepared) Bulk(ctx context.Context, all []dbsqlc.AddBookmarkParams) error {
	return s.AddAll(ctx, all)
}

// Close implements [work.Store].
func (s *Prepared) Close() error {
	s.writer.Close()
	return s.Pool.Close()
}
