package migrations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/duolite/duolite/db"
)

// ErrDirty is returned by [Import.Applied] if golang-migrate's last migration failed.
var ErrDirty = errors.New("golang-migrate's last migration failed")

// Applied returns the versions that a database has, as the tool's own table says. It only reads.
func (i *Import) Applied(ctx context.Context, pool *sql.DB) ([]int64, error) {
	var tool, own int
	err := pool.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE name = 'schema_migrations'), count(*) FILTER (WHERE name = 'goose_db_version')
		FROM sqlite_master WHERE type = 'table'`).Scan(&tool, &own)
	switch {
	case err != nil:
		return nil, err
	case own > 0:
		return nil, errors.New("the database has the table goose_db_version already; duolite migrate status shows its migrations")
	case tool == 0:
		return nil, fmt.Errorf("the database has no table schema_migrations, so %s hasn't migrated it", i.Tool)
	}
	var applied []int64
	if i.Tool == Dbmate {
		applied, err = dbmateVersions(ctx, pool)
	} else {
		applied, err = i.golangMigrateVersions(ctx, pool)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s's table schema_migrations: %w", i.Tool, err)
	}
	for _, version := range applied {
		if !slices.ContainsFunc(i.Files, func(f File) bool { return f.Version == version }) {
			return nil, fmt.Errorf("the database has the migration %d, and there is no file with that number", version)
		}
	}
	return applied, nil
}

// golangMigrateVersions: the table has one row, with the newest version. All files up to it are applied.
func (i *Import) golangMigrateVersions(ctx context.Context, pool *sql.DB) ([]int64, error) {
	var newest int64
	var dirty bool
	err := pool.QueryRowContext(ctx, "SELECT version, dirty FROM schema_migrations LIMIT 1").Scan(&newest, &dirty)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, err
	case dirty:
		return nil, fmt.Errorf("%w: version %d is dirty; repair the schema, set the version by migrate force VERSION, and import again", ErrDirty, newest)
	}
	applied := []int64{newest}
	for _, file := range i.Files {
		if file.Version < newest {
			applied = append(applied, file.Version)
		}
	}
	slices.Sort(applied)
	return applied, nil
}

// dbmateVersions: the table has a row for each version.
func dbmateVersions(ctx context.Context, pool *sql.DB) ([]int64, error) {
	rows, err := pool.QueryContext(ctx, "SELECT version FROM schema_migrations")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var applied []int64
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		version, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the version %q is not a number", text)
		}
		applied = append(applied, version)
	}
	slices.Sort(applied)
	return applied, rows.Err()
}

// Mark makes goose's table with these versions, as applied. The tool's table stays.
func Mark(ctx context.Context, pool *sql.DB, versions []int64) error {
	return db.InTx(ctx, pool, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `CREATE TABLE goose_db_version (
			id INTEGER PRIMARY KEY AUTOINCREMENT,
			version_id INTEGER NOT NULL,
			is_applied INTEGER NOT NULL,
			tstamp TIMESTAMP DEFAULT (datetime('now')))`)
		for _, version := range append([]int64{0}, versions...) {
			if err == nil {
				_, err = tx.ExecContext(ctx, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (?, 1)", version)
			}
		}
		return err
	})
}
