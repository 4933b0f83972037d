package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/pressly/goose/v3"
)

// A Migration is one file of a schema, and whether a database has it.
type Migration struct {
	// Version is the number that the file's name begins with.
	Version int64
	// Name is the file's name.
	Name string
	// Applied says whether the database has it.
	Applied bool
}

// ErrNewerSchema is returned for a database that has migrations which this program
// doesn't know: a newer program made it. What its tables mean isn't known.
var ErrNewerSchema = errors.New("database has a newer schema than this program")

// ErrNoMigration is returned by [MigrateDown] when there is nothing to roll back.
var ErrNoMigration = errors.New("no migration is applied")

// lockedRetries bounds how often Migrate tries again after it lost a race for the
// database's lock. One lost race is no error: others are migrating, and SQLite doesn't
// queue.
const lockedRetries = 30

// Migrate brings the database to the newest version of the schema in files: SQL
// files in goose's form in its root folder, such as an [embed.FS]. It returns what
// this call applied. On a database that has them all it only reads.
//
// Each migration runs in a transaction of its own, and is applied once even when
// several processes migrate at the same time: the transaction also records the
// version, which can be there only once. Those that come too late find it and go on.
// A migration marked "+goose NO TRANSACTION" has no such protection.
//
// After an error the migrations before the failing one stay applied, the failing one
// isn't, and calling Migrate again goes on from there.
func Migrate(ctx context.Context, pool *sql.DB, files fs.FS) ([]Migration, error) {
	var applied []Migration
	for locked := 0; ; {
		pending, err := pendingMigrations(ctx, pool, files)
		if err != nil || len(pending) == 0 {
			return applied, err
		}
		start := time.Now()
		done, err := migrateUp(ctx, pool, files)
		applied = append(applied, done...)
		switch {
		case err == nil:
			return applied, nil
		case errors.Is(err, ErrBusy) && locked < lockedRetries:
			locked++
			left := len(pending) - len(done)
			if err := awaitOthers(ctx, pool, files, left, lockedWait(locked, time.Since(start))); err != nil {
				return applied, err
			}
		case overtaken(ctx, pool, err):
		default:
			return applied, err
		}
	}
}

// lockedWait returns how long to stay away after a lost race: a random time, in which
// another may be done. It grows with the races that were lost, and with what the last
// one took. For a server takes the lock from a transaction that is older than 5 s as
// soon as another asks for it; so a long migration succeeds only if none does.
func lockedWait(lost int, took time.Duration) time.Duration {
	return rand.N(min(time.Minute, time.Duration(lost)*max(took, 50*time.Millisecond)))
}

// awaitOthers waits, but no longer than until others have applied one of the pending
// migrations. It only reads.
func awaitOthers(ctx context.Context, pool *sql.DB, files fs.FS, pending int, wait time.Duration) error {
	for deadline := time.Now().Add(wait); ; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(time.Second, time.Until(deadline))):
		}
		now, err := pendingMigrations(ctx, pool, files)
		switch {
		case err != nil && !errors.Is(err, ErrBusy):
			return err
		case err == nil && len(now) < pending, !time.Now().Before(deadline):
			return nil
		}
	}
}

// MigrateDown rolls back the newest migration, by its file's Down section, and
// returns it. What that section drops is gone.
func MigrateDown(ctx context.Context, pool *sql.DB, files fs.FS) (Migration, error) {
	all, err := MigrationStatus(ctx, pool, files)
	if err != nil {
		return Migration{}, err
	}
	if !slices.ContainsFunc(all, func(m Migration) bool { return m.Applied }) {
		return Migration{}, ErrNoMigration
	}
	provider, err := newProvider(pool, files)
	if err != nil {
		return Migration{}, err
	}
	result, err := provider.Down(ctx)
	if err != nil {
		return Migration{}, migrationError(err)
	}
	return migrationOf(result, false), nil
}

