package conformance

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/duolite/duolite/db"
)

// A dbtx is the interface that generated code needs of a database.
type dbtx interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
	PrepareContext(context.Context, string) (*sql.Stmt, error)
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

// queries has methods in the form that sqlc generates.
type queries struct{ db dbtx }

func newQueries(db dbtx) *queries { return &queries{db} }

const batchTable = "CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT NOT NULL UNIQUE)"

// add is a :one with RETURNING.
func (q *queries) add(ctx context.Context, x string) (id int64, err error) {
	err = q.db.QueryRowContext(ctx, "-- name: Add :one\nINSERT INTO t (x) VALUES (?1) RETURNING id", x).Scan(&id)
	return id, err
}

// insert is an :exec.
func (q *queries) insert(ctx context.Context, x string) error {
	_, err := q.db.ExecContext(ctx, "-- name: Insert :exec\nINSERT INTO t (x) VALUES (?1)", x)
	return err
}

// find is a :one.
func (q *queries) find(ctx context.Context, id int64) (x string, err error) {
	err = q.db.QueryRowContext(ctx, "-- name: Find :one\nSELECT x FROM t WHERE id = ?1", id).Scan(&x)
	return x, err
}

// list is a :many.
func (q *queries) list(ctx context.Context) ([]string, error) {
	rows, err := q.db.QueryContext(ctx, "-- name: List :many\nSELECT x FROM t ORDER BY x")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := []string{}
	for rows.Next() {
		var x string
		if err := rows.Scan(&x); err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	return all, errors.Join(rows.Close(), rows.Err())
}

// row returns the only row of a query.
func (q *queries) row(ctx context.Context, text string, args ...any) ([]any, error) {
	rows, err := q.db.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	all, err := readAll(rows)
	if err == nil && len(all) != 1 {
		err = fmt.Errorf("%d rows, want 1", len(all))
	}
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

func (q *queries) exec(ctx context.Context, text string, args ...any) (sql.Result, error) {
	return q.db.ExecContext(ctx, text, args...)
}

func (t *tester) batch(on db.Execer, opts ...db.BatchOption) *db.Batch[*queries] {
	return db.NewBatch(on, newQueries, opts...)
}

// queue adds a call with the case's context.
func queue[T any](t *tester, b *db.Batch[*queries], call func(*queries, context.Context) (T, error)) *db.Future[T] {
	return db.Queue(b, func(q *queries) (T, error) { return call(q, t.ctx) })
}

func (t *tester) queueAdd(b *db.Batch[*queries], x string) *db.Future[int64] {
	return db.Queue(b, func(q *queries) (int64, error) { return q.add(t.ctx, x) })
}

func (t *tester) queueInsert(b *db.Batch[*queries], x string) *db.Future[struct{}] {
	return db.QueueExec(b, func(q *queries) error { return q.insert(t.ctx, x) })
}

func (t *tester) queueList(b *db.Batch[*queries]) *db.Future[[]string] {
	return db.Queue(b, func(q *queries) ([]string, error) { return q.list(t.ctx) })
}

func (t *tester) queueRow(b *db.Batch[*queries], text string, args ...any) *db.Future[[]any] {
	return db.Queue(b, func(q *queries) ([]any, error) { return q.row(t.ctx, text, args...) })
}

func (t *tester) queueExec(b *db.Batch[*queries], text string, args ...any) *db.Future[sql.Result] {
	return db.Queue(b, func(q *queries) (sql.Result, error) { return q.exec(t.ctx, text, args...) })
}

// runs fails the case unless the batch is applied.
func (t *tester) runs(b *db.Batch[*queries]) {
	t.Helper()
	if err := b.Run(t.ctx); err != nil {
		t.Fatalf("Run: %v", err)
	}
}

// wantGet checks the result of a call.
func wantGet[T any](t *tester, what string, f *db.Future[T], want T) {
	t.Helper()
	got, err := f.Get()
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	t.equal(what, got, want)
}

// wantAll checks the texts in the table.
func (t *tester) wantAll(want ...string) {
	t.Helper()
	var got []string
	for _, row := range t.rows(t.pool, "SELECT x FROM t ORDER BY x") {
		got = append(got, fmt.Sprint(row[0]))
	}
	t.equal("the table", strings.Join(got, " "), strings.Join(want, " "))
}

// wantFailed checks that a batch failed because of the given call.
func (t *tester) wantFailed(err error, call int, query string, kind error) {
	t.Helper()
	var e *db.BatchError
	if !errors.As(err, &e) {
		t.Fatalf("Run: error %v (%T), want a *db.BatchError", err, err)
	}
	if e.Call != call || e.Query != query {
		t.Errorf("Run: the error %q is of call %d, %q; want %d, %q", err, e.Call, e.Query, call, query)
	}
	if kind != nil {
		t.failsAs("Run", err, kind)
	}
	if errors.Is(err, db.ErrOutcomeUnknown) || errors.Is(err, db.ErrNotApplied) || strings.Contains(err.Error(), "\n") {
		t.Errorf("Run: error %q", err)
	}
}

// wantNotApplied checks that a call failed because another call failed.
func wantNotApplied[T any](t *tester, what string, f *db.Future[T]) {
	t.Helper()
	_, err := f.Get()
	t.failsAs(what, err, db.ErrNotApplied)
	for _, kind := range []error{db.ErrUnique, db.ErrOutcomeUnknown, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, kind) {
			t.Errorf("%s: the error %q is one that is %q", what, err, kind)
		}
	}
}

// wantNotAppliedBy checks that a call failed because the whole batch failed.
func wantNotAppliedBy[T any](t *tester, what string, f *db.Future[T], cause error) {
	t.Helper()
	_, err := f.Get()
	t.failsAs(what, err, db.ErrNotApplied)
	t.failsAs(what, err, cause)
}
