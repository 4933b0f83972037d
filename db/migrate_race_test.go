package db_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

func init() {
	orders["migrate"] = openAndMigrate
}

// counterMigrations would all succeed if they were run twice, but for the first one.
// The counter tells.
var counterMigrations = fstest.MapFS{
	"00001_counter.sql": {Data: []byte("-- +goose Up\nCREATE TABLE counter (n INTEGER NOT NULL);\nINSERT INTO counter VALUES (0);\n-- +goose Down\nDROP TABLE counter;\n")},
	"00002_one.sql":     {Data: []byte("-- +goose Up\nUPDATE counter SET n = n + 1;\n-- +goose Down\nUPDATE counter SET n = n - 1;\n")},
	"00003_ten.sql":     {Data: []byte("-- +goose Up\nUPDATE counter SET n = n + 10;\n-- +goose Down\nUPDATE counter SET n = n - 10;\n")},
	"00004_table.sql":   {Data: []byte("-- +goose Up\nCREATE TABLE IF NOT EXISTS other (x);\n-- +goose Down\nDROP TABLE IF EXISTS other;\n")},
	"00005_hundred.sql": {Data: []byte("-- +goose Up\nUPDATE counter SET n = n + 50;\nUPDATE counter SET n = n + 50;\n-- +goose Down\nUPDATE counter SET n = n - 100;\n")},
}

const counted = 111

func openAndMigrate(ctx context.Context, url string) error {
	pool, err := db.Open(ctx, url)
	if err != nil {
		return err
	}
	_, err = db.Migrate(ctx, pool, counterMigrations)
	return errors.Join(err, pool.Close())
}

// TestMigrateInManyProcesses starts several processes of a new version at once, as a
// deployment does: each migrates the same database.
func TestMigrateInManyProcesses(t *testing.T) {
	t.Parallel()
	const processes, rounds = 8, 3
	children := startChildren(t, processes)
	for range rounds {
		for _, url := range []string{filepath.Join(t.TempDir(), "app.db"), dbtest.StartServer(t).URL()} {
			for i, answer := range order(t, children, "migrate", url) {
				if answer != "ok" {
					t.Errorf("%s: process %d: %s", url, i, answer)
				}
			}
			checkCounted(t, open(t, url))
		}
	}
}

// TestMigrateInManyPools is the same within a process, and wants each migration to be
// reported by the one pool that applied it.
func TestMigrateInManyPools(t *testing.T) {
	t.Parallel()
	const pools, rounds = 8, 2
	for range rounds {
		dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
			var group sync.WaitGroup
			applied := make([][]db.Migration, pools)
			for i := range pools {
				pool := d.Open(t, nil)
				group.Go(func() {
					var err error
					if applied[i], err = db.Migrate(context.Background(), pool, counterMigrations); err != nil {
						t.Errorf("pool %d: %v", i, err)
					}
				})
			}
			group.Wait()
			reported := map[string]int{}
			for _, migrations := range applied {
				for _, m := range migrations {
					reported[m.Name]++
				}
			}
			want := map[string]int{}
			for name := range counterMigrations {
				want[name] = 1
			}
			check(t, "reports", reported, want)
			checkCounted(t, d.Open(t, nil))
		})
	}
}

// checkCounted wants each of counterMigrations to have been run once, and recorded once.
func checkCounted(t *testing.T, pool *sql.DB) {
	t.Helper()
	check(t, "counter", get[int](t, pool, "SELECT n FROM counter"), counted)
	check(t, "rows of the counter", get[int](t, pool, "SELECT count(*) FROM counter"), 1)
	check(t, "versions", get[string](t, pool,
		"SELECT group_concat(version_id) FROM (SELECT version_id FROM goose_db_version ORDER BY version_id)"), "0,1,2,3,4,5")
}
