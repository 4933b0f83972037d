package db

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"

	sqlite3 "modernc.org/sqlite/lib"
)

// What libsql-client-go's errors say, and what they are: it keeps no codes. The first
// that is found in the text decides.
var libsqlErrors = []struct {
	text string
	kind error
	code int
}{
	{"error code 401", ErrUnauthorized, 0},
	{"error code 403", ErrReadOnly, sqlite3.SQLITE_READONLY},
	{"error code 429", ErrUnavailable, 0},
	{"error code 5", ErrUnavailable, 0},
	{"UNIQUE constraint failed", ErrUnique, sqlite3.SQLITE_CONSTRAINT_UNIQUE},
	{"FOREIGN KEY constraint failed", ErrForeignKey, sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY},
	{"NOT NULL constraint failed", ErrNotNull, sqlite3.SQLITE_CONSTRAINT_NOTNULL},
	{"CHECK constraint failed", ErrCheck, sqlite3.SQLITE_CONSTRAINT_CHECK},
	{"database is locked", ErrBusy, sqlite3.SQLITE_BUSY},
	{"Transaction timed out", ErrBusy, sqlite3.SQLITE_BUSY},
	{"readonly database", ErrReadOnly, sqlite3.SQLITE_READONLY},
	{"string or blob too big", ErrTooBig, sqlite3.SQLITE_TOOBIG},
	{"Response is too large", ErrTooBig, sqlite3.SQLITE_TOOBIG},
	{"database or disk is full", ErrFull, sqlite3.SQLITE_FULL},
}

// translateLibSQL is the place where errors of libsql-client-go become ours.
func translateLibSQL(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if message, ok := transportMessage(err); ok {
		return &Error{Kind: ErrUnavailable, Message: message, Err: err}
	}
	e := &Error{Message: libsqlMessage(err), Err: err}
	for _, known := range libsqlErrors {
		if strings.Contains(e.Message, known.text) {
			e.Kind, e.Code = known.kind, known.code
			break
		}
	}
	return e
}

// transportMessage tells whether the server was not reached or broke off, and in
// which words.
func transportMessage(err error) (string, bool) {
	var urlErr *url.Error
	var netErr net.Error
	switch {
	case errors.As(err, &urlErr):
		return "can't reach the server: " + oneLine(urlErr.Err.Error()), true
	case errors.As(err, &netErr):
		return "can't reach the server: " + oneLine(netErr.Error()), true
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the server broke off its answer", true
	default:
		return "", false
	}
}

// libsqlMessage takes off what the client puts before the server's message.
func libsqlMessage(err error) string {
	message := oneLine(err.Error())
	for _, prefix := range []string{"failed to execute SQL: ", "SQLite error: "} {
		message = strings.TrimPrefix(message, prefix)
	}
	return message
}
