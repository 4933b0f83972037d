package sqlitevec_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/duolite/duolite/db/internal/sqlite/pagecache"
	_ "github.com/duolite/duolite/db/sqlitevec"
	"github.com/google/go-cmp/cmp"
)

// TestPageCache: sqlite-vec has initialized SQLite before this, and the page cache is there.
func TestPageCache(t *testing.T) {
	if !pagecache.Install() {
		t.Error("the page cache couldn't be set")
	}
}

// TestCopy: a table vec0 is copied with the tables behind it, of which SQLite knows only some as such.
func TestCopy(t *testing.T) {
	var pools [2]*sql.DB
	for i := range pools {
		pool, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "app.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		pools[i] = pool
	}
	for _, statement := range []string{
		"CREATE VIRTUAL TABLE v USING vec0 (id INTEGER PRIMARY KEY, e float[2], +word TEXT, part INTEGER PARTITION KEY)",
		"INSERT INTO v VALUES (3, '[1, 2]', 'one', 1), (4, '[3, 4]', 'two', 1)",
		"VACUUM",
	} {
		if _, err := pools[0].ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Copy(t.Context(), pools[0], pools[1]); err != nil {
		t.Fatal(err)
	}
	if _, err := pools[1].ExecContext(t.Context(), "INSERT INTO v VALUES (5, '[5, 6]', 'three', 1)"); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{"[3, 4]": "two", "[5, 6]": "three"} {
		var word string
		if err := pools[1].QueryRowContext(t.Context(), "SELECT word FROM v WHERE e MATCH ? AND k = 1", query).Scan(&word); err != nil || word != want {
			t.Errorf("the nearest of %s is %q, %v; want %q", query, word, err, want)
		}
	}
}

func TestFunctions(t *testing.T) {
	for name, url := range map[string]string{"file": filepath.Join(t.TempDir(), "app.db"), "memory": ":memory:"} {
		t.Run(name, func(t *testing.T) {
			pool, err := db.Open(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			defer pool.Close()
			if _, err := pool.ExecContext(t.Context(), "CREATE VIRTUAL TABLE v USING vec0 (id INTEGER PRIMARY KEY, e float[2])"); err != nil {
				t.Fatal(err)
			}
			for i, v := range []dbtype.Vector{{1, 0}, {0, 1}, {0.6, 0.8}} {
				if _, err := pool.ExecContext(t.Context(), "INSERT INTO v VALUES (?, ?)", i+1, v); err != nil {
					t.Fatal(err)
				}
			}
			query := dbtype.Vector{0.8, 0.6}
			rows, err := pool.QueryContext(t.Context(), "SELECT id, e, vec_to_json(e) FROM v WHERE e MATCH ? AND k = 2 ORDER BY distance", query)
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			var ids []int
			for rows.Next() {
				var id int
				var e, again dbtype.Vector
				if err := rows.Scan(&id, &e, &again); err != nil {
					t.Fatal(err)
				}
				if !cmp.Equal(e, again) {
					t.Errorf("the BLOB is %v, the JSON is %v", e, again)
				}
				ids = append(ids, id)
			}
			if diff := cmp.Diff([]int{3, 1}, ids); diff != "" || rows.Err() != nil {
				t.Errorf("%v (-want +got):\n%s", rows.Err(), diff)
			}
			var distance float64
			if err := pool.QueryRowContext(t.Context(), "SELECT vec_distance_cosine(?1, ?1)", query).Scan(&distance); err != nil || distance > 1e-6 {
				t.Errorf("the distance of a vector from itself: %v, %v", distance, err)
			}
		})
	}
}
