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
	"github.com/duolite/duolite/internal/sqltext"
)

const tooLarge = "Response is too large"

// known maps the client's messages to kinds and codes, since the client reports no codes. A
// message must begin with text: further on, it may quote the program's own text.
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

// translate converts an error of the client to an [*engine.Error]. kind is the kind of the
// statement: if the reply to a write is lost, the outcome is unknown.
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
			// The result is too large, but the statement has run.
			e.OutcomeUnknown = k.text == tooLarge && lasts(kind, inTx)
			break
		}
	}
	return e
}

// lasts reports whether a statement has an effect that can't be rolled back. In a transaction
// only COMMIT has one.
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

// breaks reports whether err leaves the stream unusable, unlike an SQL error.
func breaks(err error) bool {
	_, _, lost := transport(err)
	return lost ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, driver.ErrBadConn) ||
		strings.HasPrefix(message(err), "error code ")
}

// errReply is the error for a reply that the client can't parse.
var errReply = errors.New("the answer is not from a libSQL server")

// transport reports whether err is a network error, or an invalid reply. It returns a message,
// and whether a request may have been sent.
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
	// prefix is added by the client before the server's message.
	prefix = regexp.MustCompile(`^failed to execute (SQL:[^\n]*|statement)\n`)
	// html matches a proxy's HTML page. The status before it is enough.
	html = regexp.MustCompile(`^(error code \d+): *<.*`)
	// offset is the position of the error in the SQL.
	offset = regexp.MustCompile(` \(at offset \d+\)$`)
)

// message returns the server's message.
func message(err error) string {
	text := engine.OneLine(prefix.ReplaceAllString(err.Error(), ""))
	for _, layer := range []string{"SQLite error: ", "SQLite input error: ", "SQL input error: ", "Arguments do not match SQL parameters: "} {
		text = strings.TrimPrefix(text, layer)
	}
	text = strings.TrimSuffix(offset.ReplaceAllString(text, ""), ":") // the end of an error without a message
	return html.ReplaceAllString(text, "$1, from something that is not a libSQL server")
}
