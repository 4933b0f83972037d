package sqlite

import (
	"testing"

	"github.com/duolite/duolite/db/internal/sqltext"
)

// TestMarkStaysHidden is about a schema that asks for last_insert_rowid() itself.
func TestMarkStaysHidden(t *testing.T) {
	t.Parallel()
	d := New(fileConfig(t, 0))
	c := connect(t, d)
	mustExec(t, c, "CREATE TABLE parent (id INTEGER PRIMARY KEY)")
	mustExec(t, c, "CREATE TABLE child (pid INTEGER DEFAULT (last_insert_rowid()), x)")
	other := connect(t, New(d.(*database).cfg)) // which finds it there
	for _, c := range []*conn{c, other} {
		mustExec(t, c, "DELETE FROM child")
		mustExec(t, c, "REPLACE INTO parent VALUES (7)")
		exec(t, c, sqltext.Insert, "INSERT INTO child (x) VALUES ('a')")
		check(t, "pid", get(t, c, "SELECT pid FROM child"), any(int64(7)))
	}
}
