package hrana

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
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
	return &engine.Error{Kind: engine.KindOf(code), Code: code, Message: message}
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

// A statusError is an answer with another status than 200.
type statusError struct {
	status int
	code   string // as a [replyError] has it
	text   string // cleaned, may be ""
	html   bool
}

// newStatusError reads the answer. The body may be of either of two forms of JSON, a
// text, or a page by whatever is in between.
// https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md#errors-1
func newStatusError(resp *http.Response, bearer *key) *statusError {
	e := &statusError{status: resp.StatusCode}
	// It is read even where the status tells enough: the connection serves again.
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxStatusBody))
	body = bytes.TrimSpace(body)
	e.html = bytes.HasPrefix(body, []byte("<"))
	if e.html {
		return e
	}
	text := string(body)
	s := &scanner{data: body}
	var message, short string
	err := s.object(func(key []byte) (err error) {
		switch string(key) {
		case "message":
			message, err = s.optional()
		case "error":
			short, err = s.optional()
		case "code":
			e.code, err = s.optional()
		default:
			err = s.skip()
		}
		return err
	})
	if err == nil {
		text = message
		if text == "" {
			text = short
		}
	}
	e.text = clean(text, bearer)
	// It may quote an argument.
	if strings.HasPrefix(e.text, "Cannot deserialize") {
		e.text = "the server doesn't understand the request"
	}
	return e
}

func (e *statusError) Error() string {
	text := fmt.Sprintf("error code %d", e.status)
	switch {
	case e.html:
		return text + ", from something that is not a libSQL server"
	case e.text != "":
		return text + ": " + e.text
	default:
		return text
	}
}

// streamGone reports whether the server doesn't know the stream, so that nothing ran.
func (e *statusError) streamGone() bool {
	return e.code == codeStreamExpired || e.status == http.StatusBadRequest &&
		(strings.HasPrefix(e.text, "Received an invalid baton") ||
			strings.HasPrefix(e.text, "Received a baton that has already been used") ||
			strings.HasPrefix(e.text, "Stream for this baton was closed"))
}

// mayHaveRun reports whether the statement may have run all the same: a server that
// refuses says 4xx, but one that fails may have got far before.
func (e *statusError) mayHaveRun() bool {
	return e.status >= 500 || e.status < 400
}

// translate makes an error of the engine out of a refusal.
func (e *statusError) translate() *engine.Error {
	out := &engine.Error{Message: e.Error()}
	switch {
	case e.status == http.StatusUnauthorized:
		out.Kind = engine.ErrUnauthorized
	case e.status == http.StatusForbidden && strings.Contains(e.text, "Write permission"):
		out.Kind, out.Code = engine.ErrReadOnly, engine.CodeReadOnly
	case e.status == http.StatusForbidden:
		out.Kind = engine.ErrUnauthorized
	case e.status == http.StatusRequestEntityTooLarge:
		out.Kind, out.Code = engine.ErrTooBig, engine.CodeTooBig
	case strings.Contains(e.text, "invalid utf-8 sequence"):
		// No fault of the server's: it can't send the text that the statement gives.
		out.Message = "the result has text that isn't UTF-8, which a server can't send: " + e.text
	case e.status == http.StatusTooManyRequests, e.mayHaveRun():
		out.Kind = engine.ErrUnavailable
	}
	return out
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

// txOver is the error of a statement whose transaction is gone.
func txOver() *engine.Error {
	return &engine.Error{Kind: engine.ErrTxOver, Message: engine.ErrTxOver.Error()}
}

// clean makes one line of a text by a server, without the token.
func clean(text string, bearer *key) string {
	text = bearer.redact(engine.OneLine(strings.ToValidUTF8(text, "\uFFFD")))
	if len(text) <= maxMessage {
		return text
	}
	end := maxMessage
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
