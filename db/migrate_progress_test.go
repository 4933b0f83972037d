package db_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
)

// TestMigrateProgress: each migration is reported before and after it is applied, the one that fails only before.
func TestMigrateProgress(t *testing.T) {
	t.Parallel()
	broken := migrations("00001_one.sql", upOne, "00002_two.sql", upTwo, "00003_three.sql", "-- +goose Up\nINSERT INTO nowhere VALUES (1);\n")
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		var reported []db.Migration
		progress := db.WithMigrateProgress(func(m db.Migration, took time.Duration) {
			reported = append(reported, m)
			if !m.Applied {
				check(t, m.Name+": duration at the beginning", took, time.Duration(0))
				return
			}
			status, err := db.MigrationStatus(t.Context(), pool, broken)
			if err != nil || !slices.Contains(status, m) {
				t.Errorf("%s is reported as applied; the status is %v, %v", m.Name, status, err)
			}
		})
		applied, err := db.Migrate(t.Context(), pool, broken, progress)
		check(t, "applied", applied, the(true, 1, 2))
		if want := "migration 00003_three.sql: no such table: nowhere"; err == nil || err.Error() != want {
			t.Errorf("got error %v, want %s", err, want)
		}
		check(t, "reported", reported, slices.Concat(the(false, 1), the(true, 1), the(false, 2), the(true, 2), the(false, 3)))

		reported = nil
		if _, err := db.Migrate(t.Context(), pool, twoFiles, progress); err != nil {
			t.Error(err)
		}
		check(t, "reports about a database that has all", len(reported), 0)
	})
}

// TestMigrateStopsBetween: Migrate can be stopped after a migration, which stays applied.
func TestMigrateStopsBetween(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		applied, err := db.Migrate(ctx, pool, threeFiles, db.WithMigrateProgress(func(m db.Migration, _ time.Duration) {
			if m.Applied {
				cancel()
			}
		}))
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want %v", err, context.Canceled)
		}
		check(t, "applied", applied, the(true, 1))
		migrate(t, pool, threeFiles, the(true, 2, 3))
	})
}

func TestMigrateOptionErrors(t *testing.T) {
	t.Parallel()
	for want, opt := range map[string]db.MigrateOption{
		"db: migrate option 1 is nil":                  nil,
		"db: WithMigrateProgress: the function is nil": db.WithMigrateProgress(nil),
	} {
		_, err := db.Migrate(t.Context(), open(t, ":memory:"), oneFile, opt)
		if !errors.Is(err, db.ErrConfig) || err.Error() != want {
			t.Errorf("got error %v, want %s", err, want)
		}
	}
}
