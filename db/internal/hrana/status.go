package hrana

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/duolite/duolite/db/internal/engine"
)

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
	if len(body) == maxStatusBody {
		return e // no server's text, and its end might be a half of what is to stay secret
	}
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
			strings.HasPrefix(e.text, "Stream for this baton was closed"))
}

// mayHaveRun reports whether the statement may have run all the same: a server that
// refuses says 4xx, but one that fails may have got far before.
func (e *statusError) mayHaveRun() bool {
	// A baton that was used before: something on the way has sent the request twice, and
	// the first may have run.
	return e.status >= 500 || e.status < 400 || strings.HasPrefix(e.text, "Received a baton that has already been used")
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
