package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"syscall"

	"github.com/duolite/duolite/cmd/internal/prompt"
	"github.com/duolite/duolite/db"
)

// The exit codes. The help of marks lists them.
const (
	exitFailure     = 1
	exitUsage       = 2
	exitInput       = 3
	exitNotFound    = 4
	exitUnavailable = 5
	exitRefused     = 6
	exitBusy        = 7
	exitSchema      = 8
	exitInterrupted = 130 // 128 + SIGINT, as shells have it
)

// A failure is an error of marks itself, with its exit code.
type failure struct {
	error
	code int
}

// badUsage returns the error for a wrong command, flag or argument.
func badUsage(format string, args ...any) error {
	return failure{fmt.Errorf(format, args...), exitUsage}
}

// badInput returns the error for a file or value that can't be used.
func badInput(format string, args ...any) error {
	return failure{fmt.Errorf(format, args...), exitInput}
}

// notFound returns the error for an object named on the command line that doesn't exist.
func notFound(format string, args ...any) error {
	return failure{fmt.Errorf(format, args...), exitNotFound}
}

var errSchemaOlder = failure{errors.New("the database's schema is older than this program's; run: marks migrate up"), exitSchema}

// fileError converts an error of the operating system about a file.
func fileError(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return notFound("%s: no such file", path)
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return badInput("%s: %v", path, errno)
	}
	return err
}

// A kind is an error of another package, with its exit code, and a remedy if one is known.
type kind struct {
	err    error
	code   int
	remedy string
}

var kinds = []kind{
	{db.ErrConfig, exitInput, ""},
	{db.ErrTooBig, exitInput, "; a file is too big for the database: a libSQL server takes 5,000,000 bytes"},
	{db.ErrCheck, exitInput, ""},
	{db.ErrNotNull, exitInput, ""},
	{db.ErrCantOpen, exitUnavailable, ""},
	{db.ErrNotADatabase, exitUnavailable, ""},
	{db.ErrCorrupt, exitUnavailable, ""},
	{db.ErrUnavailable, exitUnavailable, ""},
	{db.ErrFull, exitUnavailable, ""},
	{db.ErrUnauthorized, exitRefused, "; the token comes from TURSO_AUTH_TOKEN, LIBSQL_AUTH_TOKEN or JWT_TOKEN, set where the URL is: in the environment or in .env"},
	{db.ErrReadOnly, exitRefused, ""},
	{db.ErrBusy, exitBusy, "; another program is writing, try again"},
	{db.ErrNewerSchema, exitSchema, "; install a newer marks"},
	{prompt.ErrNoAnswer, exitUsage, ""},
	{context.Canceled, exitInterrupted, ""},
}

// classify returns the exit code of an error of a command, and a remedy.
func classify(command string, err error) (code int, remedy string) {
	code = exitFailure
	if own, ok := errors.AsType[failure](err); ok {
		code = own.code
	} else if i := slices.IndexFunc(kinds, func(k kind) bool { return errors.Is(err, k.err) }); i >= 0 {
		code, remedy = kinds[i].code, kinds[i].remedy
	}
	if code == exitUsage {
		remedy = " (see " + command + " --help)"
	}
	return code, remedy
}

// report prints an error of a command on one line, and returns its exit code.
func report(command string, err error) int {
	if err == nil {
		return 0
	}
	code, remedy := classify(command, err)
	message := strings.Join(strings.Fields(err.Error()), " ")
	if code == exitInterrupted {
		message = "interrupted"
	}
	say("marks: %s%s", message, remedy)
	return code
}
