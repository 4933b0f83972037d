package walog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"time"

	"github.com/duolite/duolite/db/internal/hrana/transport"
)

// maxErrorBody bounds the body of an HTTP error that is read.
const maxErrorBody = 4 << 10

// call sends a request, and returns its answer if that has messages. It sends the request again with
// a new token, or to the URL of a redirect. The caller must close the answer.
func (c *Client) call(ctx context.Context, method string, s *Session, message []byte) (*answer, error) {
	token, err := c.tokens.get(ctx)
	if err != nil {
		return nil, err
	}
	target, renewed := c.base.JoinPath(method), false
	for redirects := 0; ; {
		a, err := c.send(ctx, target, s, message, token)
		if err != nil {
			return nil, err
		}
		location, err := a.head()
		if err == nil && location == nil {
			return a, nil
		}
		a.close()
		old := token
		switch {
		case err == nil:
			target = location
			if redirects++; redirects > maxRedirects {
				err = failure(ErrUnsupported, "the server redirects too often", nil)
			}
		case errors.Is(err, ErrTokenRefused) && !renewed:
			renewed = true
			refusal := err
			if token, err = c.tokens.get(ctx); err == nil && token == old {
				err = refusal
			}
		}
		if err != nil {
			return nil, err
		}
	}
}

// send sends a request once, and waits for the header of its answer.
func (c *Client) send(ctx context.Context, target *url.URL, s *Session, message []byte, token secret) (*answer, error) {
	if err := c.checkPlainHTTP(target, token); err != nil {
		return nil, err
	}
	header := c.header.Clone()
	if s != nil {
		header.Set("X-Session-Token", string(*s.token))
	}
	if token != "" {
		header.Set("Authorization", "Bearer "+string(token))
	}
	body := append([]byte{0, 0, 0, 0, byte(len(message))}, message...)
	a := c.newAnswer(ctx, token)
	req := (&http.Request{Method: http.MethodPost, URL: target, Host: target.Host, Header: header, ContentLength: int64(len(body))}).WithContext(a.ctx)
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	req.Body, _ = req.GetBody()
	var err error
	a.startTimer()
	a.resp, err = c.http.RoundTrip(req)
	a.timer.Stop()
	if err != nil {
		defer a.cancel(nil)
		return nil, a.lost(err, "can't reach the server: "+token.clean(err.Error()))
	}
	a.messages = newMessages(a.resp.Body)
	return a, nil
}

// An answer is a request in progress.
type answer struct {
	tokens   *tokens
	token    secret // of the request
	caller   context.Context
	ctx      context.Context // ends with the caller's, by the timer, or by close
	cancel   context.CancelCauseFunc
	timer    *time.Timer
	timeout  time.Duration // of each wait; 0 is no limit
	resp     *http.Response
	messages messages
}

func (c *Client) newAnswer(ctx context.Context, token secret) *answer {
	a := &answer{tokens: c.tokens, token: token, caller: ctx}
	a.ctx, a.cancel = context.WithCancelCause(ctx)
	a.timer = time.AfterFunc(time.Hour, func() { a.cancel(transport.ErrTimeout) })
	a.timer.Stop()
	if _, has := ctx.Deadline(); !has {
		a.timeout = c.cfg.RequestTimeout
	}
	return a
}

func (a *answer) startTimer() {
	if a.timeout > 0 {
		a.timer.Reset(a.timeout)
	}
}

// head returns nil, nil if messages follow. It returns the URL of a redirect, or the error in the
// header: the server puts an error there that comes before the first message.
func (a *answer) head() (*url.URL, error) {
	if a.resp.Header.Get("Grpc-Status") != "" {
		if err := parseStatus(textproto.MIMEHeader(a.resp.Header)); err != io.EOF {
			return nil, a.convert(err)
		}
	}
	switch code := a.resp.StatusCode; {
	case code >= 300 && code < 400:
		return a.redirect()
	case code != http.StatusOK:
		return nil, a.httpError(code)
	case !strings.HasPrefix(a.resp.Header.Get("Content-Type"), "application/grpc-web"):
		return nil, failure(ErrMalformed, "the answer is not from a libSQL server", nil)
	}
	return nil, nil
}

// next returns the next message, or [io.EOF] after a trailer with the status OK.
func (a *answer) next() ([]byte, error) {
	a.startTimer()
	message, err := a.messages.next()
	a.timer.Stop()
	if err != nil && err != io.EOF {
		err = a.convert(err)
	}
	return message, err
}

// finish reads the end of the answer after the trailer, so that the connection can be used again.
func (a *answer) finish() {
	a.startTimer()
	a.messages.atEnd()
	a.timer.Stop()
}

// close ends the request.
func (a *answer) close() {
	a.cancel(nil)
	a.resp.Body.Close()
}

// convert converts an error of [messages.next].
func (a *answer) convert(err error) error {
	var s *status
	switch {
	case errors.As(err, &s):
		return a.refused(s.reason(), s.text)
	case err == errLong, err == errFlags, err == errTrailer:
		return malformed(err.Error())
	case err == io.ErrUnexpectedEOF:
		return a.lost(err, "the server broke off its answer")
	default:
		return a.lost(err, "no answer from the server: "+a.token.clean(err.Error()))
	}
}

// refused returns the error for a text of the server, and forgets a token that was refused.
func (a *answer) refused(reason error, text string) error {
	if reason == ErrTokenRefused {
		a.tokens.refuse(a.token)
	}
	message := reason.Error()
	if text = a.token.clean(text); text != "" {
		message += ": " + text
	}
	return failure(reason, message, nil)
}

// lost converts an error of the network. net/http reports a timeout as a canceled request.
func (a *answer) lost(err error, message string) error {
	if ended := a.caller.Err(); ended != nil {
		return ended
	}
	if context.Cause(a.ctx) == transport.ErrTimeout {
		// The caller's context has no deadline of its own.
		err = fmt.Errorf("%w: %w", transport.ErrTimeout, context.DeadlineExceeded)
		return failure(ErrCut, transport.ErrTimeout.Error(), err)
	}
	return failure(ErrCut, message, a.token.redactError(err))
}

// httpError converts another HTTP status than 200, from a proxy or another kind of server.
func (a *answer) httpError(code int) error {
	a.startTimer()
	body, _ := io.ReadAll(io.LimitReader(a.resp.Body, maxErrorBody))
	a.timer.Stop()
	text := fmt.Sprintf("HTTP status %d", code)
	// A web page says nothing. The end of a longer text might be half of a token.
	if len(body) > 0 && len(body) < maxErrorBody && !bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) {
		text += ": " + string(body)
	}
	switch {
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		return a.refused(ErrTokenRefused, text)
	case code == http.StatusRequestTimeout, code == http.StatusTooManyRequests, code >= 500 && code != http.StatusNotImplemented:
		return a.refused(ErrCut, text)
	default:
		return a.refused(ErrUnsupported, text)
	}
}
