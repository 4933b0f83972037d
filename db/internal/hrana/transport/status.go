package transport

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/wire"
)

const (
	// maxStatusBody bounds the part of an error response that is read.
	maxStatusBody = 256 << 10
	// codeStreamExpired is sqld's code for a baton of a stream that it has closed.
	codeStreamExpired = "STREAM_EXPIRED"
)

// A StatusError is an answer with another status than 200.
type StatusError struct {
	status int
	code   string // of a [wire.Error]
	text   string // cleaned; may be ""
	html   bool   // the body is a web page
}

// newStatusError reads the answer. Servers send JSON in two forms, protobuf, or text; proxies send text or a
// web page.
func newStatusError(resp *http.Response, key *Key) *StatusError {
	e := &StatusError{status: resp.StatusCode}
	// Reading the body allows the connection to be used again.
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxStatusBody))
	if len(body) == maxStatusBody {
		return e // no server sends such a text, and its end might be half of a token
	}
	codec := wire.JSON
	if resp.Header.Get("Content-Type") == protobufType {
		codec = wire.Protobuf
	} else {
		body = bytes.TrimSpace(body)
	}
	e.html = bytes.HasPrefix(body, []byte("<"))
	if e.html {
		return e
	}
	text := string(body)
	found, err := codec.DecodeError(body)
	if err == nil {
		text = found.Message
	}
	e.code, e.text = key.Clean(found.Code), key.Clean(text)
	// The rest of this message may quote an argument.
	if strings.HasPrefix(e.text, "Cannot deserialize") || strings.HasPrefix(e.text, "Could not decode") {
		e.text = "the server doesn't understand the request"
	}
	return e
}

// Error implements error.
func (e *StatusError) Error() string {
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

// StreamGone reports whether the server doesn't know the stream. Then it has run nothing.
func (e *StatusError) StreamGone() bool {
	return e.code == codeStreamExpired || e.status == http.StatusBadRequest &&
		(strings.HasPrefix(e.text, "Received an invalid baton") ||
			strings.HasPrefix(e.text, "Stream for this baton was closed"))
}

// MayHaveRun reports whether the statements may have run. A server that refuses a request answers
// 4xx. A server that fails, and answers 5xx, may have run some of them before.
func (e *StatusError) MayHaveRun() bool {
	// A used baton: a proxy has sent the request twice, and the first copy may have run.
	return e.status >= 500 || e.status < 400 || strings.HasPrefix(e.text, "Received a baton that has already been used")
}

// Refused reports whether the server has refused the request itself, and not its sender. Some gateways answer
// 403 to a path that they don't have, so it may be either.
func (e *StatusError) Refused() bool {
	return e.status != http.StatusUnauthorized && e.status != http.StatusTooManyRequests
}

// NoEncoding reports whether the server doesn't have the endpoint in the encoding of the request. Then it has run
// nothing.
func (e *StatusError) NoEncoding() bool {
	switch e.status {
	case http.StatusMethodNotAllowed, http.StatusNotAcceptable, http.StatusUnsupportedMediaType:
		return true
	default:
		return e.NoEndpoint()
	}
}

// NotUnderstood reports whether the server can't read the request, or a part of it.
func (e *StatusError) NotUnderstood() bool {
	return e.status == http.StatusBadRequest && e.code == "" && !e.StreamGone() && !e.MayHaveRun()
}

// NoEndpoint reports whether the server doesn't have the endpoint of the request.
func (e *StatusError) NoEndpoint() bool { return e.status == http.StatusNotFound && e.code == "" }

// Unsendable reports whether the result has text that isn't UTF-8. The server drops the stream.
func (e *StatusError) Unsendable() bool { return strings.Contains(e.text, "invalid utf-8 sequence") }

// Convert returns the error as an [*engine.Error]. It doesn't set OutcomeUnknown.
func (e *StatusError) Convert() *engine.Error {
	out := &engine.Error{Message: e.Error(), Err: e}
	switch {
	case e.status == http.StatusUnauthorized:
		out.Kind = engine.ErrUnauthorized
	case e.status == http.StatusForbidden && strings.Contains(e.text, "Write permission"):
		out.Kind, out.Code = engine.ErrReadOnly, engine.CodeReadOnly
	case e.status == http.StatusForbidden:
		out.Kind = engine.ErrUnauthorized
	case e.status == http.StatusRequestEntityTooLarge:
		out.Kind, out.Code = engine.ErrTooBig, engine.CodeTooBig
	case e.Unsendable():
		// The server isn't at fault: the protocol can't hold the text that the statement returns.
		out.Message = "the result has text that isn't UTF-8, which a server can't send: " + e.text
		out.Err = fmt.Errorf("%w: %w", engine.ErrUnsendable, e)
	case e.status == http.StatusTooManyRequests, e.MayHaveRun():
		out.Kind = engine.ErrUnavailable
	}
	return out
}
