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
// doesn't know: a newer program made it, or goose by a migration in Go. What its tables
// mean isn't known.
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
//
// After an error the migrations before the failing one stay applied, the failing one
// isn't, and calling Migrate again goes on from there.
//
// A file with the line "-- +goose NO TRANSACTION" has no such protection: what it did before an
// error stays, and it may run twice. It is for what can't be in a transaction, such as VACUUM, or
// PRAGMA foreign_keys = OFF while a table is made anew. A section with that PRAGMA runs as one script,
// on a server in one request, which the context or [WithRequestTimeout] bounds; and foreign keys are on again
// afterwards, also after an error. Inside a transaction SQLite would ignore the PRAGMA, and DROP TABLE would take
// the rows of other tables along.
//
// All files that are to run are read first. What isn't in goose's form, and a statement that can't do in
// a transaction what it says, is an error then that names the file and the line. Statements are
// cut where SQLite cuts them, so that a trigger of several lines needs no StatementBegin and StatementEnd.
//
// A database that another tool migrated is refused. Its own versions go on in goose's form once the table
// goose_db_version has the numbers of the files that are applied already:
//
//	CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL,
//		is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')));
//	INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1), (2, 1);
func Migrate(ctx context.Context, pool *sql.DB, files fs.FS) ([]Migration, error) {
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
		done, err := migrateUp(ctx, pool, rendered)
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
	if len(versions) > 0 {
		return nil, unknownVersion(versions, sources[len(sources)-1].Version)
	}
	return all, nil
}

// unknownVersion is the error of versions that the database has and the files haven't. A
// newer one tells most.
func unknownVersion(versions map[int64]bool, newest int64) error {
	version := slices.Max(slices.Collect(maps.Keys(versions)))
	if version > newest {
		return fmt.Errorf("%w (it has version %d; known here: up to %d)", ErrNewerSchema, version, newest)
	}
	return &migrationsError{fmt.Sprintf("the database has the migration %d, and there is no file of that number: it was goose's in Go, which db.Migrate doesn't run, or was removed; add %05d_NAME.sql with the line -- +goose Up alone, or run the migrations by goose itself (goose.NewProvider takes the same pool)",
		version, version), ErrNewerSchema}
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
