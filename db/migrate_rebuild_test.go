package db_test

import (
	"database/sql"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

const (
	family = "-- +goose Up\n" +
		"CREATE TABLE parent (id INTEGER PRIMARY KEY, old);\n" +
		"CREATE TABLE child (id INTEGER PRIMARY KEY, parent REFERENCES parent ON DELETE CASCADE);\n" +
		"INSERT INTO parent VALUES (1, 'a'), (2, 'b');\nINSERT INTO child VALUES (1, 1), (2, 2), (3, 2);\n"
	// rebuild is what SQLite's manual, Atlas, drizzle-kit and people write.
	// https://sqlite.org/lang_altertable.html#otheralter
	rebuild = "PRAGMA foreign_keys = off;\n" +
		"CREATE TABLE new_parent (id INTEGER PRIMARY KEY, new TEXT);\n" +
		"INSERT INTO new_parent SELECT id, old FROM parent;\n" +
		"DROP TABLE parent;\n" +
		"ALTER TABLE new_parent RENAME TO parent;\n" +
		"PRAGMA foreign_keys = on;\n"
)

// checkForeignKeys wants foreign keys to be on in every connection of the pool, and the rows of child to
// be there.
func checkForeignKeys(t *testing.T, what string, pool *sql.DB) {
	t.Helper()
	check(t, what+": children", get[int](t, pool, "SELECT count(*) FROM child"), 3)
	for range 4 {
		conn, err := pool.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close() // all are held until the end, so each is another
		check(t, what+": foreign keys", get[int](t, conn, "PRAGMA foreign_keys"), 1)
		_, err = conn.ExecContext(t.Context(), "INSERT INTO child (parent) VALUES (7)")
		checkKind(t, what+": an orphan", err, db.ErrForeignKey)
	}
}

// warm opens connections of the pool.
func warm(t *testing.T, pool *sql.DB) {
	t.Helper()
	for range 4 {
		conn, err := pool.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		check(t, "foreign keys", get[int](t, conn, "PRAGMA foreign_keys"), 1)
	}
}

func TestRebuildTable(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		for name, file := range map[string]string{
			"statements":      "-- +goose NO TRANSACTION\n-- +goose Up\n" + rebuild,
			"a block":         "-- +goose NO TRANSACTION\n-- +goose Up\n-- +goose StatementBegin\n" + rebuild + "-- +goose StatementEnd\n",
			"a transaction":   "-- +goose Up\n-- +goose NO TRANSACTION\n" + strings.Replace(strings.Replace(rebuild, "off;", "off;BEGIN;", 1), "TO parent;", "TO parent;\nPRAGMA foreign_key_check;\nCOMMIT;", 1),
			"never on again":  "-- +goose NO TRANSACTION\n-- +goose Up\n" + strings.Replace(rebuild, "PRAGMA foreign_keys = on;", "", 1),
			"in another form": "-- +goose no transaction\n-- +goose Up\n" + strings.Replace(rebuild, "PRAGMA foreign_keys = off", "pragma FOREIGN_KEYS(0)", 1),
		} {
			t.Run(name, func(t *testing.T) {
				pool := d.Open(t, nil)
				execute(t, pool, "DROP TABLE IF EXISTS child", "DROP TABLE IF EXISTS parent", "DROP TABLE IF EXISTS goose_db_version")
				files := migrations("00001_family.sql", family)
				if _, err := db.Migrate(t.Context(), pool, files); err != nil {
					t.Fatal(err)
				}
				warm(t, pool)
				files["00002_rebuild.sql"] = migrations("", file)[""]
				if _, err := db.Migrate(t.Context(), pool, files); err != nil {
					t.Fatal(err)
				}
				check(t, "parents", get[string](t, pool, "SELECT group_concat(new) FROM parent"), "a,b")
				checkForeignKeys(t, "applied", pool)
				if applied, err := db.Migrate(t.Context(), pool, files); len(applied) > 0 || err != nil {
					t.Errorf("again: %v, %v", applied, err)
				}
			})
		}
	})
}

// TestMigrationAfterRebuild is about the migration after one that leaves foreign keys off.
func TestMigrationAfterRebuild(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		execute(t, pool, "DROP TABLE IF EXISTS child", "DROP TABLE IF EXISTS parent", "DROP TABLE IF EXISTS goose_db_version")
		_, err := db.Migrate(t.Context(), pool, migrations("00001_family.sql", family,
			"00002_off.sql", "-- +goose NO TRANSACTION\n-- +goose Up\nPRAGMA foreign_keys = OFF;\nSELECT 1;\n",
			"00003_orphan.sql", "-- +goose Up\nINSERT INTO child (parent) VALUES (77);\n"))
		if !errors.Is(err, db.ErrForeignKey) || !strings.Contains(err.Error(), "00003_orphan.sql") {
			t.Errorf("error %v, want ErrForeignKey of the orphan", err)
		}
		checkForeignKeys(t, "afterwards", pool)
	})
}

