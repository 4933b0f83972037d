package sqlite

import (
	"errors"
	"io/fs"
	"path/filepath"
	"syscall"

	"github.com/duolite/duolite/db/internal/engine"
	sqlite3 "modernc.org/sqlite/lib"
)

// asOpenError converts an error of opening the file to a *FileError that says the cause and the remedy:
// SQLite can't open the file, or the log that it needs to read the file, or can't write them.
func (c *conn) asOpenError(err error) error {
	e, ok := errors.AsType[*engine.Error](err)
	if c.cfg.Memory || !ok {
		return err
	}
	cause := c.systemCause(err)
	problem := ""
	switch log := c.cfg.Path + "-wal"; {
	case errors.Is(cause, syscall.EMFILE), errors.Is(cause, syscall.ENFILE):
		problem = "can't be opened: " + cause.Error() + "; the process, or the system, has as many files open as it may: " +
			"close some, allow more (ulimit -n), or have fewer connections by WithMaxOpenConns"
	case e.Code == sqlite3.SQLITE_READONLY_ROLLBACK:
		problem = "can't be read: somebody ended in the middle of a change, and " + c.cfg.Path + "-journal, which undoes it, has to be carried out first; " +
			"open it once without mode=ro, by a user who may write it"
	case e.Code&0xff == sqlite3.SQLITE_READONLY, isCantOpen(e.Code) && c.openFile(sqlite3.SQLITE_FCNTL_FILE_POINTER) != 0: // which is open
		problem = "can't be opened: its log, " + log + ", which also who reads it needs, can't be made or written" + because(cause) +
			"; open a copy of both elsewhere, or, if nobody changes the file meanwhile, open it with file:PATH?immutable=1"
	case !isCantOpen(e.Code):
		return err
	case errors.Is(cause, fs.ErrPermission):
		problem = "can't be opened: " + cause.Error() + "; the user who runs the program needs permission to read it, and to write it unless it is opened with file:PATH?mode=ro"
	default:
		problem = "can't be opened" + because(cause)
	}
	return &FileError{c.cfg.Path, problem, errors.Join(e.Err, cause)}
}

func isCantOpen(code int) bool {
	return code&0xff == sqlite3.SQLITE_CANTOPEN || code == sqlite3.SQLITE_IOERR_SHMOPEN
}

// systemCause returns the operating system's error behind an error of SQLite, or nil. If SQLite can't
// open a file for writing, it tries to open it for reading, and reports the second error.
func (c *conn) systemCause(err error) error {
	errno, told := errors.AsType[syscall.Errno](err)
	if told && errno != syscall.ENOENT {
		return errno
	}
	if err := writable(filepath.Dir(c.file)); err != nil {
		return err
	}
	if told {
		return errno
	}
	return nil
}

func because(cause error) string {
	if cause == nil {
		return ""
	}
	return ": " + cause.Error()
}
