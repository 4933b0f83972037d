package sqlite

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/internal/sqlite/pagecache"
)

// An otherDriver is a file of modernc.org/sqlite's driver.
type otherDriver struct {
	path string
	pool *sql.DB
	conn *sql.Conn
}

func openOther(t *testing.T) *otherDriver {
	t.Helper()
	path := filepath.Join(t.TempDir(), "other.db")
	pool, err := sql.Open("sqlite", path)
	must(t, err)
	t.Cleanup(func() { pool.Close() })
	conn, err := pool.Conn(t.Context())
	must(t, err)
	t.Cleanup(func() { conn.Close() })
	return &otherDriver{path, pool, conn}
}

// use writes and reads more than the page cache has room for, and checks the file.
func (o *otherDriver) use(t *testing.T) {
	t.Helper()
	for _, statement := range []string{
		"PRAGMA cache_size = 20", "CREATE TABLE t (i, x)", strings.Replace(insertMany, "?", "300", 1), "CREATE INDEX by_x ON t (x)",
		"DELETE FROM t WHERE i % 3 = 0", "VACUUM", "PRAGMA shrink_memory",
	} {
		_, err := o.conn.ExecContext(t.Context(), statement)
		must(t, err)
	}
	var rows int
	var sound string
	must(t, o.conn.QueryRowContext(t.Context(), "SELECT count(DISTINCT x) FROM t").Scan(&rows))
	must(t, o.conn.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&sound))
	check(t, "rows and integrity", fmt.Sprint(rows, " ", sound), "200 ok")
}

// checkUntouched wants the driver's connection to be as it is in a program without this package.
func (o *otherDriver) checkUntouched(t *testing.T) {
	t.Helper()
	must(t, o.conn.Raw(func(c any) error {
		handle := uintptr(reflect.ValueOf(c).Elem().FieldByName("db").Uint())
		_, ours := pagecache.StatsOf(cacheAt(handle))
		check(t, "its page cache is ours", ours, false)
		return nil
	}))
	for pragma, want := range map[string]string{"journal_mode": "delete", "foreign_keys": "0", "synchronous": "2", "busy_timeout": "0"} {
		var got string
		must(t, o.conn.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got))
		check(t, pragma, got, want)
	}
	var quoted string
	must(t, o.conn.QueryRowContext(t.Context(), `SELECT "a name in double quotes"`).Scan(&quoted))
	if runtime.GOOS != "windows" {
		plain := filepath.Join(t.TempDir(), "plain")
		must(t, os.WriteFile(plain, nil, 0o644)) // with the umask
		want, err := os.Stat(plain)
		must(t, err)
		got, err := os.Stat(o.path)
		must(t, err)
		check(t, "mode", got.Mode(), want.Mode())
	}
	check(t, "default file system", fileSystems()[0], map[bool]string{true: "win32", false: "unix"}[runtime.GOOS == "windows"])
}
