package sqlite

import (
	"syscall"

	"github.com/duolite/duolite/db/internal/engine"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// An Error is an error of SQLite.
type Error struct {
	code    int
	message string
	system  error // the operating system's, or nil
}

// Error returns SQLite's message, on one line.
func (e *Error) Error() string { return e.message }

// Code returns the extended result code. https://sqlite.org/rescode.html
func (e *Error) Code() int { return e.code }

// Unwrap returns the operating system's error, if it told SQLite one.
func (e *Error) Unwrap() error { return e.system }

func newError(code int, message string) *engine.Error {
	own := &Error{code: code, message: engine.OneLine(message)}
	return &engine.Error{Kind: engine.KindOf(code, own.message), Code: code, Message: own.message, Err: own}
}

// errorOf returns the error of a call that ended with rc. It is asked for before the
// next call on the connection, with which SQLite forgets it. Where the context ended
// the call, the error is the context's own.
func (c *conn) errorOf(rc int32) error {
	if c.call.ended {
		return c.call.cause()
	}
	if rc == sqlite3.SQLITE_READONLY_DBMOVED { // SQLite has looked itself, before it began a journal
		return c.watch.movedError()
	}
	if c.failed != nil {
		return errFailed(rc, c.failed)
	}
	message := libc.GoString(sqlite3.Xsqlite3_errmsg(c.tls, c.handle))
	if name, quoted := engine.QuotedColumn(message); quoted {
		message += c.quotedIn(name)
	}
	system := c.systemError(rc)
	if system != nil {
		message += ": " + system.Error()
	}
	e := newError(int(rc), message)
	e.Err = &Error{int(rc), e.Message, system}
	return e
}

// errorOf returns the error of a step of the statement, which ended with rc.
func (s *stmt) errorOf(rc int32) error {
	err := s.c.errorOf(rc)
	if rc == sqlite3.SQLITE_ERROR {
		err = engine.InSearch(err, libc.GoString(sqlite3.Xsqlite3_sql(s.c.tls, s.handle)))
	}
	return err
}

// systemError returns the operating system's error because of which SQLite couldn't open a
// file, or nil. SQLite asks for it also after other errors, of which it isn't one.
func (c *conn) systemError(rc int32) error {
	switch {
	case c.cfg.Memory: // whose files aren't the system's, most of them
		return nil
	case rc == sqlite3.SQLITE_IOERR_SHMOPEN:
	case rc&0xff != sqlite3.SQLITE_CANTOPEN, rc == sqlite3.SQLITE_CANTOPEN_ISDIR, rc == sqlite3.SQLITE_CANTOPEN_NOTEMPDIR, rc == sqlite3.SQLITE_CANTOPEN_SYMLINK:
		return nil
	}
	if number := sqlite3.Xsqlite3_system_errno(c.tls, c.handle); number != 0 {
		return syscall.Errno(number)
	}
	return nil
}

func errBusy() error {
	return newError(sqlite3.SQLITE_BUSY, "database is locked")
}

func errReadOnly() error {
	return newError(sqlite3.SQLITE_READONLY, "attempt to write a readonly database")
}

func errNoMemory() error {
	return newError(sqlite3.SQLITE_NOMEM, "out of memory")
}

// engineError gives an error of opening the form that all have: SQLite's has it, a
// file's gets it, and a context's stays as it is.
func engineError(err error) error {
	if file, ok := err.(*FileError); ok {
		return &engine.Error{Kind: engine.ErrCantOpen, Code: engine.CodeCantOpen, Message: engine.OneLine(file.Error()), Err: file}
	}
	return err
}
