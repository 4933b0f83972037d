package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/pressly/goose/v3"
)

func newProvider(pool *sql.DB, files fs.FS) (*goose.Provider, error) {
	if err := checkNames(files); err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	// libSQL speaks SQLite's dialect here; goose's "turso" is the same statements.
	provider, err := goose.NewProvider(goose.DialectSQLite3, pool, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, &migrationsError{"read the migrations: " + engine.OneLine(err.Error()), err}
	}
	return provider, nil
}

// migrateUp applies the pending migrations, one after the other, and returns the applied ones.
func migrateUp(ctx context.Context, pool *sql.DB, pending []Migration, files renderedFiles, progress func(Migration, time.Duration)) ([]Migration, error) {
	if err := createVersionTable(ctx, pool); err != nil {
		return nil, fmt.Errorf("create the table of versions: %w", err)
	}
	provider, err := newProvider(pool, files)
	if err != nil {
		return nil, err
	}
	if progress == nil {
		progress = func(Migration, time.Duration) {}
	}
	var applied []Migration
	for _, m := range pending {
		progress(m, 0)
		result, err := provider.ApplyVersion(ctx, m.Version, true)
		if errors.Is(err, goose.ErrAlreadyApplied) { // by another process, meanwhile
			continue
		}
		if err == nil && !files.inTransaction(m.Name) {
			err = checkApplied(ctx, pool, m)
		}
		if err != nil {
			return applied, migrationError(err, files)
		}
		m.Applied = true
		applied = append(applied, m)
		progress(m, result.Duration)
	}
	return applied, nil
}

// checkApplied checks that the database has the version of a migration without a transaction. The migration may
// have begun its own and left it open; its rollback then removed the version.
func checkApplied(ctx context.Context, pool *sql.DB, m Migration) error {
	versions, err := appliedVersions(ctx, pool)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if !versions[m.Version] {
		return fmt.Errorf("migration %s: it ended inside a transaction of its own, which was rolled back: it lacks a COMMIT or RELEASE", engine.Escape(m.Name))
	}
	return nil
}

// overtaken reports whether a migration failed because another process applied it at the same
// time.
func overtaken(ctx context.Context, pool *sql.DB, err error) bool {
	var partial *goose.PartialError
	if !errors.As(err, &partial) || partial.Failed == nil {
		return false
	}
	versions, readErr := appliedVersions(ctx, pool)
	return readErr == nil && versions[partial.Failed.Source.Version]
}

// migrationError names the file once; goose's text names it twice.
func migrationError(err error, files renderedFiles) error {
	var partial *goose.PartialError
	if !errors.As(err, &partial) || partial.Failed == nil {
		return err
	}
	// goose appends the rollback's error, which is ErrTxDone after ctx has ended.
	cause := strings.TrimSuffix(engine.OneLine(partial.Err.Error()), "; "+sql.ErrTxDone.Error())
	name := path.Base(partial.Failed.Source.Path)
	if !files.inTransaction(name) {
		cause += " (NO TRANSACTION: statements that were committed before it stay)"
	}
	return &migrationsError{fmt.Sprintf("migration %s: %s", engine.Escape(name), cause), partial}
}

// A migrationsError replaces a text of goose that has several lines or repeats itself.
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
