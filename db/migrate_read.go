package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io/fs"
	"time"
)

// readUp reads the migrations that are to run, and returns the files as goose is to read them.
func readUp(files fs.FS, pending []Migration) (fs.FS, error) {
	rendered := renderedFiles{files, map[string]string{}}
	for _, m := range pending {
		file, err := readMigration(files, m.Name)
		if err == nil {
			err = file.check(file.up)
		}
		if err != nil {
			return nil, err
		}
		rendered.texts[m.Name] = file.render()
	}
	return rendered, nil
}

// readDown is readUp for the migration that is to be rolled back.
func readDown(files fs.FS, m Migration) (fs.FS, error) {
	file, err := readMigration(files, m.Name)
	if err == nil {
		err = file.check(file.down)
	}
	if err != nil {
		return nil, err
	}
	return renderedFiles{files, map[string]string{m.Name: file.render()}}, nil
}

// keepForeignKeys turns foreign keys on again on the connection that the migrations have run on. goose
// gives it to what it takes for a lock.
type keepForeignKeys struct{}

func (keepForeignKeys) SessionLock(context.Context, *sql.Conn) error { return nil }

// restoreTimeout bounds how long that may take, after the caller's context too.
const restoreTimeout = 10 * time.Second

// SessionUnlock is called after success and failure, with a context of its own.
func (keepForeignKeys) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, restoreTimeout)
	defer cancel()
	if !foreignKeysOn(ctx, conn) {
		// A transaction that the migration began and didn't end: the PRAGMA would do nothing in it.
		conn.ExecContext(ctx, "ROLLBACK")
		conn.ExecContext(ctx, "PRAGMA foreign_keys = ON")
		if !foreignKeysOn(ctx, conn) {
			conn.Raw(func(any) error { return driver.ErrBadConn }) // which closes it
		}
	}
	return nil
}

func foreignKeysOn(ctx context.Context, conn *sql.Conn) bool {
	var on bool
	err := conn.QueryRowContext(ctx, "PRAGMA foreign_keys").Scan(&on)
	return err == nil && on
}
