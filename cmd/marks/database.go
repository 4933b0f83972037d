package main

import (
	"context"
	"database/sql"

	"github.com/duolite/duolite/cmd/internal/output"
	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/schema"
	"github.com/schollz/progressbar/v3"
)

// source returns the URL of the database, without a token, and the options for opening it.
func (a *app) source() (string, []db.Option, error) {
	return db.Env{Files: []string{".env"}, Default: "file:marks.db"}.Resolve(a.database)
}

// withAnySchema opens the database, runs fn whichever schema the database has, and closes it.
func (a *app) withAnySchema(ctx context.Context, fn func(pool *sql.DB) error) error {
	url, opts, err := a.source()
	if err != nil {
		return err
	}
	if engine, err := db.EngineOf(url); err == nil && engine == db.LibSQLReplica {
		opts = append(opts, db.WithReplicaProgress(copyProgress()))
	}
	pool, err := db.Open(ctx, url, opts...)
	if err != nil {
		return err
	}
	defer pool.Close()
	return fn(pool)
}

// copyProgress returns a function that shows the progress of copying a server's database.
func copyProgress() func(frames, all uint64) {
	var bar *progressbar.ProgressBar
	return func(frames, all uint64) {
		if bar == nil {
			bar = output.Progress(int64(all), "copying")
		}
		_ = bar.Set64(int64(frames))
	}
}

// with opens the database, runs fn if the database has the schema of this program, and closes
// it. A new database gets the schema.
func (a *app) with(ctx context.Context, fn func(pool *sql.DB) error) error {
	return a.withAnySchema(ctx, func(pool *sql.DB) error {
		if err := ensureSchema(ctx, pool); err != nil {
			return err
		}
		return fn(pool)
	})
}

// query returns the result of a function that reads the database by one query.
func query[T any](ctx context.Context, a *app, fn func(q *dbsqlc.Queries) (T, error)) (result T, err error) {
	err = a.with(ctx, func(pool *sql.DB) (err error) {
		result, err = fn(dbsqlc.New(db.Lean(pool)))
		return err
	})
	return result, err
}

// A txFunc is db.InTx or db.InReadTx.
type txFunc func(context.Context, *sql.DB, func(*sql.Tx) error, ...db.TxOption) error

// transact returns the result of a function that runs in a transaction. The function may run
// more than once.
func transact[T any](ctx context.Context, a *app, in txFunc, fn func(q *dbsqlc.Queries) (T, error)) (result T, err error) {
	err = a.with(ctx, func(pool *sql.DB) error {
		return in(ctx, pool, func(tx *sql.Tx) (err error) {
			result, err = fn(dbsqlc.New(tx))
			return err
		}, attempts)
	})
	return result, err
}

// attempts is less than the default: somebody waits, and each attempt waits 5 s for a lock.
var attempts = db.WithMaxAttempts(2)

// ensureSchema checks that the database has the schema of this program. A database without
// bookmarks is migrated. A database with bookmarks and another schema is left unchanged.
func ensureSchema(ctx context.Context, pool *sql.DB) error {
	all, err := db.MigrationStatus(ctx, pool, schema.FS)
	var bookmarks int64
	if err == nil && all[0].Applied && !all[len(all)-1].Applied {
		// The schema is older, or another process is creating the database now. Such a
		// database has no bookmarks yet, or it has the newest schema before its first one.
		if bookmarks, err = dbsqlc.New(pool).CountBookmarks(ctx); err == nil {
			all, err = db.MigrationStatus(ctx, pool, schema.FS)
		}
	}
	switch {
	case err != nil || all[len(all)-1].Applied:
		return err
	case bookmarks > 0:
		return errSchemaOlder
	}
	_, err = db.Migrate(ctx, pool, schema.FS)
	return err
}
