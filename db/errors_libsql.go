package db

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/url"
	"regexp"
	"strings"

	"github.com/duolite/duolite/db/internal/libsql"
	sqlite3 "modernc.org/sqlite/lib"
)

// What libsql-client-go's errors say, and what they are: it keeps no codes. The first
// that the text begins with decides; further on, a text may quote the program's own.
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
	{"attempt to write a readonly database", ErrReadOnly, sqlite3.SQLITE_READONLY},
	{"string or blob too big", ErrTooBig, sqlite3.SQLITE_TOOBIG},
	{"Response is too large", ErrTooBig, sqlite3.SQLITE_TOOBIG},
	{"database or disk is full", ErrFull, sqlite3.SQLITE_FULL},
}

// translateLibSQL is the place where errors of libsql-client-go become ours.
func translateLibSQL(err error) error {
	var tokenErr *libsql.TokenError
	if errors.As(err, &tokenErr) {
		return err
	}
	if message, ok := transportMessage(err); ok {
		return &Error{Kind: ErrUnavailable, Message: message, Err: err}
	}
	e := &Error{Message: libsqlMessage(err), Err: err}
	for _, known := range libsqlErrors {
		if strings.HasPrefix(e.Message, known.text) {
			e.Kind, e.Code = known.kind, known.code
			break
		}
	}
	return e
}

// libsqlBroken reports whether err is more than SQL that failed: what the server has
// of the connection, its transaction above all, isn't known or is gone.
func libsqlBroken(err error) bool {
	_, transport := transportMessage(err)
	return transport ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, driver.ErrBadConn) ||
		strings.HasPrefix(libsqlMessage(err), "error code ")
}

// transportMessage tells whether the server was not reached or gave no answer, and in
// which words.
func transportMessage(err error) (string, bool) {
	var urlErr *url.Error
	var netErr net.Error
	var syntaxErr *json.SyntaxError
	switch {
	case errors.As(err, &urlErr):
		return "can't reach the server: " + oneLine(urlErr.Err.Error()), true
	case errors.As(err, &netErr):
		return "can't reach the server: " + oneLine(netErr.Error()), true
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the server broke off its answer", true
	case errors.As(err, &syntaxErr):
		return "what answers is not a libSQL server", true
	default:
		return "", false
	}
}

var (
	// What the client puts before the server's message.
	libsqlPrefix = regexp.MustCompile(`^failed to execute (SQL:[^\n]*|statement)\n`)
	// What a proxy says in many lines of HTML. The status before it is enough.
	htmlBody = regexp.MustCompile(`^(error code \d+): *<.*`)
)

// libsqlMessage returns the server's message.
func libsqlMessage(err error) string {
	message := oneLine(libsqlPrefix.ReplaceAllString(err.Error(), ""))
	for _, prefix := range []string{"SQLite error: ", "Arguments do not match SQL parameters: "} {
		message = strings.TrimPrefix(message, prefix)
	}
	return htmlBody.ReplaceAllString(message, "$1, from something that is not a libSQL server")
}
