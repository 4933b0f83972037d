package examples_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/schema"
	"github.com/pressly/goose/v3"
)

// The programs of this file are written as they are for any driver of SQLite, and know
// nothing of duolite but its name.

// TestHandWritten runs one that has no generated code: a schema in one string, a
// prepared statement in a transaction, times and NULLs, a row that isn't there.
func TestHandWritten(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		source := d.URL
		if d.Token != "" {
			source += "?authToken=" + d.Token
		}
		pool, err := sql.Open(db.DriverName, source)
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		if err := keepDiary(t.Context(), pool); err != nil {
			t.Fatal(err)
		}
	})
}

func keepDiary(ctx context.Context, pool *sql.DB) error {
	if _, err := pool.ExecContext(ctx, `
		CREATE TABLE IF NOT EXISTS entries (
			id      INTEGER PRIMARY KEY AUTOINCREMENT,
			day     DATE NOT NULL UNIQUE,
			text    TEXT NOT NULL,
			mood    INTEGER,
			written TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
		);
		CREATE INDEX IF NOT EXISTS entries_mood ON entries (mood); -- for the statistics
	`); err != nil {
		return fmt.Errorf("make the tables: %w", err)
	}

	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	insert, err := tx.PrepareContext(ctx, "INSERT INTO entries (day, text, mood, written) VALUES (?, ?, ?, ?)")
	if err != nil {
		return err
	}
	defer insert.Close()
	first := time.Date(2026, 11, 1, 20, 15, 0, 123456789, time.FixedZone("CET", 3600))
	for i := range 3 {
		mood := sql.NullInt64{Int64: int64(i), Valid: i > 0}
		if _, err := insert.ExecContext(ctx, first.AddDate(0, 0, i).Format(time.DateOnly), "…", mood, first.AddDate(0, 0, i)); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}

	var written time.Time
	var mood sql.NullInt64
	if err := pool.QueryRowContext(ctx, "SELECT written, mood FROM entries WHERE day = ?", "2026-11-01").Scan(&written, &mood); err != nil {
		return err
	}
	if !written.Equal(first) || mood.Valid {
		return fmt.Errorf("written at %v, mood %v", written, mood)
	}
	var since int
	if err := pool.QueryRowContext(ctx, "SELECT count(*) FROM entries WHERE written > ?", first).Scan(&since); err != nil || since != 2 {
		return fmt.Errorf("%d entries since the first, error %v", since, err)
	}
	if err := pool.QueryRowContext(ctx, "SELECT text FROM entries WHERE day = ?", "1999-01-01").Scan(new(string)); !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("error %v for a day without an entry", err)
	}
	return nil
}

// TestGoose runs goose as its users do, without db.Migrate.
func TestGoose(t *testing.T) {
	t.Parallel()
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, nil)
		provider, err := goose.NewProvider(goose.DialectSQLite3, pool, schema.FS)
		if err != nil {
			t.Fatal(err)
		}
		up, err := provider.Up(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		down, err := provider.DownTo(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		again, err := provider.Up(t.Context())
		if err != nil || len(up) == 0 || len(down) != len(up) || len(again) != len(up) {
			t.Errorf("%d migrations up, %d down, %d up again, error %v", len(up), len(down), len(again), err)
		}
	})
}
