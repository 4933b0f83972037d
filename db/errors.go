package db

import (
	"errors"
	"strings"
)

// The kinds of errors, the same whichever engine they come from. Programs act on the
// kind, with [errors.Is], and not on the text:
//
//	if errors.Is(err, db.ErrUnique) { … }
var (
	// ErrConfig: the URL or an option can't be used. Nothing was opened.
	ErrConfig = errors.New("unusable URL or option")
	// ErrUnique: a UNIQUE or PRIMARY KEY constraint failed.
	ErrUnique = errors.New("unique constraint failed")
	// ErrForeignKey: a FOREIGN KEY constraint failed.
	ErrForeignKey = errors.New("foreign key constraint failed")
	// ErrNotNull: a NOT NULL constraint failed.
	ErrNotNull = errors.New("not null constraint failed")
	// ErrCheck: a CHECK constraint failed.
	ErrCheck = errors.New("check constraint failed")
	// ErrBusy: another connection held the lock for longer than the wait; see
	// [WithBusyTimeout]. Nothing was done. A transaction that gets it is over.
	ErrBusy = errors.New("database is locked")
	// ErrReadOnly: a write to a database that was opened for reading, or with a
	// token that allows no more.
	ErrReadOnly = errors.New("database is read-only")
	// ErrTooBig: a value or a result is larger than the engine takes.
	ErrTooBig = errors.New("too big")
	// ErrFull: the disk is full.
	ErrFull = errors.New("disk is full")
	// ErrNotADatabase: the file is something else, or damaged.
	ErrNotADatabase = errors.New("file is not a database")
	// ErrCantOpen: the file or folder can't be opened or created.
	ErrCantOpen = errors.New("can't open the database file")
	// ErrUnauthorized: the server wants a token, or another one.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrUnavailable: the server can't be reached, or can't answer now. Whether a
	// write took effect isn't known.
	ErrUnavailable = errors.New("server is unavailable")
)

// An Error is an error of an engine. It holds no token and no argument of the
// statement.
type Error struct {
	// Kind is one of the Err… values of this package, or nil for an error that is
	// none of them, such as one of syntax.
	Kind error
	// Code is SQLite's extended result code, 0 where it isn't known.
	// https://sqlite.org/rescode.html
	Code int
	// Message is the engine's own, on one line.
	Message string
	// Err is the error as the engine's driver returned it.
	Err error
}

// Error returns the message.
func (e *Error) Error() string {
	return e.Message
}

// Unwrap makes errors.Is find the kind, and errors.As the engine's own error.
func (e *Error) Unwrap() []error {
	if e.Kind == nil {
		return []error{e.Err}
	}
	return []error{e.Kind, e.Err}
}

// A configError is an error of the URL or an option. It shows no secret.
type configError struct {
	err error
}

func (e configError) Error() string { return "db: " + e.err.Error() }

func (e configError) Unwrap() []error { return []error{ErrConfig, e.err} }

// oneLine folds white space, line ends included.
func oneLine(s string) string {
	return strings.Join(strings.Fields(s), " ")
}
