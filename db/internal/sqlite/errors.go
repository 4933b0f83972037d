package sqlite

import (
	"github.com/duolite/duolite/db/internal/engine"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// An Error is an error of SQLite.
type Error struct {
	code    int
	message string
}

// Error returns SQLite's message, on one line.
func (e *Error) Error() string { return e.message }

// Code returns the extended result code. https://sqlite.org/rescode.html
func (e *Error) Code() int { return e.code }

func newError(code int, message string) *engine.Error {
	own := &Error{code, engine.OneLine(message)}
	return &engine.Error{Kind: engine.KindOf(code), Code: code, Message: own.message, Err: own}
}

// errorOf returns the error of a call that ended with rc. It is asked for before the
// next call on the connection, with which SQLite forgets it. Where the context ended
// the call, the error is the context's own.
func (c *conn) errorOf(rc int32) error {
	if c.call.ended {
		return c.call.cause()
	}
	message := libc.GoString(sqlite3.Xsqlite3_errmsg(c.tls, c.handle))
	if name, quoted := engine.QuotedColumn(message); quoted {
		message += c.quotedIn(name)
	}
	return newError(int(rc), message)
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
