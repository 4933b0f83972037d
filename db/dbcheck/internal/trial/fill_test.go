package trial

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// TestSlowTable: a table whose trigger takes hours gets no rows, and isn't tried again.
func TestSlowTable(t *testing.T) {
	defer func(d time.Duration) { tableTime = d }(tableTime)
	tableTime = 50 * time.Millisecond
	pool, err := db.Open(t.Context(), ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	_, err = pool.Exec(`CREATE TABLE notes (id INTEGER);
		CREATE TRIGGER slow BEFORE INSERT ON notes BEGIN
			INSERT INTO notes SELECT max(i) FROM (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000000) SELECT i FROM n);
		END`)
	if err != nil {
		t.Fatal(err)
	}
	f := filler{state: &state{pool: pool}, ctx: t.Context(), rand: rand.New(rand.NewPCG(1, 1)), used: map[columnOf]int{}, slow: map[string]bool{}}
	notes := &Table{Name: "notes", Columns: []Column{{Name: "id", Class: value.Int}}}
	for range 2 {
		if n := f.fillTable(notes); n != 0 || !f.slow["notes"] {
			t.Errorf("%d rows, slow: %v; want none, and a slow table", n, f.slow["notes"])
		}
	}
	if _, err := pool.Exec("DROP TRIGGER slow"); err != nil {
		t.Fatal(err)
	}
	if n := f.fillTable(notes); n != 0 {
		t.Errorf("%d rows; want none, since the table was slow before", n)
	}
}
