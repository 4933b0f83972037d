package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/duolite/duolite/db/internal/engine"
	sqlite3 "modernc.org/sqlite/lib"
)

// How to read a file whose log can't be written.
const readUnchanged = "; open a copy of it and its log elsewhere, or, if nobody changes it meanwhile, open it with file:PATH?immutable=1"

// openError returns the error of opening the file, which ended with rc.
func (c *conn) openError(rc int32) error {
	return c.explain(c.errorOf(rc))
}

// explain says what SQLite means when it can't open the file, or what it needs besides to read
// it, or can't write before anybody wanted it to.
func (c *conn) explain(err error) error {
	var e *engine.Error
	if c.cfg.Memory || !errors.As(err, &e) {
		return err
	}
	problem := ""
	switch cause := systemCause(err); {
	case errors.Is(cause, syscall.EMFILE), errors.Is(cause, syscall.ENFILE):
		problem = fmt.Sprintf("can't be opened: %v; the process, or the system, has as many files open as it may: close some, allow more (ulimit -n), or have fewer connections by WithMaxOpenConns", cause)
	case e.Code == sqlite3.SQLITE_READONLY_ROLLBACK:
		problem = "can't be read: somebody ended in the middle of a change, and " + c.cfg.Path + "-journal, which undoes it, has to be carried out first; open it once without mode=ro, by a user who may write it"
	case e.Code&0xff == sqlite3.SQLITE_READONLY:
		problem = "can't be opened: its log, which SQLite keeps next to it, can't be written" + readUnchanged
	case e.Code&0xff != sqlite3.SQLITE_CANTOPEN && e.Code != sqlite3.SQLITE_IOERR_SHMOPEN:
		return err
	case c.isOpen(): // the file itself
		problem = fmt.Sprintf("can't be opened: its log, which SQLite keeps next to it, can't be made or opened: %v%s", orUnknown(cause), readUnchanged)
	case errors.Is(cause, fs.ErrPermission):
		problem = fmt.Sprintf("can't be opened: %v; the user who runs the program needs permission to read it, and to write it unless it is opened with file:PATH?mode=ro", cause)
	default:
		problem = fmt.Sprintf("can't be opened: %v", orUnknown(cause))
	}
	return &FileError{c.cfg.Path, problem, e.Err}
}

// isOpen reports whether SQLite has the file open.
func (c *conn) isOpen() bool { return c.openFile(sqlite3.SQLITE_FCNTL_FILE_POINTER) != 0 }

// systemCause returns the operating system's error in err, or nil.
func systemCause(err error) error {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return nil
}

func orUnknown(cause error) error {
	if cause == nil {
		return errors.New("SQLite doesn't say why")
	}
	return cause
}
