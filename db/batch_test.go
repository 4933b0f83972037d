package db_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

type dbtx interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
	PrepareContext(context.Context, string) (*sql.Stmt, error)
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	QueryRowContext(context.Context, string, ...any) *sql.Row
}
type tq struct{ db dbtx }

func newTQ(d dbtx) *tq { return &tq{d} }

func (q *tq) add(ctx context.Context, x string) (id int64, err error) {
	err = q.db.QueryRowContext(ctx, "-- name: Add :one\nINSERT INTO t (x) VALUES (?) RETURNING id", x).Scan(&id)
	return id, err
}

func TestSmoke(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		execute(t, pool, "CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT UNIQUE)")
		b := db.NewBatch(pool, newTQ)
		ctx := t.Context()
		f1 := db.Queue(b, func(q *tq) (int64, error) { return q.add(ctx, "a") })
		f2 := db.Queue(b, func(q *tq) (int64, error) { return q.add(ctx, "b") })
		t.Log(b.Run(ctx))
		t.Log(f1.Get())
		t.Log(f2.Get())
		b = db.NewBatch(pool, newTQ)
		f1 = db.Queue(b, func(q *tq) (int64, error) { return q.add(ctx, "c") })
		f2 = db.Queue(b, func(q *tq) (int64, error) { return q.add(ctx, "b") })
		t.Log(b.Run(ctx))
		t.Log(f1.Get())
		t.Log(f2.Get())
	})
}
