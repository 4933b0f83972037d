package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
)

// A Migration is a file of a schema, and whether a database has it.
type Migration struct {
	// Version is the number at the beginning of the file name.
	Version int64
	// Name is the file name.
	Name string
	// Applied reports whether the database has the migration.
	Applied bool
}

// ErrNewerSchema is returned if the database has migrations that this program doesn't have. A
// newer program or a Go migration of goose applied them, so the program doesn't know their
// tables.
var ErrNewerSchema = errors.New("database has a newer schema than this program")

// ErrNoMigration is returned by [MigrateDown] if no migration is applied.
var ErrNoMigration = errors.New("no migration is applied")

// lockedRetries is how often Migrate retries after other processes held the database's lock.
// SQLite has no queue for locks, so one failure is normal while others migrate.
const lockedRetries = 30

// Migrate brings the database to the newest version of the schema in files. These are SQL
// files in goose's form in the root folder of, for example, an [embed.FS]. Migrate returns the
// migrations that this call applied. If the database has all migrations, Migrate only reads.
//
// Each migration runs in a transaction of its own, and is applied once even if several
// processes migrate at the same time: the transaction also stores the version number, which is
// unique. Processes that lose the race see that version and continue.
//
// After an error the earlier migrations remain applied, and the failed one is rolled back.
// Calling Migrate again continues from there.
//
// A file with the line "-- +goose NO TRANSACTION" isn't protected in this way: statements
// before an error remain applied, and the file may run twice. It is for statements that can't
// run in a transaction, such as VACUUM, or PRAGMA foreign_keys = OFF while a table is rebuilt.
// A section with that PRAGMA runs as one script. On a server it is one request, limited by the
// context or [WithRequestTimeout]. Foreign keys are on again afterwards, also after an error.
// Inside a transaction SQLite would ignore the PRAGMA, and DROP TABLE would delete the rows of
// other tables.
//
// Migrate reads all pending files before it runs the first. Files that aren't in goose's form,
// and statements that have no effect in a transaction, are errors that name the file and the
// line. A pending file whose number comes before an applied one's is an error that names both.
// Statements are split as SQLite splits them, so a trigger of several lines needs no
// StatementBegin and StatementEnd.
//
// Migrate refuses a database that another tool has migrated. To continue with goose's form,
// create the table goose_db_version with the versions of the files that are already applied:
//
//	CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL,
//		is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')));
//	INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1), (2, 1);
//
// duolite migrate import does this for golang-migrate and dbmate, and writes their files in goose's form.
func Migrate(ctx context.Context, pool *sql.DB, files fs.FS, opts ...MigrateOption) ([]Migration, error) {
	var cfg migrateConfig
	if err := apply("migrate option", &cfg, opts); err != nil {
		return nil, err
	}
	var applied []Migration
	for locked := 0; ; {
		pending, err := pendingMigrations(ctx, pool, files)
		if err != nil || len(pending) == 0 {
			return applied, err
		}
		rendered, err := readUp(files, pending)
		if err != nil {
			return applied, err
		}
		start := time.Now()
		done, err := migrateUp(ctx, pool, pending, rendered, cfg.progress)
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

// A MigrateOption is an option of [Migrate].
type MigrateOption func(*migrateConfig) error

type migrateConfig struct {
	progress func(m Migration, took time.Duration) // may be nil
}

// WithMigrateProgress calls fn before each migration, with Applied false and a duration of 0, and after it was applied, with
// Applied true and the duration. After another process has held the lock, a migration begins again, and fn is called again.
// By default Migrate reports nothing before its end.
func WithMigrateProgress(fn func(m Migration, took time.Duration)) MigrateOption {
	return func(c *migrateConfig) error {
		if fn == nil {
			return errors.New("WithMigrateProgress: the function is nil")
		}
		c.progress = fn
		return nil
	}
}

// lockedWait returns the pause after a failure to get the lock: a random time, in which
// another process may finish. It grows with the number of failures and the duration of the
// last attempt. A server takes the lock from a transaction that is older than 5 s if another
// client asks for it, so a long migration succeeds only while no other client asks.
func lockedWait(lost int, took time.Duration) time.Duration {
	return rand.N(min(time.Minute, time.Duration(lost)*max(took, 50*time.Millisecond)))
}

// awaitOthers waits, at most for wait, until another process has applied a pending migration.
// It only reads.
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

// MigrateDown rolls back the newest migration by running the Down section of its file, and
// returns that migration. Tables and columns that the section drops are lost.
func MigrateDown(ctx context.Context, pool *sql.DB, files fs.FS) (Migration, error) {
	all, err := MigrationStatus(ctx, pool, files)
	if err != nil {
		return Migration{}, err
	}
	latest, err := latestVersion(ctx, pool)
	if err != nil {
		return Migration{}, err
	}
	at := slices.IndexFunc(all, func(m Migration) bool { return m.Version == latest })
	if at < 0 {
		return Migration{}, ErrNoMigration
	}
	rendered, err := readDown(files, all[at])
	if err != nil {
		return Migration{}, err
	}
	provider, err := newProvider(pool, rendered)
	if err != nil {
		return Migration{}, err
	}
	result, err := provider.Down(ctx)
	if err != nil {
		return Migration{}, migrationError(err, rendered)
	}
	return migrationOf(result, false), nil
}

// MigrationStatus returns the migrations in files, in order, and reports which of them are
// applied. It only reads. It fails with [ErrNewerSchema] if the database has other migrations.
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
	if len(versions) > 0 {
		return nil, unknownVersion(versions, sources[len(sources)-1].Version)
	}
	return all, nil
}

// unknownVersion returns the error for versions that the database has and files doesn't. It
// names the newest one.
func unknownVersion(versions map[int64]bool, newest int64) error {
	version := slices.Max(slices.Collect(maps.Keys(versions)))
	if version > newest {
		return fmt.Errorf("%w (it has version %d; known here: up to %d)", ErrNewerSchema, version, newest)
	}
	return &migrationsError{fmt.Sprintf("the database has the migration %d, but there is no file with that number: it is a Go migration of goose, which db.Migrate doesn't run, or the file was removed; add %05d_NAME.sql with the line -- +goose Up alone, or run the migrations with goose itself (goose.NewProvider takes the same pool)",
		version, version), ErrNewerSchema}
}

// pendingMigrations returns the migrations that the database doesn't have. One before an applied one is an error: it was written for
// an older schema.
func pendingMigrations(ctx context.Context, pool *sql.DB, files fs.FS) ([]Migration, error) {
	all, err := MigrationStatus(ctx, pool, files)
	if err != nil {
		return nil, err
	}
	var pending []Migration
	for _, m := range all {
		switch {
		case !m.Applied:
			pending = append(pending, m)
		case len(pending) > 0:
			return nil, fmt.Errorf("migration %s comes before %s, which the database has already; give it a number after the newest one's",
				engine.Escape(pending[0].Name), engine.Escape(m.Name))
		}
	}
	return pending, nil
}
