package sqlite

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite/fileid"
)

// Occupy prepares a file for being replaced by another one. It moves the content of its log into the file, so that
// the log ends, and locks the file until release is called. Nobody can then write changes that would be lost.
// Occupy fails with [engine.ErrBusy] if another connection, of any process, has the file open with a log. A file
// that doesn't exist, or isn't a database, needs no lock: nobody uses it.
func Occupy(ctx context.Context, path string) (release func(), err error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return func() {}, nil
	}
	c, err := openConn(Config{Path: path, Mode: ReadWrite, Plain: true}, path, nil)
	if err != nil {
		return nil, engineError(err)
	}
	release = func() { c.Close() }
	err = c.occupy(ctx)
	var e *engine.Error
	switch damaged := errors.As(err, &e) && (e.Kind == engine.ErrNotADatabase || e.Kind == engine.ErrCorrupt); {
	case err == nil && fileid.OpenFilesMove:
		return release, nil
	case err == nil, damaged: // an open file can't be replaced on Windows
		release()
		return func() {}, nil
	}
	release()
	if e != nil && e.Kind == engine.ErrBusy {
		e.Message = engine.Escape(path) + " is in use, by this process or by another; close it there first"
	}
	return nil, engineError(err)
}

func (c *conn) occupy(ctx context.Context) error {
	if err := c.start(ctx); err != nil {
		return err
	}
	defer c.end()
	if err := c.refuseReadOnlyFile(); err != nil {
		return err
	}
	for _, text := range []string{"PRAGMA journal_mode = DELETE", "BEGIN EXCLUSIVE"} {
		if _, err := c.queryText(text); err != nil {
			return err
		}
	}
	return nil
}
