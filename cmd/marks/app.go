package main

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/duolite/duolite/cmd/marks/internal/output"
	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/schema"
)

// app holds the state that the commands share.
type app struct {
	env            environment
	stdin          io.Reader
	stdout, stderr io.Writer

	database string        // --db
	format   output.Format // --format
}

// environment holds the environment variables of the process.
type environment map[string]string

func newEnvironment(environ []string) environment {
	env := environment{}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		env[name] = value
	}
	return env
}

func (e environment) get(name string) string { return e[name] }

func (e environment) lookup(name string) (string, bool) {
	value, set := e[name]
	return value, set
}

// source returns the URL of the database, without a token, and the options for opening it.
func (a *app) source() (string, []db.Option, error) {
	return db.Env{Lookup: a.env.lookup, Files: []string{".env"}, Default: "file:marks.db"}.Resolve(a.database)
}

// connect opens the database and doesn't check its schema.
func (a *app) connect(ctx context.Context) (*sql.DB, error) {
	url, opts, err := a.source()
	if err != nil {
		return nil, err
	}
	return db.Open(ctx, url, opts...)
}

// open opens the database and checks that it has the schema of this program. A database
// without bookmarks is migrated. A database with bookmarks and another schema is left
// unchanged, and the result is an error.
func (a *app) open(ctx context.Context) (*sql.DB, error) {
	pool, err := a.connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := ensureSchema(ctx, pool); err != nil {
		pool.Close()
		return nil, err
	}
	return pool, nil
}

func ensureSchema(ctx context.Context, pool *sql.DB) error {
	all, err := db.MigrationStatus(ctx, pool, schema.FS)
	if err != nil || all[len(all)-1].Applied {
		return err
	}
	if all[0].Applied {
		// The schema is older, or another process is creating the database now. Such a
		// database has no bookmarks yet, or it has the newest schema before its first one.
		n, err := dbsqlc.New(pool).CountBookmarks(ctx)
		if err != nil {
			return err
		}
		if n > 0 {
			return checkNewest(ctx, pool)
		}
	}
	_, err = db.Migrate(ctx, pool, schema.FS)
	return err
}

func checkNewest(ctx context.Context, pool *sql.DB) error {
	all, err := db.MigrationStatus(ctx, pool, schema.FS)
	if err == nil && !all[len(all)-1].Applied {
		return errSchemaOlder
	}
	return err
}

// with opens the database, runs fn with its typed queries, and closes it.
func (a *app) with(ctx context.Context, fn func(q *dbsqlc.Queries) error) error {
	return a.withPool(ctx, func(pool *sql.DB) error { return fn(dbsqlc.New(pool)) })
}

// withPool is like with, for functions that need the pool, such as those that send their
// queries as a batch.
func (a *app) withPool(ctx context.Context, fn func(pool *sql.DB) error) error {
	pool, err := a.open(ctx)
	if err != nil {
		return err
	}
	return errors.Join(fn(pool), pool.Close())
}

// withTx opens the database and runs fn in one transaction. An error of fn rolls the
// transaction back.
func (a *app) withTx(ctx context.Context, fn func(q *dbsqlc.Queries) error) error {
	return a.withSQLTx(ctx, func(tx *sql.Tx) error { return fn(dbsqlc.New(tx)) })
}

// withSQLTx is like withTx, for functions that insert in bulk and so need the *sql.Tx.
func (a *app) withSQLTx(ctx context.Context, fn func(tx *sql.Tx) error) error {
	return a.withPool(ctx, func(pool *sql.DB) error { return inTx(ctx, pool, fn) })
}

func inTx(ctx context.Context, pool *sql.DB, fn func(tx *sql.Tx) error) error {
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	if err := fn(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// say writes one line to standard error.
func (a *app) say(format string, args ...any) {
	fmt.Fprintln(a.stderr, output.Line(fmt.Sprintf(format, args...)))
}

func (a *app) screen() output.Screen {
	return output.ScreenOf(a.stdout, a.env.get)
}

// confirm asks a question on the terminal. It returns an error unless the answer is yes.
func (a *app) confirm(ctx context.Context, command, question string) error {
	fmt.Fprintf(a.stderr, "%s [y/N] ", question)
	answer, err := await(ctx, func() (string, error) { return bufio.NewReader(a.stdin).ReadString('\n') })
	if err != nil {
		fmt.Fprintln(a.stderr) // end the line of the question, as no answer did
	}
	switch answer = strings.ToLower(strings.TrimSpace(answer)); {
	case answer == "y", answer == "yes":
		return nil
	case answer != "" || err == nil:
		return errors.New("nothing changed")
	case errors.Is(err, io.EOF):
		return usageError{"nobody answered; give --yes", command}
	default:
		return err
	}
}

// await runs fn, which reads standard input, in a goroutine. It returns when fn returns or
// ctx ends, because a signal doesn't interrupt a read.
func await[T any](ctx context.Context, fn func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := fn()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// readFile returns the content of a file. It converts errors by fileError.
func readFile(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	return data, fileError(path, err)
}

// fileError converts an error of the operating system to an error type of marks.
func fileError(path string, err error) error {
	var pathErr *fs.PathError
	var linkErr *os.LinkError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return notFound("%s: no such file", path)
	case errors.As(err, &pathErr):
		return badInput("%s: %v", path, pathErr.Err)
	case errors.As(err, &linkErr):
		return badInput("%s: %v", path, linkErr.Err)
	default:
		return err
	}
}
