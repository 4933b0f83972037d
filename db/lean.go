package db

import (
	"context"
	"database/sql"

	"github.com/duolite/duolite/db/internal/contract"
)

// A LeanDB runs what a pool runs; see [Lean].
type LeanDB struct {
	pool *sql.DB
}

// Lean returns a DBTX on a pool of [Open] that does without the goroutine which
// [database/sql] starts for each query whose context can be canceled, as that of an HTTP
// request can. On a file that is a fourth of a small query (point-ctx in
// docs/performance.md):
//
//	queries := dbsqlc.New(db.Lean(pool))
//
// A context ends a query as it does on the pool. Only rows that nobody reads notice
// nothing: until they are closed they keep their connection, where the pool would take it
// back when their context ends. Methods that sqlc made close their rows.
//
// It makes no difference in a transaction, which has a goroutine of its own, nor on the
// pools of other drivers or of wrappers such as otelsql.
func Lean(pool *sql.DB) *LeanDB { return &LeanDB{pool} }

// ExecContext is [database/sql.DB.ExecContext], which starts no goroutine.
func (l *LeanDB) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return l.pool.ExecContext(ctx, query, args...)
}

// PrepareContext is [database/sql.DB.PrepareContext]. The statement's queries are as on
// the pool.
func (l *LeanDB) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return l.pool.PrepareContext(ctx, query)
}

// QueryContext is [database/sql.DB.QueryContext]. The rows have to be closed, or read to
// their end, also if the context ends.
func (l *LeanDB) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return l.pool.QueryContext(contract.Lean(ctx), query, args...)
}

// QueryRowContext is [database/sql.DB.QueryRowContext]. The row has to be scanned.
func (l *LeanDB) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return l.pool.QueryRowContext(contract.Lean(ctx), query, args...)
}
