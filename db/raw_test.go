package db_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"testing"

	"github.com/duolite/duolite/db/dbtest"
)

// TestConnKeptAfterItsEnd uses a driver's connection that a program has kept from Conn.Raw,
// and what it made of it, after the pool was closed.
func TestConnKeptAfterItsEnd(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := open(t, d.URL, tokenOf(d)...)
		conn, err := pool.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var kept driver.Conn
		if err := conn.Raw(func(c any) error { kept = c.(driver.Conn); return nil }); err != nil {
			t.Fatal(err)
		}
		queryer, execer, preparer := kept.(driver.QueryerContext), kept.(driver.ExecerContext), kept.(driver.ConnPrepareContext)
		stmt, err := preparer.PrepareContext(t.Context(), "SELECT 1")
		if err != nil {
			t.Fatal(err)
		}
		rows, err := queryer.QueryContext(t.Context(), "VALUES (1), (2), (3)", nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(conn.Close(), pool.Close()); err != nil {
			t.Fatal(err)
		}
		for what, use := range map[string]func() error{
			"Query":        func() error { _, err := queryer.QueryContext(t.Context(), "SELECT 1", nil); return err },
			"Exec":         func() error { _, err := execer.ExecContext(t.Context(), "SELECT 1", nil); return err },
			"Prepare":      func() error { _, err := preparer.PrepareContext(t.Context(), "SELECT 1"); return err },
			"a statement":  func() error { _, err := stmt.(driver.StmtQueryContext).QueryContext(t.Context(), nil); return err },
			"BeginTx":      func() error { _, err := kept.(driver.ConnBeginTx).BeginTx(t.Context(), driver.TxOptions{}); return err },
			"Ping":         func() error { return kept.(driver.Pinger).Ping(context.Background()) },
			"ResetSession": func() error { return kept.(driver.SessionResetter).ResetSession(t.Context()) },
			"rows":         func() error { return rows.Next(make([]driver.Value, 1)) },
		} {
			if err := use(); !errors.Is(err, driver.ErrBadConn) && !(what == "rows" && errors.Is(err, io.EOF)) {
				t.Errorf("%s: error %v, want driver.ErrBadConn", what, err)
			}
		}
		if kept.(driver.Validator).IsValid() {
			t.Error("it is valid")
		}
		if err := errors.Join(rows.Close(), stmt.Close(), kept.Close()); err != nil {
			t.Error(err)
		}
	})
}
