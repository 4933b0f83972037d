package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/duolite/duolite/db/internal/sqlite/fileid"
	sqlite3 "modernc.org/sqlite/lib"
)

// A file can be renamed, deleted or replaced while it is open, and so can its log. What is
// written goes on into what was opened, which has no name any more or another one, and a new
// connection would find another database, or make one. So it is looked whether the
// file is still where it was: at each commit, and when something is read and the last look
// was a while ago. SQLite has such a check, but only for its rollback journal.
// https://sqlite.org/howtocorrupt.html, sections 2.4 and 4

// lookEvery is how long a read relies on the look of one before it. To look takes some 0.4 µs,
// to read a row 1.2 µs and more, to rename a file 5 µs (BenchmarkWatch).
const lookEvery = 10 * time.Microsecond

// A watch looks after the file of a connection. There is none for a database in memory.
type watch struct {
	shown  string // how the user wrote the path
	file   *fileid.Path
	fileID fileid.ID
	log    *fileid.Path
	logID  fileid.ID     // zero if there is no log
	looked time.Duration // when, since started
	wrong  error         // what a look has found: the connection doesn't serve again
}

// started is from when times are counted: to ask for a difference is cheaper than for a time.
var started = time.Now()

// look looks whether the file is where it was, unless that was done a very short while ago.
func (w *watch) look() error {
	if w == nil || !fileid.OpenFilesMove {
		return nil
	}
	now := time.Since(started)
	if w.wrong != nil || now-w.looked < lookEvery {
		return w.wrong
	}
	w.looked = now
	w.wrong = w.lookAtFile()
	return w.wrong
}

// lookNow looks at once, also at the log. It is for what will be told to be stored.
func (w *watch) lookNow() error {
	if w == nil || !fileid.OpenFilesMove {
		return nil
	}
	if w.wrong == nil {
		w.looked = time.Since(started)
		w.wrong = w.lookAtFile()
	}
	if w.wrong == nil {
		w.wrong = w.lookAtLog()
	}
	return w.wrong
}

// found returns what a look has found to be wrong.
func (w *watch) found() error {
	if w == nil {
		return nil
	}
	return w.wrong
}

// dbMoved returns the error of a file of which SQLite says that it isn't where it was.
func (w *watch) dbMoved() error {
	if err := w.lookNow(); err != nil {
		return err
	}
	return newError(sqlite3.SQLITE_READONLY_DBMOVED, "the file was renamed or deleted while it was open")
}

func (w *watch) lookAtFile() error {
	is, err := w.file.ID()
	return moved(w.shown, is, w.fileID, err)
}

func (w *watch) lookAtLog() error {
	if w.logID == (fileid.ID{}) {
		return nil
	}
	is, err := w.log.ID()
	return movedLog(w.shown, is, w.logID, err)
}

// moved returns an error if the file at a path isn't any more the one that it was.
func moved(shown string, is, was fileid.ID, err error) error {
	switch {
	case err == nil && is == was, mayNotLook(err):
		return nil
	case err != nil:
		return engineError(&FileError{shown, fmt.Sprintf("was renamed or deleted while it was open (%v), and nothing was done; "+
			"put it back, or close the pool and open the database where it is now", err), err})
	default:
		return engineError(fileError(shown, "was replaced while it was open, by another file of that name, and nothing was done; "+
			"put the first one back, or close the pool and open the new one"))
	}
}

// movedLog is moved for the log.
func movedLog(shown string, is, was fileid.ID, err error) error {
	if err == nil && is == was || mayNotLook(err) {
		return nil
	}
	return engineError(&FileError{shown, "has lost its log, " + shown + "-wal, which was renamed, deleted or replaced while it was open, and nothing was done; " +
		"put it back, or close the pool, which then moves what was in it into the file", err})
}

// mayNotLook reports whether an error says nothing about the file: the process has given up the
// permission to look for it, and what is open stays so.
func mayNotLook(err error) bool { return errors.Is(err, fs.ErrPermission) }

// logOf returns the path of the log of the file at a path without links.
func logOf(real string) string { return real + "-wal" }
