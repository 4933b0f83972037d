package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/duolite/duolite/db/internal/sqlite/fileid"
	sqlite3 "modernc.org/sqlite/lib"
)

// A file can be renamed, deleted or replaced while it is open, and so can its log. SQLite would go on
// writing to the open file, which has no name any more or another one, and a new connection would open
// another database, or make one. So each commit checks that the path still leads to the file, and a read
// checks it if the last check was a while ago. SQLite has such a check only for its rollback journal.
// https://sqlite.org/howtocorrupt.html, sections 2.4 and 4

// A check would be a large part of a one-row read, so reads share checks (BenchmarkWatch has the
// times of both, and of a rename). A read after a pause of readGap checks the path, unless the
// last check was less than checkEvery ago: the pause leaves room for a rename. In a run of reads
// without pauses, one read in checkBusy checks it.
const (
	checkEvery = 10 * time.Microsecond
	readGap    = 7 * time.Microsecond // from the beginning of one read to the next
	checkBusy  = 100 * time.Microsecond
)

// A watch checks that the file of a connection stays in its place.
type watch struct {
	shown   string // the path as the user wrote it
	file    *fileid.Path
	fileID  fileid.ID
	log     *fileid.Path
	logID   fileid.ID     // zero if there is no log
	checked time.Duration // the time of the last check, since started
	read    time.Duration // the time of the last read, since started
	failed  error         // the error of a check, after which the connection fails for good
}

// started is the zero of times: time.Since is cheaper than time.Now.
var started = time.Now()

// check checks that the path leads to the file, unless the last check was a very short while ago.
func (w *watch) check() error {
	if w == nil || !fileid.OpenFilesMove {
		return nil
	}
	now := time.Since(started)
	gap, since := now-w.read, now-w.checked
	w.read = now
	if w.failed != nil || since < checkEvery || gap < readGap && since < checkBusy {
		return w.failed
	}
	w.checked = now
	w.failed = w.checkFile()
	return w.failed
}

// checkNow checks the file and the log in any case. It is called before changes are reported as stored.
func (w *watch) checkNow() error {
	if w == nil || !fileid.OpenFilesMove {
		return nil
	}
	if w.failed == nil {
		w.checked = time.Since(started)
		w.failed = w.checkFile()
	}
	if w.failed == nil {
		w.failed = w.checkLog()
	}
	return w.failed
}

// failure returns the error of an earlier check.
func (w *watch) failure() error {
	if w == nil {
		return nil
	}
	return w.failed
}

// movedError returns the error for a file that SQLite has found to be moved.
func (w *watch) movedError() error {
	if err := w.checkNow(); err != nil {
		return err
	}
	return newError(sqlite3.SQLITE_READONLY_DBMOVED, "the file was renamed or deleted while it was open")
}

func (w *watch) checkFile() error {
	is, err := w.file.ID()
	return moved(w.shown, is, w.fileID, err)
}

func (w *watch) checkLog() error {
	if w.logID == (fileid.ID{}) {
		return nil
	}
	is, err := w.log.ID()
	return movedLog(w.shown, is, w.logID, err)
}

// moved returns an error unless the path still leads to the same file.
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

// mayNotLook reports whether an error says nothing about the file: the process has lost the permission
// to look the path up, and the file stays open.
func mayNotLook(err error) bool { return errors.Is(err, fs.ErrPermission) }

// logOf returns the path of the log of the file at a path without links.
func logOf(real string) string { return real + "-wal" }