// MigrationStatus returns the migrations in files, in their order, and which of them
// the database has. It only reads. A database that has others fails with
// [ErrNewerSchema].
func MigrationStatus(ctx context.Context, pool *sql.DB, files fs.FS) ([]Migration, error) {
	provider, err := newProvider(pool, files)
	if err != nil {
		return nil, err
	}
	versions, err := appliedVersions(ctx, pool)
	if err != nil {
		return nil, fmt.Errorf("read the schema's version: %w", err)
	}
	sources := provider.ListSources()
	all := make([]Migration, 0, len(sources))
	for _, source := range sources {
		all = append(all, Migration{source.Version, path.Base(source.Path), versions[source.Version]})
		delete(versions, source.Version)
	}
	for version := range versions {
		return nil, fmt.Errorf("%w (it has version %d; known here: up to %d)",
			ErrNewerSchema, version, sources[len(sources)-1].Version)
	}
	return all, nil
}

func pendingMigrations(ctx context.Context, pool *sql.DB, files fs.FS) ([]Migration, error) {
	all, err := MigrationStatus(ctx, pool, files)
	if err != nil {
		return nil, err
	}
	var pending []Migration
	for _, m := range all {
		if !m.Applied {
			pending = append(pending, m)
		}
	}
	return pending, nil
}

func newProvider(pool *sql.DB, files fs.FS) (*goose.Provider, error) {
	// libSQL speaks SQLite's dialect here; goose's "turso" is the same statements.
	provider, err := goose.NewProvider(goose.DialectSQLite3, pool, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, &migrationsError{"read the migrations: " + engine.OneLine(err.Error()), err}
	}
	return provider, nil
}

func migrateUp(ctx context.Context, pool *sql.DB, files fs.FS) ([]Migration, error) {
	if err := createVersionTable(ctx, pool); err != nil {
		return nil, fmt.Errorf("create the table of versions: %w", err)
	}
	provider, err := newProvider(pool, files)
	if err != nil {
		return nil, err
	}
	results, err := provider.Up(ctx)
	var partial *goose.PartialError
	if errors.As(err, &partial) {
		results = partial.Applied
	}
	var applied []Migration
	for _, result := range results {
		applied = append(applied, migrationOf(result, true))
	}
	return applied, migrationError(err)
}

// versionTable is goose's own, with one thing more: a version is there only once.
// All of it may be run by several processes at a time, and again.
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

// appliedVersions returns the versions that the database has.
func appliedVersions(ctx context.Context, pool *sql.DB) (map[int64]bool, error) {
	versions := map[int64]bool{}
	var tables int
	err := pool.QueryRowContext(ctx,
		`SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version'`).Scan(&tables)
	if err != nil || tables == 0 {
		return versions, err
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

// overtaken reports whether a migration failed because another process has applied
// it meanwhile.
func overtaken(ctx context.Context, pool *sql.DB, err error) bool {
	var partial *goose.PartialError
	if !errors.As(err, &partial) || partial.Failed == nil {
		return false
	}
	versions, readErr := appliedVersions(ctx, pool)
	return readErr == nil && versions[partial.Failed.Source.Version]
}

// migrationError names the file, in words of ours: goose's text says it twice.
func migrationError(err error) error {
	var partial *goose.PartialError
	if !errors.As(err, &partial) || partial.Failed == nil {
		return err
	}
	// goose appends what the rollback said, which is this after a ctx has ended.
	cause := strings.TrimSuffix(engine.OneLine(partial.Err.Error()), "; "+sql.ErrTxDone.Error())
	return &migrationsError{fmt.Sprintf("migration %s: %s", path.Base(partial.Failed.Source.Path), cause), partial}
}

// A migrationsError says in one line what goose says in several or twice.
type migrationsError struct {
	message string
	err     error
}

func (e *migrationsError) Error() string {
	return e.message
}

func (e *migrationsError) Unwrap() error {
	return e.err
}

func migrationOf(result *goose.MigrationResult, applied bool) Migration {
	return Migration{result.Source.Version, path.Base(result.Source.Path), applied}
}
