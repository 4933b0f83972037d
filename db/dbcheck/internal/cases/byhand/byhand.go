// Package byhand is written by hand as sqlc writes, with mistakes that sqlc 1.31 doesn't
// make: another version might, or an editor.
package byhand

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"iter"
	"slices"
	"strings"
)

type DBTX interface {
	ExecContext(context.Context, string, ...interface{}) (sql.Result, error)
	PrepareContext(context.Context, string) (*sql.Stmt, error)
	QueryContext(context.Context, string, ...interface{}) (*sql.Rows, error)
	QueryRowContext(context.Context, string, ...interface{}) *sql.Row
}

func New(db DBTX) *Queries { return &Queries{db} }

type Queries struct{ db DBTX }

func (q *Queries) exec(ctx context.Context, text string, args ...any) error {
	_, err := q.db.ExecContext(ctx, text, args...)
	return err
}

// many reads all rows; scan takes one.
func many[T any](ctx context.Context, q *Queries, text string, scan func(*sql.Rows, *T) error, args ...any) ([]T, error) {
	rows, err := q.db.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var items []T
	for rows.Next() {
		var i T
		if err := scan(rows, &i); err != nil {
			return nil, err
		}
		items = append(items, i)
	}
	return items, rows.Err()
}

func scanID(rows *sql.Rows, id *int64) error { return rows.Scan(id) }

type SwappedParams struct{ NewName, Name string }

func (q *Queries) Swapped(ctx context.Context, arg SwappedParams) error {
	return q.exec(ctx, "UPDATE users SET name = ?1 WHERE name = ?2", arg.Name, arg.NewName)
}

type SwappedPlainParams struct {
	Name string
	ID   int64
}

func (q *Queries) SwappedPlain(ctx context.Context, arg SwappedPlainParams) error {
	return q.exec(ctx, "UPDATE users SET name = ? WHERE id = ?", arg.ID, arg.Name)
}

type UnusedParams struct {
	ID   int64
	Name string
	Note string
}

func (q *Queries) Unused(ctx context.Context, arg UnusedParams) error {
	return q.exec(ctx, "DELETE FROM users WHERE id = ?1 OR name = ?2", arg.ID, arg.Name)
}

type DoubledParams struct{ K, V string }

func (q *Queries) Doubled(ctx context.Context, arg DoubledParams) error {
	return q.exec(ctx, "DELETE FROM kv WHERE k = ?1 AND v = ?2", arg.K, arg.K)
}

func (q *Queries) TooMany(ctx context.Context, id int64) error {
	return q.exec(ctx, "DELETE FROM users WHERE id = ?1", id, id)
}

type ConstantParams struct {
	ID   int64
	Name string
}

func (q *Queries) Constant(ctx context.Context, arg ConstantParams) error {
	return q.exec(ctx, "DELETE FROM users WHERE id = ?1 AND name = ?2", arg.ID, "")
}

type NilBecomesZeroParams struct {
	Score *float64
	ID    int64
}

func (q *Queries) NilBecomesZero(ctx context.Context, arg NilBecomesZeroParams) error {
	score := 0.0
	if arg.Score != nil {
		score = *arg.Score
	}
	return q.exec(ctx, "UPDATE posts SET score = ?1 WHERE id = ?2", score, arg.ID)
}

func (q *Queries) Backwards(ctx context.Context, ids []int64) ([]int64, error) {
	text := "SELECT id FROM users WHERE id IN (NULL)"
	var args []any
	if len(ids) > 0 {
		text = strings.Replace(text, "NULL", strings.Repeat(",?", len(ids))[1:], 1)
	}
	for _, id := range slices.Backward(ids) {
		args = append(args, id)
	}
	return many(ctx, q, text, scanID, args...)
}

