package db

import (
	"errors"
	"fmt"
	"strings"
)

// ErrNotApplied: the call's statement wasn't applied, or was rolled back, because its batch
// failed elsewhere. The text says where.
var ErrNotApplied = errors.New("not applied")

// A BatchError says which call of a batch failed.
type BatchError struct {
	// Call is the index of the call in the batch, from 0.
	Call int
	// Query is the name of the statement from a comment "-- name: X", which sqlc writes, or
	// "".
	Query string
	// Err is the error of the call.
	Err error

	calls int
	more  int // number of later calls that failed
}

// Error returns a text such as "call 3 of 10, CreateBookmark: UNIQUE constraint failed: …".
func (e *BatchError) Error() string {
	text := fmt.Sprintf("call %d of %d", e.Call+1, e.calls)
	if e.Query != "" {
		text += ", " + e.Query
	}
	text += ": " + e.Err.Error()
	if e.more > 0 {
		text += fmt.Sprintf(" (and %d more failed)", e.more)
	}
	return text
}

// Unwrap returns the call's error.
func (e *BatchError) Unwrap() error { return e.Err }

// A notAppliedError is the error of a call whose batch failed elsewhere.
type notAppliedError struct {
	cause error
	// whole: cause is about the whole batch, not about another call.
	whole bool
}

func (e *notAppliedError) Error() string { return ErrNotApplied.Error() + ": " + e.cause.Error() }

func (e *notAppliedError) Is(target error) bool { return target == ErrNotApplied }

// Unwrap returns the cause if it is about the whole batch. If another call failed with
// ErrUnique, this call's error must not be an ErrUnique.
func (e *notAppliedError) Unwrap() error {
	if e.whole {
		return e.cause
	}
	return nil
}

// queryName returns the name that sqlc gave the query.
func queryName(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	rest, found := strings.CutPrefix(strings.TrimSpace(line), "-- name:")
	if fields := strings.Fields(rest); found && len(fields) > 0 {
		return fields[0]
	}
	return ""
}

var (
	errNotRun      = errors.New("the batch hasn't run yet: call Get after Run")
	errRunning     = errors.New("the batch is running: call Get after Run")
	errQueuedLate  = errors.New("the call was queued after Run and doesn't run: make another batch")
	errRunTwice    = errors.New("the batch has already run: make another batch")
	errNone        = errors.New("the call ran no statement of the batch; methods of other Queries, and statements prepared elsewhere (emit_prepared_queries), run outside of it")
	errSecond      = errors.New("the call has a second statement, which isn't run: queue a call for each statement")
	errUnawaited   = errors.New("the call returned before its statement had a reply: let it wait for the method; Run reports whether the statement is applied")
	errRunPanicked = errors.New("Run panicked: the outcome of the batch is unknown")
	errGoexit      = errors.New("the call ended its goroutine")
	errPrepare     = errors.New("statements can't be prepared in a batch: generate without emit_prepared_queries, and use New instead of Prepare")
	errOver        = errors.New("the batch is over")
)
