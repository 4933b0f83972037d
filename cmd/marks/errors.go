package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/duolite/duolite/cmd/marks/internal/output"
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

// A usageError is a wrong command, flag or argument.
type usageError struct {
	problem string
	command string // the command whose --help the error suggests
}

func (e usageError) Error() string {
	return fmt.Sprintf("%s (see %s --help)", e.problem, e.command)
}

// An inputError is a file or value that can't be used.
type inputError struct {
	problem string
}

func (e inputError) Error() string { return e.problem }

func badInput(format string, args ...any) error {
	return inputError{fmt.Sprintf(format, args...)}
}

// A notFoundError reports that an object named on the command line doesn't exist.
type notFoundError struct {
	what string
}

func (e notFoundError) Error() string { return e.what }

func notFound(format string, args ...any) error {
	return notFoundError{fmt.Sprintf(format, args...)}
}

// errSchemaOlder reports a database that needs marks migrate up.
var errSchemaOlder = errors.New("the database's schema is older than this program's; run: marks migrate up")

// report prints err on one line and returns its exit code.
func report(stderr io.Writer, err error) int {
	if err == nil {
		return 0
	}
	code := exitCode(err)
	message := err.Error()
	if code == exitInterrupted {
		message = "interrupted"
	}
	message = strings.Join(strings.Fields(message), " ")
	fmt.Fprintf(stderr, "marks: %s%s\n", output.Line(message), advice(err))
	return code
}

func exitCode(err error) int {
	var usage usageError
	var input inputError
	var missing notFoundError
	switch {
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &input), is(err, db.ErrConfig, db.ErrTooBig, db.ErrCheck, db.ErrNotNull):
		return exitInput
	case errors.As(err, &missing):
		return exitNotFound
	case is(err, db.ErrCantOpen, db.ErrNotADatabase, db.ErrCorrupt, db.ErrUnavailable, db.ErrFull):
		return exitUnavailable
	case is(err, db.ErrUnauthorized, db.ErrReadOnly):
		return exitRefused
	case is(err, db.ErrBusy):
		return exitBusy
	case is(err, db.ErrNewerSchema, errSchemaOlder):
		return exitSchema
	case is(err, context.Canceled):
		return exitInterrupted
	default:
		return exitFailure
	}
}

// advice returns a remedy for an error of the database, or "" if none is known.
func advice(err error) string {
	switch {
	case is(err, db.ErrUnauthorized):
		return "; the token comes from TURSO_AUTH_TOKEN, LIBSQL_AUTH_TOKEN or JWT_TOKEN, set where the URL is: in the environment or in .env"
	case is(err, db.ErrNewerSchema):
		return "; install a newer marks"
	case is(err, db.ErrBusy):
		return "; another program is writing, try again"
	default:
		return ""
	}
}

func is(err error, kinds ...error) bool {
	for _, kind := range kinds {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}
