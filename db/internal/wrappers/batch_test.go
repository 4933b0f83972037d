package wrappers_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/duolite/duolite/db"
)

type dbtx interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

// TestBatch: a batch goes through in one piece, on the pool and in a transaction.
func TestBatch(t *testing.T) {
	each(t, func(h *home) {
		h.exec(h.pool, "CREATE TABLE t (x UNIQUE)")
		run := func(on db.Execer, values ...int) error {
			b := db.NewBatch(on, func(d dbtx) dbtx { return d })
			for _, value := range values {
				db.QueueExec(b, func(d dbtx) error {
					_, err := d.ExecContext(h.Context(), "INSERT INTO t VALUES (?)", value)
					return err
				})
			}
			return b.Run(h.Context())
		}
		if err := run(h.pool, 1, 2); h.lacks.checker {
			if err == nil {
				h.Error("a batch runs without NamedValueChecker")
			}
			h.want(h.pool, "SELECT count(*) FROM t", int64(0))
			return
		} else if err != nil {
			h.Fatal(err)
		}
		if err := run(h.pool, 3, 1); !errors.Is(err, db.ErrUnique) {
			h.Errorf("a batch that fails: %v", err)
		}
		h.want(h.pool, "SELECT count(*) FROM t", int64(2))
		tx, err := h.pool.BeginTx(h.Context(), nil)
		if err != nil {
			h.Fatal(err)
		}
		defer tx.Rollback()
		if err := run(tx, 3, 1); !errors.Is(err, db.ErrUnique) {
			h.Errorf("a batch in a transaction that fails: %v", err)
		}
		if err := errors.Join(run(tx, 3, 4), tx.Commit()); err != nil {
			h.Error(err)
		}
		h.want(h.pool, "SELECT count(*) FROM t", int64(4))
	})
}

// TestStreamedRows: rows come as they are read, and end with their context.
func TestStreamedRows(t *testing.T) {
	each(t, func(h *home) {
		h.exec(h.pool, "CREATE TABLE t (x)")
		h.exec(h.pool, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000) INSERT INTO t SELECT hex(zeroblob(500)) FROM n")
		ctx, cancel := context.WithCancel(h.Context())
		defer cancel()
		rows, err := h.pool.QueryContext(ctx, "SELECT x FROM t") // 20 MB
		if err != nil {
			h.Fatal(err)
		}
		defer rows.Close()
		for range 10000 {
			if !rows.Next() {
				h.Fatalf("the rows end: %v", rows.Err())
			}
		}
		cancel()
		n := 0
		for rows.Next() {
			n++
		}
		if err := rows.Err(); !errors.Is(err, context.Canceled) {
			h.Errorf("after %d rows more: %v", n, err)
		}
	})
}
