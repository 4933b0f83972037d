package db_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// An oneByOne opens each connection by the driver alone, as some wrappers do.
type oneByOne struct {
	driver driver.Driver
	url    string
}

func (o oneByOne) Connect(context.Context) (driver.Conn, error) { return o.driver.Open(o.url) }

func (o oneByOne) Driver() driver.Driver { return o.driver }

func openOneByOne(t *testing.T, url string) *sql.DB {
	t.Helper()
	named, err := sql.Open(db.DriverName, url)
	if err != nil {
		t.Fatal(err)
	}
	defer named.Close()
	pool := sql.OpenDB(oneByOne{named.Driver(), url})
	t.Cleanup(func() { pool.Close() })
	return pool
}

// TestDriverOpen wants the connections of a pool to belong together that were opened without a
// connector.
func TestDriverOpen(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{
		"file":   filepath.Join(t.TempDir(), "test.db"),
		"memory": "file:opened-one-by-one?mode=memory",
		"server": dbtest.StartServer(t).URL(),
	} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			pool := openOneByOne(t, url)
			if _, err := pool.ExecContext(ctx, "CREATE TABLE t (x)"); err != nil {
				t.Fatal(err)
			}
			var conns []*sql.Conn
			for range 3 {
				conn, err := pool.Conn(ctx)
				if err != nil {
					t.Fatal(err)
				}
				conns = append(conns, conn)
			}
			for _, conn := range conns {
				if _, err := conn.ExecContext(ctx, "INSERT INTO t VALUES (1)"); err != nil {
					t.Error(err)
				}
				conn.Close()
			}

			// BEGIN on a pool of several connections fails what follows on any of them.
			if _, err := pool.ExecContext(ctx, "BEGIN"); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				conn, err := pool.Conn(ctx)
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				if _, err := conn.ExecContext(ctx, "INSERT INTO t VALUES (2)"); !errors.Is(err, db.ErrTxLost) {
					t.Errorf("after BEGIN on the pool: %v", err)
				}
			}
			if _, err := pool.ExecContext(ctx, "ROLLBACK"); err != nil {
				t.Error(err)
			}
			var n int
			if err := pool.QueryRowContext(ctx, "SELECT count(*) FROM t").Scan(&n); err != nil || n != 3 {
				t.Errorf("%d rows, %v, want 3", n, err)
			}
		})
	}

	t.Run("what is in memory ends with the last connection", func(t *testing.T) {
		const url = "file:opened-one-by-one-for-a-while?mode=memory"
		pool := openOneByOne(t, url)
		if _, err := pool.Exec("CREATE TABLE t (x)"); err != nil {
			t.Fatal(err)
		}
		pool.Close()
		if _, err := openOneByOne(t, url).Exec("INSERT INTO t VALUES (1)"); err == nil {
			t.Error("the table is still there")
		}
	})

	t.Run("a nameless one would be each connection's", func(t *testing.T) {
		for _, url := range []string{":memory:", "file::memory:"} {
			if _, err := openOneByOne(t, url).Exec("CREATE TABLE t (x)"); !errors.Is(err, db.ErrConfig) || !strings.Contains(err.Error(), "file:NAME?mode=memory") {
				t.Errorf("%s: %v", url, err)
			}
		}
	})
}

// TestUncheckedValues sends values as a wrapper does that doesn't forward NamedValueChecker.
func TestUncheckedValues(t *testing.T) {
	t.Parallel()
	conn, err := dbtest.OpenTemp(t, nil).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	quote := func(arg any) (got string, err error) {
		err = conn.Raw(func(raw any) error {
			rows, err := raw.(driver.QueryerContext).QueryContext(t.Context(), "SELECT quote(?)", []driver.NamedValue{{Ordinal: 1, Value: arg}})
			if err != nil {
				return err
			}
			defer rows.Close()
			row := make([]driver.Value, 1)
			err = rows.Next(row)
			got, _ = row[0].(string)
			return err
		})
		return got, err
	}
	for want, arg := range map[string]any{"NULL": []byte(nil), "'2024-03-05 06:07:08'": time.Date(2024, 3, 5, 6, 7, 8, 0, time.UTC), "1": true} {
		if got, err := quote(arg); got != want || err != nil {
			t.Errorf("%#v: %s, %v, want %s", arg, got, err, want)
		}
	}
	for _, arg := range []any{math.NaN(), "\xff", struct{}{}} {
		if got, err := quote(arg); err == nil {
			t.Errorf("%#v: %s, want an error", arg, got)
		}
	}
}
