package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// versionTable creates goose's table, with an additional unique index on the version. Several
// processes may run the statements at the same time, and repeatedly.
var versionTable = []string{
	`CREATE TABLE IF NOT EXISTS goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	)`,
	`CREATE UNIQUE INDEX IF NOT EXISTS goose_db_version_once ON goose_db_version (version_id)`,
	`INSERT OR IGNORE INTO goose_db_version (version_id, is_applied) VALUES (0, 1)`,
}

func createVersionTable(ctx context.Context, pool *sql.DB) error {
	for _, statement := range versionTable {
		if _, err := pool.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// appliedVersions returns the versions of the applied migrations.
func appliedVersions(ctx context.Context, pool *sql.DB) (map[int64]bool, error) {
	versions := map[int64]bool{}
	var tables int
	err := pool.QueryRowContext(ctx,
		`SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version'`).Scan(&tables)
	if err != nil {
		return nil, err
	}
	if tables == 0 {
		return versions, otherTool(ctx, pool)
	}
	rows, err := pool.QueryContext(ctx, `SELECT version_id FROM goose_db_version WHERE is_applied AND version_id > 0`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var version int64
		if err := rows.Scan(&version); err != nil {
			return nil, err
		}
		versions[version] = true
	}
	return versions, rows.Err()
}

// latestVersion returns the version that was applied last, or 0.
func latestVersion(ctx context.Context, pool *sql.DB) (int64, error) {
	var version int64
	err := pool.QueryRowContext(ctx,
		`SELECT version_id FROM goose_db_version WHERE is_applied AND version_id > 0 ORDER BY id DESC LIMIT 1`).Scan(&version)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return version, err
}

// tools lists the tables in which other tools store their versions.
var tools = []struct{ table, name string }{
	{"schema_migrations", ""}, // used by several tools
	{"gorp_migrations", "sql-migrate"},
	{"atlas_schema_revisions", "Atlas"},
	{"flyway_schema_history", "Flyway"},
	{"_prisma_migrations", "Prisma"},
	{"__drizzle_migrations", "Drizzle"},
}

// otherTool returns an error if another tool has migrated the database. The first migration
// would collide with its tables.
func otherTool(ctx context.Context, pool *sql.DB) error {
	for _, tool := range tools {
		var text string
		err := pool.QueryRowContext(ctx, `SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?`, tool.table).Scan(&text)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			continue
		case err != nil:
			return err
		}
		if tool.name == "" {
			tool.name = ownerOfSchemaMigrations(text)
		}
		if tool.name != "" {
			return fmt.Errorf("the database was migrated by %s (it has the table %s, and no goose_db_version); record in goose_db_version which of the files it has already, %s",
				tool.name, tool.table, recordBy(tool.name))
		}
	}
	return nil
}

// recordBy says how to record the versions that another tool has applied.
func recordBy(tool string) string {
	switch tool {
	case "golang-migrate", "dbmate":
		return "by duolite migrate import FOLDER --db URL, or as the documentation of db.Migrate shows"
	default:
		return "as the documentation of db.Migrate shows"
	}
}

// ownerOfSchemaMigrations returns the tool to which the table's columns belong, or "" if it
// may be the program's own.
func ownerOfSchemaMigrations(text string) string {
	text = strings.Join(strings.Fields(strings.ToLower(text)), " ")
	switch {
	case strings.Contains(text, "version uint64") && strings.Contains(text, "dirty bool"):
		return "golang-migrate"
	case strings.Contains(text, "version varchar"), strings.Contains(text, `"version" varchar`):
		return "dbmate"
	default:
		return ""
	}
}
