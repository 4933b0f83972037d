package engine

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// The kinds of errors. Package db exports and documents them.
var (
	ErrUnique       = errors.New("unique constraint failed")
	ErrForeignKey   = errors.New("foreign key constraint failed")
	ErrNotNull      = errors.New("not null constraint failed")
	ErrCheck        = errors.New("check constraint failed")
	ErrBusy         = errors.New("database is locked")
	ErrReadOnly     = errors.New("database is read-only")
	ErrTooBig       = errors.New("too big")
	ErrFull         = errors.New("disk is full")
	ErrNotADatabase = errors.New("file is not a database")
	ErrCorrupt      = errors.New("database file is damaged")
	ErrBadQuery     = errors.New("malformed full-text query")
	ErrCantOpen     = errors.New("can't open the database file")
	ErrUnauthorized = errors.New("unauthorized")
	ErrUnavailable  = errors.New("server is unavailable")
	// ErrTxLost: the transaction was rolled back before its end.
	ErrTxLost = errors.New("the transaction is lost: an earlier error rolled it back")
	// ErrOutcomeUnknown is returned together with another kind.
	ErrOutcomeUnknown = errors.New("outcome unknown")
)

// ErrUnsendable is wrapped by the error of a result with a value that JSON can't hold, so that a server can't send it: an infinite
// number, or text that isn't UTF-8.
var ErrUnsendable = errors.New("a value that a server can't send")

// ErrClosed is the error of calls that are ended by closing their pool.
var ErrClosed = &Error{Message: "the pool was closed", Err: sql.ErrConnDone}

// TxLost returns the error of a statement in a lost transaction.
func TxLost() *Error { return &Error{Kind: ErrTxLost, Message: ErrTxLost.Error()} }

// WriteRefused returns SQLite's error for a write to a read-only database, for engines that
// must refuse the write themselves.
func WriteRefused() *Error {
	return &Error{Kind: ErrReadOnly, Code: CodeReadOnly, Message: "attempt to write a readonly database"}
}

// An Error is an error of an engine. It contains no token and no argument.
type Error struct {
	// Kind is one of the Err… values, or nil.
	Kind error
	// Code is SQLite's result code, extended if the engine reports that, or 0.
	// https://sqlite.org/rescode.html
	Code int
	// Message is the engine's message on one line, without prefixes of lower layers.
	Message string
	// OutcomeUnknown: a statement that may write was sent, and its reply was lost.
	OutcomeUnknown bool
	// Err is the underlying error, or nil.
	Err error
}

func (e *Error) Error() string { return e.Message }

func (e *Error) Unwrap() error { return e.Err }

// The result codes of SQLite that the engines distinguish. https://sqlite.org/rescode.html
const (
	CodeError      = 1
	CodeBusy       = 5
	CodeLocked     = 6
	CodeNoMemory   = 7
	CodeReadOnly   = 8
	CodeInterrupt  = 9
	CodeIO         = 10
	CodeCorrupt    = 11
	CodeFull       = 13
	CodeCantOpen   = 14
	CodeTooBig     = 18
	CodeConstraint = 19
	CodeMismatch   = 20
	CodeAuth       = 23
	CodeRange      = 25
	CodeNotADB     = 26

	CodeCheck      = 275
	CodeForeignKey = 787
	CodeNotNull    = 1299
	CodePrimaryKey = 1555
	CodeTrigger    = 1811
	CodeUnique     = 2067
	CodeRowID      = 2579
	CodeDatatype   = 3091
)

// KindOf returns the kind of a result code, or nil. For a code with several meanings the
// message decides.
func KindOf(code int, message string) error {
	if kind := kinds[code]; kind != nil {
		return kind
	}
	if code&0xff == CodeError && isBadQuery(message) {
		return ErrBadQuery
	}
	return kinds[code&0xff]
}

// kinds has the kinds of constraints, by their extended codes, and of other errors, by their primary codes.
var kinds = map[int]error{
	CodeUnique:     ErrUnique,
	CodePrimaryKey: ErrUnique,
	CodeRowID:      ErrUnique,
	CodeForeignKey: ErrForeignKey,
	CodeNotNull:    ErrNotNull,
	CodeCheck:      ErrCheck,

	CodeBusy:     ErrBusy,
	CodeLocked:   ErrBusy,
	CodeReadOnly: ErrReadOnly,
	CodeTooBig:   ErrTooBig,
	CodeFull:     ErrFull,
	CodeNotADB:   ErrNotADatabase,
	CodeCorrupt:  ErrCorrupt,
	CodeCantOpen: ErrCantOpen,
}

// constraints maps the beginnings of SQLite's messages to the extended codes of constraints.
// The messages are constants of SQLite.
var constraints = []struct {
	prefix string
	code   int
}{
	{"UNIQUE constraint failed", CodeUnique},
	{"FOREIGN KEY constraint failed", CodeForeignKey},
	{"NOT NULL constraint failed", CodeNotNull},
	{"CHECK constraint failed", CodeCheck},
	{"cannot store ", CodeDatatype},
}

// ConstraintCode returns the extended code of a failed constraint from SQLite's message, for
// an engine that doesn't report it. Any other message is the program's own, from RAISE.
func ConstraintCode(message string) int {
	for _, c := range constraints {
		if strings.HasPrefix(message, c.prefix) {
			return c.code
		}
	}
	return CodeTrigger
}

// QuotedColumn returns the name in SQLite's message about a double-quoted name that matches no
// column. SQLite reports it only in this message.
func QuotedColumn(message string) (name string, ok bool) {
	rest, found := strings.CutSuffix(message, "\" - should this be a string literal in single-quotes?")
	if !found {
		return "", false
	}
	return strings.CutPrefix(rest, "no such column: \"")
}

// A PanicError is the error of a statement that called a Go function which panicked.
type PanicError struct {
	Value any    // of the panic
	Stack []byte // as of [runtime/debug.Stack]
}

func (e *PanicError) Error() string { return OneLine(fmt.Sprint("panic: ", e.Value)) }

// Unwrap returns the value of the panic if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
