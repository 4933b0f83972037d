package contract

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/internal/sqlite"
)

// connect returns a connection to a database in memory.
func connect(t *testing.T) *conn {
	t.Helper()
	database := sqlite.New(sqlite.Config{Memory: true})
	t.Cleanup(func() { database.Close() })
	noDriver := func(driver.Connector) driver.Driver { return nil }
	connected, err := NewConnector(database, func(err error) error { return err }, noDriver).Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connected.Close() })
	return connected.(*conn)
}

func (c *conn) mustExec(t *testing.T, text string) {
	t.Helper()
	if _, err := c.ExecContext(t.Context(), text, nil); err != nil {
		t.Fatal(err)
	}
}

// TestCacheKeepsLatest wants the statements that were used last to be there, and no more.
func TestCacheKeepsLatest(t *testing.T) {
	t.Parallel()
	c := connect(t)
	text := func(i int) string { return fmt.Sprintf("SELECT %d", i) }
	for i := range 2 * cacheSize {
		c.mustExec(t, text(i))
		c.mustExec(t, text(0))
	}
	if got := len(c.cache.byText); got != cacheSize || c.cache.recent.Len() != got {
		t.Errorf("%d statements in the map, %d in the list, want %d", got, c.cache.recent.Len(), cacheSize)
	}
	for i, want := range map[int]bool{0: true, 1: false, cacheSize: false, cacheSize + 1: true, 2*cacheSize - 1: true} {
		if _, got := c.cache.byText[text(i)]; got != want {
			t.Errorf("%s is kept: %v, want %v", text(i), got, want)
		}
	}
	c.mustExec(t, "SELECT '"+strings.Repeat("x", longestCached)+"'")
	if got := len(c.cache.byText); got != cacheSize {
		t.Errorf("%d statements after a long one, want %d", got, cacheSize)
	}
}

// TestSameTextTwice asks a query again while its rows are open.
func TestSameTextTwice(t *testing.T) {
	t.Parallel()
	c := connect(t)
	c.mustExec(t, "CREATE TABLE t (x)")
	c.mustExec(t, "INSERT INTO t VALUES (1), (2)")
	const query = "SELECT x FROM t ORDER BY x"
	read := func(depth int) {}
	read = func(depth int) {
		rows, err := c.QueryContext(t.Context(), query, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		row := make([]driver.Value, 1)
		for want := int64(1); want <= 2; want++ {
			if err := rows.Next(row); err != nil || row[0] != want {
				t.Fatalf("depth %d: row %v, error %v, want %d", depth, row, err, want)
			}
			if depth < 3 {
				read(depth + 1)
			}
		}
	}
	read(0)
	if _, kept := c.cache.byText[query]; !kept {
		t.Error("the query isn't kept")
	}
}
