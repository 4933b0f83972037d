package wrappers_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/duolite/duolite/db"
)

// TestTransactionLeftOpen: what the next borrower writes is committed by itself.
func TestTransactionLeftOpen(t *testing.T) {
	each(t, func(h *home) {
		if h.lacks.reset && h.lacks.validator {
			h.Skip("nothing tells the driver that a connection has another borrower")
		}
		h.exec(h.pool, "CREATE TABLE t (x)")
		for range 3 {
			conn := h.conn()
			h.exec(conn, "BEGIN")
			h.exec(conn, "INSERT INTO t VALUES ('lost')")
			if err := conn.Close(); err != nil {
				h.Fatal(err)
			}
			h.exec(h.pool, "INSERT INTO t VALUES ('kept')")
		}
		h.want(h.openPool(1), "SELECT group_concat(x) FROM t", "kept,kept,kept")
	})
}

// TestCommitAfterCancel: the pool goes on after a COMMIT whose context had ended.
func TestCommitAfterCancel(t *testing.T) {
	each(t, func(h *home) {
		if h.lacks.reset && h.lacks.validator {
			h.Skip("nothing tells the driver that a connection has another borrower")
		}
		h.exec(h.pool, "CREATE TABLE t (x)")
		conn := h.conn()
		h.exec(conn, "BEGIN")
		h.exec(conn, "INSERT INTO t VALUES ('lost')")
		ctx, cancel := context.WithCancel(h.Context())
		cancel()
		if _, err := conn.ExecContext(ctx, "COMMIT"); !errors.Is(err, context.Canceled) {
			h.Fatalf("COMMIT: %v", err)
		}
		conn.Close()
		for range 20 {
			h.exec(h.pool, "INSERT INTO t VALUES ('kept')")
		}
		h.want(h.openPool(1), "SELECT count(*) FROM t WHERE x = 'kept'", int64(20))
		h.want(h.openPool(1), "SELECT count(*) FROM t WHERE x = 'lost'", int64(0))
	})
}

// TestSettings: a PRAGMA of one borrower isn't met by the next.
func TestSettings(t *testing.T) {
	each(t, func(h *home) {
		if h.lacks.reset && h.lacks.validator {
			h.Skip("nothing tells the driver that a connection has another borrower")
		}
		conn := h.conn()
		h.exec(conn, "PRAGMA foreign_keys = OFF")
		conn.Close()
		for range 5 {
			h.want(h.pool, "PRAGMA foreign_keys", int64(1))
		}
	})
}

// TestTransactions: a transaction holds what it holds without a wrapper.
func TestTransactions(t *testing.T) {
	each(t, func(h *home) {
		h.exec(h.pool, "CREATE TABLE t (x UNIQUE)")
		tx, err := h.pool.BeginTx(h.Context(), &sql.TxOptions{ReadOnly: true})
		if err != nil {
			h.Fatal(err)
		}
		if _, err := tx.ExecContext(h.Context(), "INSERT INTO t VALUES (1)"); !errors.Is(err, db.ErrReadOnly) {
			h.Errorf("a write in a read-only transaction: %v", err)
		}
		tx.Rollback()

		// One that is over stays over.
		ctx, cancel := context.WithCancel(h.Context())
		if tx, err = h.pool.BeginTx(ctx, nil); err != nil {
			h.Fatal(err)
		}
		h.exec(tx, "INSERT INTO t VALUES (1)")
		cancel()
		tx.ExecContext(h.Context(), "INSERT INTO t VALUES (2)") // database/sql may not have noticed yet
		if err := tx.Commit(); err == nil {
			h.Error("a transaction whose context has ended was committed")
		}
		h.want(h.pool, "SELECT count(*) FROM t", int64(0))

		// The library's own.
		err = db.InTx(h.Context(), h.pool, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(h.Context(), "INSERT INTO t VALUES (3)")
			return err
		})
		if err != nil {
			h.Error(err)
		}
		h.want(h.pool, "SELECT count(*) FROM t", int64(1))
	})
}

// TestScript: several statements in one Exec are all or nothing.
func TestScript(t *testing.T) {
	each(t, func(h *home) {
		h.exec(h.pool, "CREATE TABLE t (x UNIQUE); INSERT INTO t VALUES (1)")
		if _, err := h.pool.ExecContext(h.Context(), "INSERT INTO t VALUES (2); INSERT INTO t VALUES (1)"); !errors.Is(err, db.ErrUnique) {
			h.Errorf("a script that fails: %v", err)
		}
		h.want(h.pool, "SELECT count(*) FROM t", int64(1))
	})
}

// TestBeginOnPool: after BEGIN on the pool itself nothing is committed by itself.
func TestBeginOnPool(t *testing.T) {
	each(t, func(h *home) {
		if h.lacks.reset && h.lacks.validator {
			h.Skip("nothing tells the driver that a connection has another borrower")
		}
		h.exec(h.pool, "CREATE TABLE t (x)")
		h.conn() // so that there are several connections
		h.exec(h.pool, "BEGIN")
		if _, err := h.pool.ExecContext(h.Context(), "INSERT INTO t VALUES (1)"); !errors.Is(err, db.ErrTxLost) {
			h.Errorf("after BEGIN on the pool: %v", err)
		}
		h.exec(h.pool, "ROLLBACK")
		h.want(h.pool, "SELECT count(*) FROM t", int64(0))
	})
}
