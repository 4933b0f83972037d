package hrana

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/duolite/duolite/db/internal/engine"
)

// maxMessage bounds, in bytes, what is kept of a text by a server.
const maxMessage = 300

// The codes of errors, by the names that servers give them. They aren't part of the
// specification: those of sqld are in its libsql-server/src/hrana.
const (
	codeTooLarge      = "RESPONSE_TOO_LARGE"
	codeStreamExpired = "STREAM_EXPIRED"
	codeInput         = "SQL_INPUT_ERROR"
	codeTxTimeout     = "TRANSACTION_TIMEOUT"
)

var codes = map[string]int{
	"SQLITE_BUSY":     engine.CodeBusy,
	"SQLITE_LOCKED":   engine.CodeLocked,
	"SQLITE_NOMEM":    engine.CodeNoMemory,
	"SQLITE_READONLY": engine.CodeReadOnly,
	// Another transaction wanted the lock for 5 seconds, and got it.
	codeTxTimeout:       engine.CodeBusy,
	"TRANSACTION_BUSY":  engine.CodeBusy,
	"SQLITE_INTERRUPT":  engine.CodeInterrupt,
	"SQLITE_IOERR":      engine.CodeIO,
	"SQLITE_CORRUPT":    engine.CodeCorrupt,
	"SQLITE_FULL":       engine.CodeFull,
	"SQLITE_CANTOPEN":   engine.CodeCantOpen,
	"SQLITE_TOOBIG":     engine.CodeTooBig,
	codeTooLarge:        engine.CodeTooBig,
	"SQLITE_CONSTRAINT": engine.CodeConstraint,
	// Newer servers tell extended codes.
	"SQLITE_CONSTRAINT_UNIQUE":     engine.CodeUnique,
	"SQLITE_CONSTRAINT_PRIMARYKEY": engine.CodePrimaryKey,
	"SQLITE_CONSTRAINT_ROWID":      engine.CodeRowID,
	"SQLITE_CONSTRAINT_FOREIGNKEY": engine.CodeForeignKey,
	"SQLITE_CONSTRAINT_NOTNULL":    engine.CodeNotNull,
	"SQLITE_CONSTRAINT_CHECK":      engine.CodeCheck,
	"SQLITE_CONSTRAINT_TRIGGER":    engine.CodeTrigger,
	"SQLITE_CONSTRAINT_DATATYPE":   engine.CodeDatatype,
	"SQLITE_MISMATCH":              engine.CodeMismatch,
	"SQLITE_AUTH":                  engine.CodeAuth,
	"SQLITE_RANGE":                 engine.CodeRange,
	"ARGS_INVALID":                 engine.CodeRange,
	"SQLITE_NOTADB":                engine.CodeNotADB,

	"SQLITE_UNKNOWN":      engine.CodeError,
	codeInput:             engine.CodeError,
	"SQL_PARSE_ERROR":     engine.CodeError,
	"SQL_NO_STATEMENT":    engine.CodeError,
	"SQL_MANY_STATEMENTS": engine.CodeError,
}

// texts are SQLite's messages for which servers have no code: of an error while binding,
// or on the server behind them.
var texts = map[string]int{
	"string or blob too big":               engine.CodeTooBig,
	"database is locked":                   engine.CodeBusy,
	"attempt to write a readonly database": engine.CodeReadOnly,
	"database or disk is full":             engine.CodeFull,
	"database disk image is malformed":     engine.CodeCorrupt,
	"file is not a database":               engine.CodeNotADB,
}

// prefixes are what servers put before SQLite's message.
var prefixes = []string{
	"SQLite error: ",
	"SQLite input error: ",
	"SQL input error: ",
	"Arguments do not match SQL parameters: ",
}

// translate makes an error of the engine out of a statement's.
func (e *replyError) translate(bearer *key) *engine.Error {
	message := e.message
	for _, prefix := range prefixes {
		if rest, found := strings.CutPrefix(message, prefix); found {
			message = rest
			break
		}
	}
	if at := strings.LastIndex(message, " (at offset "); at >= 0 && e.code == codeInput && strings.HasSuffix(message, ")") {
		message = message[:at]
	}
	message = clean(message, bearer)
	code := codeOf(e.code, message)
	return &engine.Error{Kind: engine.KindOf(code, message), Code: code, Message: message}
}

// codeOf returns SQLite's result code by the server's name of it, or else by the
// message.
func codeOf(name, message string) int {
	code := codes[name]
	// Names of extended codes begin with that of the code: SQLITE_BUSY_SNAPSHOT.
	for code == 0 && strings.Count(name, "_") > 1 {
		name = name[:strings.LastIndexByte(name, '_')]
		code = codes[name]
	}
	switch code {
	case engine.CodeConstraint:
		return engine.ConstraintCode(message)
	case 0:
		// A server of another make, or one that hands on the error of its primary.
		if found := engine.ConstraintCode(message); found != engine.CodeTrigger {
			return found
		}
	}
	if found, ok := texts[message]; ok {
		return found
	}
	return code
}

// unanswered makes an error of the engine out of err, which is not of the kinds above:
// of the network, of a broken answer.
func unanswered(err error) *engine.Error {
	var send *sendError
	message := ""
	switch {
	case errors.Is(err, errSyntax):
		return notServer(err)
	case errors.As(err, &send) && !send.sent:
		message = "can't reach the server: " + clean(send.err.Error(), nil)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		message = "the server broke off its answer"
	default:
		message = "no answer from the server: " + clean(err.Error(), nil)
	}
	if errors.Is(err, errTimeout) {
		// It is that of a caller without a time limit of its own.
		err = fmt.Errorf("%w: %w", err, context.DeadlineExceeded)
	}
	return &engine.Error{Kind: engine.ErrUnavailable, Message: message, Err: err}
}

// notServer is the error of an answer that makes no sense.
func notServer(err error) *engine.Error {
	return &engine.Error{Kind: engine.ErrUnavailable, Message: "what answers is not a libSQL server", Err: err}
}

// clean makes one line of a text by a server, without the token.
func clean(text string, bearer *key) string {
	text = bearer.redact(engine.OneLine(text))
	if len(text) <= maxMessage {
		return text
	}
	end := maxMessage
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
