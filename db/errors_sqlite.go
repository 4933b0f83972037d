package db

import (
	"errors"
	"fmt"
	"strings"

	"github.com/duolite/duolite/db/internal/sqlite"
	modernc "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// translateSQLite is the place where errors of modernc.org/sqlite become ours.
func translateSQLite(err error) error {
	var fileErr *sqlite.FileError
	if errors.As(err, &fileErr) {
		return &Error{Kind: ErrCantOpen, Code: sqlite3.SQLITE_CANTOPEN, Message: fileErr.Error(), Err: err}
	}
	var e *modernc.Error
	if !errors.As(err, &e) {
		return err
	}
	return &Error{Kind: kindOf(e.Code()), Code: e.Code(), Message: sqliteMessage(e), Err: err}
}

// kindOf returns the kind that belongs to one of SQLite's extended result codes, or nil.
func kindOf(code int) error {
	switch code {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID:
		return ErrUnique
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return ErrForeignKey
	case sqlite3.SQLITE_CONSTRAINT_NOTNULL:
		return ErrNotNull
	case sqlite3.SQLITE_CONSTRAINT_CHECK:
		return ErrCheck
	}
	switch code & 0xff { // the primary code
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return ErrBusy
	case sqlite3.SQLITE_READONLY:
		return ErrReadOnly
	case sqlite3.SQLITE_TOOBIG:
		return ErrTooBig
	case sqlite3.SQLITE_FULL:
		return ErrFull
	case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		return ErrNotADatabase
	case sqlite3.SQLITE_CANTOPEN:
		return ErrCantOpen
	default:
		return nil
	}
}

// sqliteMessage returns SQLite's own message: the driver writes its general meaning
// before it, and the code behind, of one code also the name.
func sqliteMessage(e *modernc.Error) string {
	message := strings.TrimSuffix(oneLine(e.Error()), " (SQLITE_BUSY)")
	message = strings.TrimSuffix(message, fmt.Sprintf(" (%d)", e.Code()))
	for _, general := range []string{"constraint failed: ", "SQL logic error: "} {
		message = strings.TrimPrefix(message, general)
	}
	return message
}
