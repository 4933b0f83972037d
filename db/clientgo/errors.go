package clientgo

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

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqltext"
)

const tooLarge = "Response is too large"

// What the client's errors say, and what they are: it keeps no codes. The first that
// the text begins with decides; further on, a text may quote the program's own.
var known = []struct {
	text string
	kind error
	code int
}{
	{"error code 401", engine.ErrUnauthorized, 0},
	{"error code 403", engine.ErrReadOnly, engine.CodeReadOnly},
	{"error code 429", engine.ErrUnavailable, 0},
	{"error code 5", engine.ErrUnavailable, 0},
	{"UNIQUE constraint failed", engine.ErrUnique, engine.CodeUnique},
	{"FOREIGN KEY constraint failed", engine.ErrForeignKey, engine.CodeForeignKey},
	{"NOT NULL constraint failed", engine.ErrNotNull, engine.CodeNotNull},
	{"CHECK constraint failed", engine.ErrCheck, engine.CodeCheck},
	{"cannot store ", nil, engine.CodeDatatype},
	{"datatype mismatch", nil, engine.CodeMismatch},
	{"database is locked", engine.ErrBusy, engine.CodeBusy},
	{"Transaction timed out", engine.ErrBusy, engine.CodeBusy},
	{"attempt to write a readonly database", engine.ErrReadOnly, engine.CodeReadOnly},
	{"string or blob too big", engine.ErrTooBig, engine.CodeTooBig},
	{tooLarge, engine.ErrTooBig, engine.CodeTooBig},
	{"database or disk is full", engine.ErrFull, engine.CodeFull},
	{"database disk image is malformed", engine.ErrCorrupt, engine.CodeCorrupt},
}

// translate is the place where errors of the client become ours. The kind is that of the
// statement: the answer to a write that is lost leaves its outcome unknown.
func translate(kind sqltext.Kind, inTx bool, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		if !lasts(kind, inTx) {
			return err
		}
		return &engine.Error{Kind: engine.ErrUnavailable, Message: "the call ended before the server's answer", OutcomeUnknown: true, Err: err}
	}
	if message, sent, ok := transport(err); ok {
		return &engine.Error{Kind: engine.ErrUnavailable, Message: message, OutcomeUnknown: sent && lasts(kind, inTx), Err: err}
	}
	e := &engine.Error{Message: message(err), Code: engine.CodeError, Err: err}
	e.Kind = engine.KindOf(e.Code, e.Message)
	for _, k := range known {
		if strings.HasPrefix(e.Message, k.text) {
			e.Kind, e.Code = k.kind, k.code
			// The rows are too large; the statement has run.
			e.OutcomeUnknown = k.text == tooLarge && lasts(kind, inTx)
			break
		}
	}
	return e
}

// lasts reports whether a statement does what can't be taken back: in a transaction only its
// COMMIT does.
func lasts(kind sqltext.Kind, inTx bool) bool {
	switch kind {
	case sqltext.Commit:
		return true
	case sqltext.Read, sqltext.BeginDeferred, sqltext.BeginWrite, sqltext.Rollback, sqltext.Savepoint:
		return false
	default:
		return !inTx
	}
}

// breaks reports whether err is more than SQL that failed.
func breaks(err error) bool {
	_, _, lost := transport(err)
	return lost ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, driver.ErrBadConn) ||
		strings.HasPrefix(message(err), "error code ")
}

// errReply is about a reply that the client can't read.
var errReply = errors.New("the answer is not from a libSQL server")

// transport tells whether the server was not reached or gave no answer, in which words,
// and whether it may have been sent something.
func transport(err error) (message string, sent, ok bool) {
	var urlErr *url.Error
	var netErr net.Error
	var opErr *net.OpError
	var syntaxErr *json.SyntaxError
	sent = !errors.As(err, &opErr) || opErr.Op != "dial"
	switch {
	case errors.As(err, &urlErr):
		return "can't reach the server: " + engine.OneLine(urlErr.Err.Error()), sent, true
	case errors.As(err, &netErr):
		return "can't reach the server: " + engine.OneLine(netErr.Error()), sent, true
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "the server broke off its answer", true, true
	case errors.As(err, &syntaxErr), errors.Is(err, errReply):
		return errReply.Error(), true, true
	default:
		return "", false, false
	}
}

var (
	// What the client puts before the server's message.
	prefix = regexp.MustCompile(`^failed to execute (SQL:[^\n]*|statement)\n`)
	// What a proxy says in many lines of HTML. The status before it is enough.
	html = regexp.MustCompile(`^(error code \d+): *<.*`)
	// Where in the text the server found the mistake.
	offset = regexp.MustCompile(` \(at offset \d+\)$`)
)

// message returns the server's message.
func message(err error) string {
	text := engine.OneLine(prefix.ReplaceAllString(err.Error(), ""))
	for _, layer := range []string{"SQLite error: ", "SQLite input error: ", "SQL input error: ", "Arguments do not match SQL parameters: "} {
		text = strings.TrimPrefix(text, layer)
	}
	text = strings.TrimSuffix(offset.ReplaceAllString(text, ""), ":") // of an error without a text
	return html.ReplaceAllString(text, "$1, from something that is not a libSQL server")
}
