package backup

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite"
)

// open opens a file that nobody writes, calls fn, and closes the file.
func open(ctx context.Context, cfg sqlite.Config, fn func(engine.Conn) error) error {
	cfg.Plain = true // locks that are kept would be of no use
	database := sqlite.New(cfg)
	defer database.Close()
	c, err := database.Connect(ctx)
	if err != nil {
		return err
	}
	err = fn(c)
	if closed := c.Close(); err == nil {
		err = closed
	}
	return err
}

// checkIntegrity fails if the content of a database contradicts itself. Indexes may need the functions and collations of a program.
// https://sqlite.org/pragma.html#pragma_integrity_check
func checkIntegrity(ctx context.Context, path string, extensions *sqlite.Extensions) error {
	cfg := sqlite.Config{Path: path, Mode: sqlite.ReadOnly, Immutable: true, Extensions: extensions}
	err := open(ctx, cfg, func(c engine.Conn) error {
		return engine.Query(ctx, c, "PRAGMA integrity_check(1)", nil, func(row []driver.Value) error {
			if found, _ := row[0].(string); found != "ok" {
				return &engine.Error{
					Kind: engine.ErrCorrupt, Code: engine.CodeCorrupt,
					Message: "the database that is copied is damaged: " + engine.Escape(found),
				}
			}
			return nil
		})
	})
	if e, ok := errors.AsType[*engine.Error](err); ok && e.Code == engine.CodeError {
		e.Message = "the integrity check isn't possible: " + e.Message + "; an index may need a function or a collation of a program or a server: open the file with it and call Backup, or leave the check out (WithoutIntegrityCheck, or --no-check of the command)"
	}
	return err
}

// refuseEmpty fails for a file without one page, such as the result of a download that failed. SQLite takes it for an empty database.
func refuseEmpty(path string) error {
	const smallestPage = 512
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() >= smallestPage {
		return nil // errors have better words where the file is opened
	}
	return &engine.Error{
		Kind: engine.ErrNotADatabase, Code: engine.CodeNotADB,
		Message: engine.Escape(fmt.Sprintf("%s has %d bytes, and no database in it", path, info.Size())),
	}
}

// Restore writes the database in a file to a new file at path, as [Write] does.
func Restore(ctx context.Context, from, path string, opts Options) error {
	if from == "" {
		return errors.New("the path of the file to restore is empty")
	}
	if err := refuseEmpty(from); err != nil {
		return err
	}
	cfg := sqlite.Config{Path: from, Mode: sqlite.ReadOnly, BusyTimeout: 5 * time.Second}
	err := open(ctx, cfg, func(c engine.Conn) error { return Write(ctx, c, path, opts) })
	if e, ok := errors.AsType[*engine.Error](err); ok && (e.Kind == engine.ErrNotADatabase || e.Kind == engine.ErrCorrupt) { // the file at path may be damaged
		e.Message = engine.Escape(from) + ": " + e.Message
	}
	return err
}