// TestRebuildTableFails is about a migration that fails while foreign keys are off.
func TestRebuildTableFails(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		for name, file := range map[string]string{
			"in no transaction":       "-- +goose NO TRANSACTION\n-- +goose Up\nPRAGMA foreign_keys = OFF;\nSELECT * FROM nowhere;\n" + rebuild,
			"in a transaction of its": "-- +goose NO TRANSACTION\n-- +goose Up\nPRAGMA foreign_keys = OFF;\nBEGIN;\nDELETE FROM parent;\nSELECT * FROM nowhere;\nCOMMIT;\nPRAGMA foreign_keys = ON;\n",
			"way down":                "-- +goose NO TRANSACTION\n-- +goose Up\n-- +goose Down\nPRAGMA foreign_keys = OFF;\nSELECT * FROM nowhere;\n",
		} {
			t.Run(name, func(t *testing.T) {
				pool := d.Open(t, nil)
				execute(t, pool, "DROP TABLE IF EXISTS child", "DROP TABLE IF EXISTS parent", "DROP TABLE IF EXISTS goose_db_version")
				files := migrations("00001_family.sql", family)
				if _, err := db.Migrate(t.Context(), pool, files); err != nil {
					t.Fatal(err)
				}
				warm(t, pool)
				files["00002_rebuild.sql"] = migrations("", file)[""]
				_, err := db.Migrate(t.Context(), pool, files)
				if strings.Contains(file, "Down") {
					_, err = db.MigrateDown(t.Context(), pool, files)
				}
				if want := "migration 00002_rebuild.sql: no such table: nowhere (NO TRANSACTION: statements that were committed before it stay)"; err == nil || err.Error() != want {
					t.Errorf("error %v, want %s", err, want)
				}
				check(t, "parents", get[string](t, pool, "SELECT group_concat(old) FROM parent"), "a,b")
				checkForeignKeys(t, "failed", pool)
			})
		}
	})
}

// TestRebuildTableIsOneRequest looks at what is sent: a stream that the server forgets in between would go on
// as another, in which foreign keys are on.
func TestRebuildTableIsOneRequest(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var bodies []string
	proxy := startProxy(t, dbtest.StartServer(t).URL(), func(p *proxy, w http.ResponseWriter, r *http.Request, body []byte) {
		mu.Lock()
		bodies = append(bodies, string(body))
		mu.Unlock()
		p.forward.ServeHTTP(w, r)
	})
	pool := open(t, proxy.URL)
	if _, err := db.Migrate(t.Context(), pool, migrations("00001_family.sql", family, "00002_rebuild.sql", "-- +goose NO TRANSACTION\n-- +goose Up\n"+rebuild)); err != nil {
		t.Fatal(err)
	}
	checkForeignKeys(t, "applied", pool)
	mu.Lock()
	defer mu.Unlock()
	found := 0
	for _, body := range bodies {
		if strings.Contains(body, "DROP TABLE parent") {
			found++
			for _, other := range []string{"foreign_keys = off", "CREATE TABLE new_parent", "foreign_keys = on"} {
				if !strings.Contains(body, other) {
					t.Errorf("%q isn't in the request with DROP TABLE: %s", other, body)
				}
			}
		}
	}
	check(t, "requests with DROP TABLE", found, 1)
}

// TestLongRebuild is about a script that a server wouldn't take at once.
func TestLongRebuild(t *testing.T) {
	t.Parallel()
	head := "-- +goose NO TRANSACTION\n-- +goose Up\n"
	for name, file := range map[string]string{
		"statements": head + rebuild + strings.Repeat("SELECT 1;\n", 500),
		"bytes":      head + "SELECT '" + strings.Repeat("x", 1<<20) + "';\n" + rebuild,
	} {
		pool := open(t, ":memory:")
		_, err := db.Migrate(t.Context(), pool, migrations("00001_family.sql", family, "00002_rebuild.sql", file))
		if want := "migration 00002_rebuild.sql, line 3: a migration with PRAGMA foreign_keys is sent to a server in one request"; err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: error %v, want %s…", name, err, want)
		}
		check(t, "objects", objects(t, pool), "")
	}
}

// TestMigrationWithoutTransactionIsOneConnection would fail if a statement ran on another, where there is no
// such temporary table, and no transaction.
func TestMigrationWithoutTransactionIsOneConnection(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		warm(t, pool)
		text := "-- +goose NO TRANSACTION\n-- +goose Up\nBEGIN;\nCREATE TABLE one (x);\nINSERT INTO one VALUES (7);\nCOMMIT;\n"
		if d.Local() { // sqld has no temporary tables
			text += "CREATE TEMP TABLE there AS SELECT x + 1 AS x FROM one;\nINSERT INTO one SELECT x FROM there;\nDROP TABLE there;\n"
		} else {
			text += "INSERT INTO one VALUES (8);\n"
		}
		migrate(t, pool, migrations("00001_one.sql", text), the(true, 1))
		check(t, "rows", get[string](t, pool, "SELECT group_concat(x) FROM one"), "7,8")
	})
}

// TestMigrationLeavesTransaction is about one that would take its version along when its transaction is
// rolled back.
func TestMigrationLeavesTransaction(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		for text, want := range map[string]string{
			"BEGIN IMMEDIATE;\nCREATE TABLE one (x);\n":                     "migration 00001_one.sql, line 3: BEGIN without COMMIT after it; the later statements would be rolled back",
			"BEGIN;\nCOMMIT;\n\nBEGIN;\nCREATE TABLE one (x);\nSELECT 1;\n": "migration 00001_one.sql, line 6: BEGIN without COMMIT",
			"SAVEPOINT a;\nCREATE TABLE one (x);\n":                         "migration 00001_one.sql: it ended inside a transaction of its own, which was rolled back: it lacks a COMMIT or RELEASE",
		} {
			files := migrations("00001_one.sql", "-- +goose NO TRANSACTION\n-- +goose Up\n"+text)
			applied, err := db.Migrate(t.Context(), pool, files)
			if err == nil || !strings.HasPrefix(err.Error(), want) || len(applied) > 0 {
				t.Errorf("%q: %v, error %v, want %s", text, applied, err, want)
			}
			checkStatus(t, pool, files, the(false, 1))
			check(t, "objects", objects(t, pool), "")
		}
	})
}
