package call

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/duolite/duolite/db/internal/hrana/transport"
)

// maxErrorBody bounds the body of an HTTP error that is read.
const maxErrorBody = 4 << 10

// An Answer is an answer, of which the header has arrived.
type Answer struct {
	tokens  *tokens
	token   Secret // of the request
	caller  context.Context
	ctx     context.Context // ends with the caller's, by the timer, or by Close
	cancel  context.CancelCauseFunc
	timer   *time.Timer
	timeout time.Duration // of each wait; 0 is no limit
	resp    *http.Response
}

// Format implements [fmt.Formatter]. It shows no token.
func (*Answer) Format(f fmt.State, _ rune) { fmt.Fprint(f, "call.Answer") }

func (c *Client) newAnswer(ctx context.Context, token Secret) *Answer {
	a := &Answer{tokens: c.tokens, token: token, caller: ctx}
	a.ctx, a.cancel = context.WithCancelCause(ctx)
	a.timer = time.AfterFunc(time.Hour, func() { a.cancel(transport.ErrTimeout) })
	a.timer.Stop()
	if _, has := ctx.Deadline(); !has {
		a.timeout = c.cfg.RequestTimeout
	}
	return a
}

func (a *Answer) startTimer() {
	if a.timeout > 0 {
		a.timer.Reset(a.timeout)
	}
}

// head returns nil, nil if the body follows. It returns the URL of a redirect, or an error.
func (a *Answer) head(r *Request) (*url.URL, error) {
	if r.Check != nil {
		if err := r.Check(a); err != nil {
			return nil, err
		}
	}
	switch code := a.resp.StatusCode; {
	case code >= 300 && code < 400:
		return a.redirect()
	case code != http.StatusOK:
		return nil, a.httpError(code)
	case !strings.HasPrefix(a.resp.Header.Get("Content-Type"), r.ContentType):
		return nil, Failure(ErrMalformed, "the answer is not from a libSQL server", nil)
	}
	return nil, nil
}

// Header returns the header.
func (a *Answer) Header() http.Header { return a.resp.Header }

// Delimited reports whether HTTP shows where the body ends, so that a body that broke off isn't
// taken for a complete one.
func (a *Answer) Delimited() bool {
	return a.resp.ContentLength >= 0 || len(a.resp.TransferEncoding) > 0 || a.resp.ProtoMajor > 1
}

// NoTimeout lifts the limit of the waits that follow.
func (a *Answer) NoTimeout() { a.timeout = 0 }

// Read implements [io.Reader]. The error is [io.EOF] or an error of the network; [Answer.Lost] types it.
func (a *Answer) Read(b []byte) (int, error) {
	a.startTimer()
	n, err := a.resp.Body.Read(b)
	a.timer.Stop()
	return n, err
}

// Close ends the request.
func (a *Answer) Close() {
	a.cancel(nil)
	a.resp.Body.Close()
}

// Lost types an error of [Answer.Read].
func (a *Answer) Lost(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return a.lost(err, "the server broke off its answer")
	}
	return a.lost(err, "no answer from the server: "+a.token.Clean(err.Error()))
}

// lost types an error of the network. net/http reports a timeout as a canceled request.
func (a *Answer) lost(err error, message string) error {
	if ended := a.caller.Err(); ended != nil {
		return ended
	}
	if context.Cause(a.ctx) == transport.ErrTimeout {
		// The caller's context has no deadline of its own.
		err = fmt.Errorf("%w: %w", transport.ErrTimeout, context.DeadlineExceeded)
		return Failure(ErrCut, transport.ErrTimeout.Error(), err)
	}
	return Failure(ErrCut, message, a.token.RedactError(err))
}

// Refused returns the error for a text of the server, and forgets a token that was refused.
func (a *Answer) Refused(reason error, text string) error {
	if reason == ErrTokenRefused {
		a.tokens.refuse(a.token)
	}
	message := reason.Error()
	if text = a.token.Clean(text); text != "" {
		message += ": " + text
	}
	return Failure(reason, message, nil)
}

// httpError converts another HTTP status than 200.
func (a *Answer) httpError(code int) error {
	body, _ := io.ReadAll(io.LimitReader(a, maxErrorBody))
	text := fmt.Sprintf("HTTP status %d", code)
	// A web page says nothing. The end of a longer text might be half of a token.
	if len(body) > 0 && len(body) < maxErrorBody && !bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) {
		text += ": " + string(body)
	}
	switch {
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		return a.Refused(ErrTokenRefused, text)
	case code == http.StatusRequestTimeout, code == http.StatusTooManyRequests, code >= 500 && code != http.StatusNotImplemented:
		return a.Refused(ErrCut, text)
	default:
		return a.Refused(ErrUnsupported, text)
	}
}