func (q *Queries) TwoOnly(ctx context.Context, ids []int64) ([]int64, error) {
	text := "SELECT id FROM users WHERE id IN (NULL)"
	var args []any
	ids = ids[:min(2, len(ids))]
	if len(ids) > 0 {
		text = strings.Replace(text, "NULL", strings.Repeat(",?", len(ids))[1:], 1)
	}
	for _, id := range ids {
		args = append(args, id)
	}
	return many(ctx, q, text, scanID, args...)
}

type ColumnsSwappedRow struct{ Title, Status string }

func (q *Queries) ColumnsSwapped(ctx context.Context) ([]ColumnsSwappedRow, error) {
	return many(ctx, q, "SELECT title, status FROM posts", func(rows *sql.Rows, i *ColumnsSwappedRow) error {
		return rows.Scan(&i.Status, &i.Title)
	})
}

type ColumnMissingRow struct {
	ID    int64
	Title string
}

func (q *Queries) ColumnMissing(ctx context.Context) ([]ColumnMissingRow, error) {
	return many(ctx, q, "SELECT id, title, status FROM posts", func(rows *sql.Rows, i *ColumnMissingRow) error {
		return rows.Scan(&i.ID, &i.Title)
	})
}

func (q *Queries) OtherLimit(ctx context.Context) ([]int64, error) {
	return many(ctx, q, "SELECT id FROM posts LIMIT 10", scanID)
}

func (q *Queries) OtherCondition(ctx context.Context, views int64) ([]int64, error) {
	return many(ctx, q, "SELECT id FROM posts WHERE views >= ?1", scanID, views)
}

func (q *Queries) Twice(ctx context.Context, id int64) error {
	return errors.Join(q.exec(ctx, "DELETE FROM users WHERE id = ?1", id), q.exec(ctx, "DELETE FROM users WHERE id = ?1", id))
}

func (q *Queries) Panics(ctx context.Context, id int64) error {
	panic("not written yet")
}

// A SealedName can't be made from outside.
type SealedName struct{ name string }

// Hidden and Shown are two.
var Hidden, Shown = SealedName{"a"}, SealedName{"b"}

func (n SealedName) Value() (driver.Value, error) { return n.name, nil }

func (q *Queries) Sealed(ctx context.Context, name SealedName) error {
	return q.exec(ctx, "DELETE FROM users WHERE name = ?1", name)
}

// Gone has no query any more.
func (q *Queries) Gone(ctx context.Context) error {
	return q.exec(ctx, "-- name: Gone :exec\nDELETE FROM kv")
}

// Helper is no generated method, which is no mistake.
func (q *Queries) Helper(ctx context.Context) error {
	return q.exec(ctx, "DELETE FROM kv")
}

type WalkParams struct{ Status, Title string }

const walk = "-- name: Walk :many\nSELECT id FROM posts WHERE status = ?1 AND title = ?2"

func (q *Queries) Walk(ctx context.Context, arg WalkParams) ([]int64, error) {
	return many(ctx, q, walk, scanID, arg.Status, arg.Title)
}

// WalkSeq is right.
func (q *Queries) WalkSeq(ctx context.Context, arg WalkParams) iter.Seq2[int64, error] {
	return q.seq(ctx, arg.Status, arg.Title)
}

// WalkSeqSwapped isn't.
func (q *Queries) WalkSeqSwapped(ctx context.Context, arg WalkParams) iter.Seq2[int64, error] {
	return q.seq(ctx, arg.Title, arg.Status)
}

func (q *Queries) seq(ctx context.Context, args ...any) iter.Seq2[int64, error] {
	return func(yield func(int64, error) bool) {
		ids, err := many(ctx, q, walk, scanID, args...)
		if err != nil {
			yield(0, err)
			return
		}
		for _, id := range ids {
			if !yield(id, nil) {
				return
			}
		}
	}
}

// RenamedSwappedParams has names that sqlc.yaml gave.
type RenamedSwappedParams struct{ Key, Text string }

func (q *Queries) RenamedSwapped(ctx context.Context, arg RenamedSwappedParams) error {
	return q.exec(ctx, "DELETE FROM kv WHERE k = ?1 AND v = ?2", arg.Text, arg.Key)
}
