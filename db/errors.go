package db

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/internal/engine"
)

// The kinds of errors, which are the same for every engine. Programs should compare kinds with
// [errors.Is], not the text:
//
//	if errors.Is(err, db.ErrUnique) { … }
var (
	// ErrConfig: the URL or an option is invalid. Nothing was opened.
	ErrConfig = errors.New("unusable URL or option")
	// ErrUnique: a UNIQUE or PRIMARY KEY constraint failed.
	ErrUnique = engine.ErrUnique
	// ErrForeignKey: a FOREIGN KEY constraint failed.
	ErrForeignKey = engine.ErrForeignKey
	// ErrNotNull: a NOT NULL constraint failed.
	ErrNotNull = engine.ErrNotNull
	// ErrCheck: a CHECK constraint failed.
	ErrCheck = engine.ErrCheck
	// ErrBusy: another connection held the lock longer than the statement waited; see
	// [WithBusyTimeout]. The statement had no effect. If it was the first of a transaction,
	// the transaction is lost.
	ErrBusy = engine.ErrBusy
	// ErrReadOnly: a write to a database that is open read-only, in a read-only transaction,
	// or with a token that allows reading only.
	ErrReadOnly = engine.ErrReadOnly
	// ErrTooBig: a value or a result exceeds the engine's limit.
	ErrTooBig = engine.ErrTooBig
	// ErrFull: the disk is full.
	ErrFull = engine.ErrFull
	// ErrNotADatabase: the file is not a SQLite database.
	ErrNotADatabase = engine.ErrNotADatabase
	// ErrCorrupt: the database file is damaged. PRAGMA integrity_check reports where.
	ErrCorrupt = engine.ErrCorrupt
	// ErrCantOpen: the file or folder can't be opened or created, or the file was renamed,
	// deleted or replaced while the pool had it open. [errors.Is] also finds the operating
	// system's error, such as [io/fs.ErrPermission], if there is one.
	ErrCantOpen = engine.ErrCantOpen
	// ErrBadQuery: the text of a full-text search (MATCH) isn't valid in FTS5's query
	// language. A user may type such a text: "it's", foo-bar, an open quote. Put each word
	// into double quotes to search for it literally. Code is 1. Other SQL errors of the
	// statement have no kind.
	ErrBadQuery = engine.ErrBadQuery
	// ErrUnauthorized: the server requires a token, or refused the one it got.
	ErrUnauthorized = engine.ErrUnauthorized
	// ErrUnavailable: the server can't be reached, or can't answer now. The statement had no
	// effect, unless the error is an ErrOutcomeUnknown as well.
	ErrUnavailable = engine.ErrUnavailable
	// ErrOutcomeUnknown: a write was sent and its reply was lost, so the write may or may not
	// have been applied. Check before repeating it. The error is also of another kind, or also
	// the error of the context that ended the wait.
	ErrOutcomeUnknown = engine.ErrOutcomeUnknown
	// ErrTxLost: an earlier statement's error, or the server, rolled the transaction back
	// before its end. None of its changes are kept. Every later call on the transaction fails
	// with this error, except Rollback.
	ErrTxLost = engine.ErrTxLost
)

// An Error is an error of an engine. It contains no token and no argument of the statement.
type Error struct {
	// Kind is one of the Err… values of this package, or nil for other errors, such as syntax
	// errors.
	Kind error
	// Code is SQLite's result code, or 0 if the error isn't SQLite's. For a constraint it is
	// the extended code, otherwise the primary code. A PRIMARY KEY has the code of UNIQUE
	// (2067), since a server doesn't distinguish them. https://sqlite.org/rescode.html
	Code int
	// Message is the engine's message, on one line.
	Message string
	// Table and Columns name the columns of the UNIQUE or NOT NULL constraint that failed.
	// They are empty for other errors, about which SQLite doesn't name columns.
	Table   string
	Columns []string
	// OutcomeUnknown reports whether the error is an [ErrOutcomeUnknown].
	OutcomeUnknown bool
	// Err is the engine's own error, or nil. SQLite's error has a method Code() int that
	// returns the extended result code.
	Err error
}

// Error returns the message.
func (e *Error) Error() string {
	return e.Message
}

// Unwrap returns the kind, [ErrOutcomeUnknown] if it applies, and the engine's own error.
func (e *Error) Unwrap() []error {
	all := []error{e.Kind, nil, e.Err}
	if e.OutcomeUnknown {
		all[1] = ErrOutcomeUnknown
	}
	return slices.DeleteFunc(all, func(err error) bool { return err == nil })
}

// MarshalJSON returns the error as a JSON object. ExtendedCode is the engine's own extended
// code if it has one, and otherwise Code; GORM translates errors by it. Err is left out, since
// it can be any type.
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

// translate converts an *engine.Error to an [*Error], which is the same for every engine. It
// returns other errors unchanged, such as errors of contexts and errors about misuse of the API.
func translate(err error) error {
	e, ok := errors.AsType[*engine.Error](err)
	if !ok {
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

// commonCode reduces a result code to the part that all engines report.
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

// columnsOf parses the columns in SQLite's message, which lists them as table.column. The
// message about a UNIQUE index on expressions has the index name only.
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

// A configError is an error in the URL or an option. It contains no secret.
type configError struct {
	err error
}

func (e configError) Error() string { return "db: " + e.err.Error() }

func (e configError) Unwrap() []error { return []error{ErrConfig, e.err} }
