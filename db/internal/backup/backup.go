// Package backup writes the pages of an open database to a new file.
//
// All pages are read in one read transaction, so the file is the database at one moment, and writers go on
// meanwhile. The pages come from the virtual table sqlite_dbpage, which SQLite and sqld have, so that a file,
// a database in memory, a replica and a server are read in the same way.
package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"os"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite"
)

// Options say how a backup is written.
type Options struct {
	// Replace allows a file at the path, which the backup then replaces.
	Replace bool
	// Unchecked leaves the integrity check out.
	Unchecked bool
	// Progress is called with the bytes that were written and the bytes of the whole database. It may be nil.
	Progress func(written, all int64)
}

// Write writes the database of a connection to a new file, which only its owner can read. The file gets its
// name when it is complete, checked, and on the disk. If Write fails, nothing is left of it.
func Write(ctx context.Context, from engine.Conn, path string, opts Options) error {
	return place(ctx, path, opts.Replace, func(file *os.File) error {
		sum := sha256.New()
		if err := writePages(ctx, from, io.MultiWriter(file, sum), opts.Progress); err != nil {
			return err
		}
		if err := file.Sync(); err != nil {
			return err
		}
		if err := compare(file, sum); err != nil || opts.Unchecked {
			return err
		}
		return checkIntegrity(ctx, file.Name(), sqlite.ExtensionsOf(from))
	})
}

// compare reads the file again.
func compare(file *os.File, want hash.Hash) error {
	got := sha256.New()
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if _, err := io.Copy(got, file); err != nil {
		return err
	}
	if !bytes.Equal(got.Sum(nil), want.Sum(nil)) {
		return errors.New("the file doesn't have the bytes that were written to it; check the disk")
	}
	return nil
}

// ErrNoPages is the error of a server without the table sqlite_dbpage.
var ErrNoPages = errors.New("the server doesn't have the virtual table sqlite_dbpage, from which a backup is read; copy the database to an empty file by db.Copy")
