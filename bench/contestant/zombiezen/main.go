// Command zombiezen is the contestant for zombiezen.com/go/sqlite, which has an interface of
// its own instead of database/sql.
package main

import (
	"context"
	"fmt"

	"github.com/duolite/duolite/bench/dbsqlc"
	"github.com/duolite/duolite/bench/internal/store"
	"github.com/duolite/duolite/bench/internal/work"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

const (
	getText    = "SELECT id, url, title, notes, visits, score, created_at FROM bookmarks WHERE id = ?"
	addText    = "INSERT INTO bookmarks (url, title, notes, visits, score, created_at) VALUES (?, ?, ?, ?, ?, ?)"
	listText   = "SELECT id, url, title, notes, visits, score, created_at FROM bookmarks ORDER BY id LIMIT ?"
	taggedText = "SELECT b.id, b.url, b.title, t.name AS tag FROM bookmarks AS b JOIN tags AS t ON t.bookmark_id = b.id WHERE b.id >= ? ORDER BY b.id LIMIT ?"
)

// settings are duolite's settings.
var settings = []string{
	"PRAGMA busy_timeout = 5000", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL",
	"PRAGMA foreign_keys = ON", "PRAGMA temp_store = MEMORY", "PRAGMA journal_size_limit = 67108864",
}

func prepare(conn *sqlite.Conn) error {
	for _, setting := range settings {
		if err := sqlitex.ExecuteTransient(conn, setting, nil); err != nil {
			return err
		}
	}
	if work.CacheMB > 0 {
		return sqlitex.ExecuteTransient(conn, fmt.Sprintf("PRAGMA cache_size = -%d", work.CacheMB*1000), nil)
	}
	return nil
}

func main() {
	work.Main(map[string]func(context.Context, string) (work.Store, error){
		"direct": func(_ context.Context, path string) (work.Store, error) {
			pool, err := sqlitex.NewPool(path, sqlitex.PoolOptions{PoolSize: 16, PrepareConn: prepare})
			return &direct{pool: pool}, err
		},
	})
}

// direct binds arguments and reads columns by hand. Each connection caches its statements.
type direct struct {
	pool *sqlitex.Pool
}

// with runs a statement on a connection of the pool until it has no more rows.
func (s *direct) with(ctx context.Context, text string, bind func(*sqlite.Stmt), row func(*sqlite.Stmt)) error {
	conn, err := s.pool.Take(ctx)
	if err != nil {
		return err
	}
	defer s.pool.Put(conn)
	return step(conn, text, bind, row)
}

func step(conn *sqlite.Conn, text string, bind func(*sqlite.Stmt), row func(*sqlite.Stmt)) error {
	stmt, err := conn.Prepare(text)
	if err != nil {
		return err
	}
	bind(stmt)
	for {
		more, err := stmt.Step()
		if err != nil || !more {
			return err // Step has reset the statement
		}
		row(stmt)
	}
}

func bookmark(stmt *sqlite.Stmt) dbsqlc.Bookmark {
	b := dbsqlc.Bookmark{
		ID: stmt.ColumnInt64(0), URL: stmt.ColumnText(1), Title: stmt.ColumnText(2),
		Visits: stmt.ColumnInt64(4), Score: stmt.ColumnFloat(5), CreatedAt: stmt.ColumnInt64(6),
	}
	if !stmt.ColumnIsNull(3) {
		b.Notes = new(stmt.ColumnText(3))
	}
	return b
}

func (s *direct) Get(ctx context.Context, id int64) (b dbsqlc.Bookmark, err error) {
	err = s.with(ctx, getText, func(stmt *sqlite.Stmt) { stmt.BindInt64(1, id) }, func(stmt *sqlite.Stmt) { b = bookmark(stmt) })
	return b, err
}

func (s *direct) Add(ctx context.Context, b dbsqlc.AddBookmarkParams) error {
	return s.with(ctx, addText, func(stmt *sqlite.Stmt) { bind(stmt, &b) }, nil)
}

func bind(stmt *sqlite.Stmt, b *dbsqlc.AddBookmarkParams) {
	stmt.BindText(1, b.URL)
	stmt.BindText(2, b.Title)
	if b.Notes != nil {
		stmt.BindText(3, *b.Notes)
	} else {
		stmt.BindNull(3)
	}
	stmt.BindInt64(4, b.Visits)
	stmt.BindFloat(5, b.Score)
	stmt.BindInt64(6, b.CreatedAt)
}

func (s *direct) List(ctx context.Context, n int64) (all []dbsqlc.Bookmark, err error) {
	err = s.with(ctx, listText, func(stmt *sqlite.Stmt) { stmt.BindInt64(1, n) }, func(stmt *sqlite.Stmt) { all = append(all, bookmark(stmt)) })
	return all, err
}

func (s *direct) Tagged(ctx context.Context, first, n int64) (all []dbsqlc.ListTaggedRow, err error) {
	err = s.with(ctx, taggedText, func(stmt *sqlite.Stmt) {
		stmt.BindInt64(1, first)
		stmt.BindInt64(2, n)
	}, func(stmt *sqlite.Stmt) {
		all = append(all, dbsqlc.ListTaggedRow{ID: stmt.ColumnInt64(0), URL: stmt.ColumnText(1), Title: stmt.ColumnText(2), Tag: stmt.ColumnText(3)})
	})
	return all, err
}

func (s *direct) AddAll(ctx context.Context, all []dbsqlc.AddBookmarkParams) (err error) {
	conn, err := s.pool.Take(ctx)
	if err != nil {
		return err
	}
	defer s.pool.Put(conn)
	end, err := sqlitex.ImmediateTransaction(conn)
	if err != nil {
		return err
	}
	defer end(&err)
	for i := range all {
		if err := step(conn, addText, func(stmt *sqlite.Stmt) { bind(stmt, &all[i]) }, nil); err != nil {
			return err
		}
	}
	return nil
}

func (s *direct) Bulk(ctx context.Context, all []dbsqlc.AddBookmarkParams) error {
	return s.AddAll(ctx, all)
}

func (s *direct) Each(ctx context.Context, visit func(*dbsqlc.Bookmark)) error {
	return s.with(ctx, listText, func(stmt *sqlite.Stmt) { stmt.BindInt64(1, -1) }, func(stmt *sqlite.Stmt) {
		b := bookmark(stmt)
		visit(&b)
	})
}

func (s *direct) GetAll(context.Context, []int64) ([]dbsqlc.Bookmark, error) {
	return nil, store.ErrNone
}
func (s *direct) Visit(context.Context, int64, dbsqlc.AddBookmarkParams) error { return store.ErrNone }
func (s *direct) Batch(context.Context, []dbsqlc.AddBookmarkParams) error      { return store.ErrNone }

func (s *direct) Version(ctx context.Context) (version string, err error) {
	err = s.with(ctx, "SELECT sqlite_version()", func(*sqlite.Stmt) {}, func(stmt *sqlite.Stmt) { version = stmt.ColumnText(0) })
	return version, err
}

func (s *direct) Close() error { return s.pool.Close() }
