package db_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"path/filepath"
	"strings"
	"testing"

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
