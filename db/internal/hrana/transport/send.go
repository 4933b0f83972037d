package transport

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
)

// ErrTimeout is the error of a request that took longer than Config.RequestTimeout.
var ErrTimeout = errors.New("no answer within the time limit of a request")

// ErrClosed is the error of a request that [Client.Interrupt] canceled.
var ErrClosed = errors.New("the pool was closed")

// A SendError is the error of a request without a complete answer.
type SendError struct {
	// Sent reports whether the server may have received the request.
	Sent bool
	Err  error
}

// Error implements error.
func (e *SendError) Error() string { return e.Err.Error() }

// Unwrap returns the error that e wraps.
func (e *SendError) Unwrap() error { return e.Err }

// Send sends a request and returns the answer with status 200. It sends a request again only if
// the server has refused it: with a new token, to another URL, or after a pause. A cleanup request
// ends a transaction or a stream; it is sent after [Client.Interrupt] as well.
//
// The error is a [*SendError], a [*StatusError], a [*TokenError], an *engine.Error, or the error of
// the context. Only a SendError with Sent and a StatusError leave open whether the request ran.
//
// Send counts in m, and so does the answer.
func (c *Client) Send(ctx context.Context, to Endpoint, body []byte, cleanup bool, m *engine.Meter) (*Answer, error) {
	key, err := c.keys.get(ctx, nil)
	if err != nil {
		return nil, err
	}
	var renewed bool
	var redirects int
	wait := BusyWait{Meter: m}
	for {
		if err := c.checkPlainHTTP(to.url, key); err != nil {
			return nil, err
		}
		m.Requests++
		m.Sent += int64(len(body))
		a, resp, err := c.post(ctx, to, key, body, cleanup)
		if err != nil {
			return nil, err
		}
		a.meter = m
		status := resp.StatusCode
		if status == http.StatusOK {
			return a, nil
		}
		refusal := newStatusError(resp, key)
		switch {
		case a.exchange.ctx.Err() != nil: // while the body was read
			err = &SendError{true, a.exchange.cause(a.exchange.ctx.Err())}
		case status >= 300 && status < 400 && status != http.StatusNotModified:
			if to.url, err = RedirectTarget(resp, to.url, key.token != ""); err == nil && redirects == MaxRedirects {
				err = ErrTooManyRedirects
			}
			if err != nil {
				err = key.token.RedactError(err)
				break
			}
			redirects++
			m.Repeats++
		case status == http.StatusUnauthorized && !renewed && c.keys.ask != nil:
			renewed = true
			var next *Key
			if next, err = c.keys.get(ctx, key); err == nil && next == key {
				err = refusal // Config.Token returned the same token again
			}
			if err == nil {
				m.Repeats++
			}
			key = next
		case status == http.StatusTooManyRequests:
			err = c.Pause(ctx, &wait, refusal)
		default:
			err = refusal
		}
		a.Close()
		if err != nil {
			return nil, err
		}
		// A server that refuses a request may close the connection next. A request sent then
		// would have no answer.
		c.http.CloseIdleConnections()
	}
}

// postTemplate has the fields that all requests share.
var postTemplate = &http.Request{Method: http.MethodPost, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}

// post sends a request once. The caller must close the answer. The response has another status
// than 200 if the server refused the request.
func (c *Client) post(ctx context.Context, to Endpoint, key *Key, body []byte, cleanup bool) (*Answer, *http.Response, error) {
	e, err := c.begin(ctx, body, cleanup)
	if err != nil {
		return nil, nil, err
	}
	secure := to.url.Scheme == "https" // net/http uses HTTP/2 over TLS only
	req := postTemplate.WithContext(e.ctx)
	req.URL, req.Host, req.Header = to.url, to.url.Host, c.header(key, to.codec)
	req.ContentLength, req.Body = int64(len(body)), e.body.reader(&e.body.first, secure)
	// net/http calls GetBody to send a request again: if it could not send the first byte, and
	// over HTTP/2 after some resets as well, when the server may have received all of it.
	req.GetBody = func() (io.ReadCloser, error) {
		if e.h2.Load() && e.body.begun.Load() {
			return nil, errors.New("the request may have been sent")
		}
		return e.body.reader(&payloadReader{}, secure), nil
	}
	began := time.Now()
	resp, err := c.http.RoundTrip(req)
	if err != nil {
		err = &SendError{e.connected.Load(), key.token.RedactError(e.cause(err))}
		e.end()
		return nil, nil, err
	}
	if resp.StatusCode == http.StatusOK {
		c.noteAnswerTime(time.Since(began))
	}
	return &Answer{Key: key, body: resp.Body, length: resp.ContentLength, exchange: e}, resp, nil
}
