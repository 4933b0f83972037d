package db

import (
	"context"
	"database/sql"
	"errors"

	"github.com/duolite/duolite/db/internal/backup"
	"github.com/duolite/duolite/db/internal/contract"
	"github.com/duolite/duolite/db/internal/engine"
)

// ErrNoPages is the error of [Backup] for a server that doesn't have SQLite's table sqlite_dbpage, from which a backup is read.
// [Copy] to an empty file needs no such table.
var ErrNoPages = backup.ErrNoPages

// Backup writes the database of a pool to a new file: of a file, of a database in memory, of a replica, and of a
// server that has SQLite's table sqlite_dbpage, as sqld has; for another one the error is an [ErrNoPages].
//
//	err := db.Backup(ctx, pool, "backup/2026-11-30.db")
//
// The file is the database at one moment, page by page. Programs read and write meanwhile; the log of a file can't be
// emptied until Backup returns, and so grows by their writes. The file can be read by its owner only (mode 0600), has
// no log beside it, and can be opened like any database.
//
// The file gets its name at the end, after it is on the disk and has passed PRAGMA integrity_check. If Backup fails,
// or ctx ends, it leaves nothing behind. If there is a file at path already, the error is an [ErrCantOpen] and an
// [io/fs.ErrExist]; see [WithReplace]. If the database is damaged, the error is an [ErrCorrupt]; see
// [WithoutIntegrityCheck].
func Backup(ctx context.Context, pool *sql.DB, path string, opts ...BackupOption) error {
	cfg, err := newBackupConfig(opts)
	if err != nil {
		return err
	}
	return onEngine(ctx, pool, func(ctx context.Context, c engine.Conn) error {
		return backup.Write(ctx, c, path, cfg)
	})
}

// Restore writes the database in the file from to a new file at path, in the way of [Backup]. So it is read
// and checked completely before path changes. It may be any SQLite file, also one that is in use. A file of less than 512 bytes
// is an [ErrNotADatabase], though SQLite takes it for an empty database: it is likely the rest of a download that failed.
//
// With [WithReplace] the new file takes the place of a database at path and of its log. If that database is open, in this process
// or in another, the error is an [ErrBusy], and nothing changes. Only databases with a write-ahead log show that they are open, such
// as all that this package opens for writing.
func Restore(ctx context.Context, from, path string, opts ...BackupOption) error {
	cfg, err := newBackupConfig(opts)
	if err != nil {
		return err
	}
	return translate(backup.Restore(ctx, from, path, cfg))
}

// A BackupOption says how [Backup] and [Restore] write a file.
type BackupOption func(*backupConfig) error

type backupConfig = backup.Options

// WithReplace allows the new file to replace one that exists. By default that is an error.
func WithReplace() BackupOption {
	return func(o *backupConfig) error {
		o.Replace = true
		return nil
	}
}

// WithoutIntegrityCheck also writes a file of a database that is damaged, or has rows that violate their constraints.
// The check takes most of the time of a backup. [Backup] checks with the pool's functions and collations, which indexes may need. [Restore] has
// none. So in its place open such a file with them, by [Open] with mode=ro, and call Backup with [WithReplace].
func WithoutIntegrityCheck() BackupOption {
	return func(o *backupConfig) error {
		o.Unchecked = true
		return nil
	}
}

// WithBackupProgress calls fn after each part of some MiB, with the bytes that were written and the bytes of the whole
// database.
func WithBackupProgress(fn func(written, all int64)) BackupOption {
	return func(o *backupConfig) error {
		if fn == nil {
			return errors.New("WithBackupProgress: the function is nil")
		}
		o.Progress = fn
		return nil
	}
}

func newBackupConfig(opts []BackupOption) (backupConfig, error) {
	var cfg backupConfig
	return cfg, apply("backup option", &cfg, opts)
}

// onEngine calls do with the engine's connection of a pool, for as long as do runs.
func onEngine(ctx context.Context, on Execer, do func(context.Context, engine.Conn) error) error {
	ask := &contract.Ask{Do: do}
	_, err := on.ExecContext(ctx, contract.AskText, ask)
	if err == nil {
		err = ask.Foreign()
	}
	return err
}
