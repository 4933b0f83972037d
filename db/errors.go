package db

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/duolite/duolite/db/internal/engine"
)

// The kinds of errors, the same whichever engine they come from. Programs act on the
// kind, with [errors.Is], and not on the text:
//
//	if errors.Is(err, db.ErrUnique) { … }
var (
	// ErrConfig: the URL or an option can't be used. Nothing was opened.
	ErrConfig = errors.New("unusable URL or option")
	// ErrUnique: a UNIQUE or PRIMARY KEY constraint failed.
	ErrUnique = engine.ErrUnique
	// ErrForeignKey: a FOREIGN KEY constraint failed.
	ErrForeignKey = engine.ErrForeignKey
	// ErrNotNull: a NOT NULL constraint failed.
	ErrNotNull = engine.ErrNotNull
	// ErrCheck: a CHECK constraint failed.
	ErrCheck = engine.ErrCheck
	// ErrBusy: another connection held the lock for longer than the wait; see
	// [WithBusyTimeout]. Nothing was done. A transaction that gets it at its first
	// statement is over.
	ErrBusy = engine.ErrBusy
	// ErrReadOnly: a write to a database that was opened for reading, in a read-only
	// transaction, or with a token that allows no more.
	ErrReadOnly = engine.ErrReadOnly
	// ErrTooBig: a value or a result is larger than the engine takes.
	ErrTooBig = engine.ErrTooBig
	// ErrFull: the disk is full.
	ErrFull = engine.ErrFull
	// ErrNotADatabase: the file is something else.
	ErrNotADatabase = engine.ErrNotADatabase
	// ErrCorrupt: the file is a database, and damaged. PRAGMA integrity_check says where.
	ErrCorrupt = engine.ErrCorrupt
	// ErrCantOpen: the file or folder can't be opened or created; or a file was renamed, deleted
	// or replaced while the pool had it open. [errors.Is] also finds the operating system's error,
	// such as [io/fs.ErrPermission], where there is one.
	ErrCantOpen = engine.ErrCantOpen
	// ErrBadQuery: the text of a full-text search (MATCH) isn't a query in the language of
	// FTS5, as a user may type it: "it's", foo-bar, an open quote. Code is 1. A search for
	// just these words puts each into double quotes. An error of the SQL around it has no kind.
	ErrBadQuery = engine.ErrBadQuery
	// ErrUnauthorized: the server wants a token, or another one.
	ErrUnauthorized = engine.ErrUnauthorized
	// ErrUnavailable: the server can't be reached, or can't answer now. Nothing was done,
	// unless the error is ErrOutcomeUnknown as well.
	ErrUnavailable = engine.ErrUnavailable
	// ErrOutcomeUnknown: a write was sent and its answer was lost, so that it may have
	// been done or not. The program must look before it repeats it. It comes beside
	// another kind, or beside the error of the context that ended the wait.
	ErrOutcomeUnknown = engine.ErrOutcomeUnknown
	// ErrTxLost: the transaction was rolled back before its end, by an error of an
	// earlier statement or by the server. Nothing of it is kept. What is called on it
	// fails with this error, Rollback aside.
	ErrTxLost = engine.ErrTxOver
)

// An Error is an error of an engine. It holds no token and no argument of the
// statement.
type Error struct {
	// Kind is one of the Err… values of this package, or nil for an error that is
	// none of them, such as one of syntax.
	Kind error
	// Code is SQLite's result code: for a constraint the extended one, where a PRIMARY
	// KEY is a UNIQUE (2067), as a server doesn't tell them apart; for the others the
	// primary one. It is 0 for what isn't SQLite's. https://sqlite.org/rescode.html
	Code int
	// Message is the engine's own, on one line.
	Message string
	// Table and Columns are what a UNIQUE or NOT NULL constraint is about, "" and none
	// for other errors. SQLite tells no more.
	Table   string
	Columns []string
	// OutcomeUnknown makes the error an [ErrOutcomeUnknown] too.
	OutcomeUnknown bool
	// Err is the engine's own error, or nil. That of SQLite has a method Code() int for
	// the extended code.
	Err error
}

// Error returns the message.
func (e *Error) Error() string {
	return e.Message
}

// Unwrap makes errors.Is find the kind, and errors.As the engine's own error.
func (e *Error) Unwrap() []error {
	var all []error
	if e.Kind != nil {
		all = append(all, e.Kind)
	}
	if e.OutcomeUnknown {
		all = append(all, ErrOutcomeUnknown)
	}
	if e.Err != nil {
		all = append(all, e.Err)
	}
	return all
}

// MarshalJSON returns the error as a JSON object. ExtendedCode is the engine's own code, where it
// tells SQLite's extended one, and otherwise Code: GORM knows its own errors by that. Err is left
// out, which may be anything.
func (e *Error) MarshalJSON() ([]byte, error) {
	out := struct {
		Kind               string `json:",omitempty"`
		Code, ExtendedCode int
		Message            string
		Table              string   `json:",omitempty"`
		Columns            []string `json:",omitempty"`
		OutcomeUnknown     bool     `json:",omitempty"`
	}{"", e.Code, e.Code, e.Message, e.Table, e.Columns, e.OutcomeUnknown}
	if e.Kind != nil {
		out.Kind = e.Kind.Error()
	}
	var own interface{ Code() int }
	if errors.As(e.Err, &own) {
		out.ExtendedCode = own.Code()
	}
	return json.Marshal(out)
}

// translate gives an engine's error the form that it has on every engine. The errors of
// contexts, and those that say how to call, stay as they are.
func translate(err error) error {
	var e *engine.Error
	if !errors.As(err, &e) {
		return err
	}
	translated := &Error{
		Kind:           e.Kind,
		Code:           commonCode(e.Code),
		Message:        e.Message,
		OutcomeUnknown: e.OutcomeUnknown,
		Err:            e.Err,
	}
	if e.Kind == ErrUnique || e.Kind == ErrNotNull {
		translated.Table, translated.Columns = columnsOf(e.Message)
	}
	return translated
}

// commonCode returns what is left of a code where it is the same on every engine.
func commonCode(code int) int {
	switch primary := code & 0xff; {
	case code == engine.CodePrimaryKey || code == engine.CodeRowID:
		return engine.CodeUnique
	case primary == engine.CodeConstraint:
		return code
	default:
		return primary
	}
}

// columnsOf reads the columns in SQLite's message, which has them as table.column. A
// UNIQUE index on expressions is told by its name alone.
func columnsOf(message string) (table string, columns []string) {
	_, list, found := strings.Cut(message, "constraint failed: ")
	if !found || strings.HasPrefix(list, "index ") {
		return "", nil
	}
	for _, name := range strings.Split(list, ", ") {
		of, column, found := strings.Cut(name, ".")
		if !found {
			return "", nil
		}
		table, columns = of, append(columns, column)
	}
	return table, columns
}

// A configError is an error of the URL or an option. It shows no secret.
type configError struct {
	err error
}

func (e configError) Error() string { return "db: " + e.err.Error() }

func (e configError) Unwrap() []error { return []error{ErrConfig, e.err} }
