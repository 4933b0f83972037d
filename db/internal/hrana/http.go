package hrana

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
)

// maxStatusBody bounds what is read of an answer that isn't 200.
const maxStatusBody = 256 << 10

// newTransport returns a transport of the database's own, so that what others do with
// theirs doesn't matter, and closing the database closes its connections.
func newTransport(cfg *Config, base *url.URL) *http.Transport {
	t := &http.Transport{
		Proxy:                 cfg.Proxy,
		DialContext:           (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		// Below the time after which proxies in between commonly drop a connection.
		IdleConnTimeout:     30 * time.Second,
		MaxIdleConnsPerHost: cfg.MaxConns,
		ForceAttemptHTTP2:   true,
		// Compressing costs the server more time than it saves on the way within
		// one machine.
		DisableCompression: IsLoopback(base.Hostname()),
	}
	if cfg.Proxy == nil {
		t.Proxy = http.ProxyFromEnvironment
	}
	if cfg.TLS != nil {
		t.TLSClientConfig = cfg.TLS.Clone()
	}
	if cfg.MaxConns <= 0 {
		t.MaxIdleConnsPerHost = 16
	}
	return t
}

// errTimeout ends a request that takes longer than Config.RequestTimeout.
var errTimeout = errors.New("no answer in the time that a request has")

// errClosed ends a request whose pool is closed.
var errClosed = errors.New("the pool was closed")

// An answer is the body of a reply with the status 200.
type answer struct {
	body io.ReadCloser
	// length is the body's as the server says, -1 if it doesn't.
	length int64
	// key is what the request bore.
	key  *key
	life *life
}

// close releases the connection; it can serve again if the body was read to its end.
func (a *answer) close() {
	a.body.Close()
	a.life.end()
}

// A sendError is that there is no answer.
type sendError struct {
	// sent: the server may have got the request.
	sent bool
	err  error
}

func (e *sendError) Error() string { return e.err.Error() }
func (e *sendError) Unwrap() error { return e.err }

// exchange sends a request until there is an answer to it, or an error. It repeats only
// what a server has refused: with another token, elsewhere, later. The life is that of an
// earlier request, to be used again if it can be, or nil. ends: see [request].
func (d *database) exchange(ctx context.Context, l *life, target *url.URL, body []byte, ends bool) (*answer, error) {
	bearer, err := d.keys.get(ctx, nil)
	if err != nil {
		return nil, err
	}
	var renewed bool
	var redirects int
	var wait busyWait
	for {
		if err := d.checkWay(target, bearer); err != nil {
			return nil, err
		}
		if !l.serves() {
			l = newLife(d)
		}
		a, resp, err := d.post(ctx, l, target, bearer, body, ends)
		if err != nil {
			return nil, err
		}
		status := resp.StatusCode
		if status == http.StatusOK {
			return a, nil
		}
		refusal := newStatusError(resp, bearer)
		switch {
		case l.ctx.Err() != nil: // while it was read
			err = &sendError{true, l.cause(l.ctx.Err())}
		case status >= 300 && status < 400 && status != http.StatusNotModified:
			if target, err = redirectTarget(resp, target, bearer.token != ""); err == nil && redirects == maxRedirects {
				err = errTooManyRedirects
			}
			if err != nil {
				err = bearer.redactError(err)
			}
			redirects++
		case status == http.StatusUnauthorized && !renewed && d.keys.ask != nil:
			renewed = true
			var next *key
			if next, err = d.keys.get(ctx, bearer); err == nil && next == bearer {
				err = refusal // there is no other token
			}
			bearer = next
		case status == http.StatusTooManyRequests:
			err = d.pause(ctx, &wait, refusal)
		default:
			err = refusal
		}
		a.close()
		if err != nil {
			return nil, err
		}
		// Who refuses may close the connection next, and would lose the answer.
		d.transport.CloseIdleConnections()
	}
}

// checkWay keeps a token from being readable on its way: by plain HTTP it goes to this
// machine only, and not through a proxy elsewhere either.
func (d *database) checkWay(target *url.URL, bearer *key) error {
	if bearer.token == "" || target.Scheme == "https" || d.cfg.InsecureToken {
		return nil
	}
	proxy, err := d.transport.Proxy(&http.Request{URL: target, Header: http.Header{}})
	if err != nil {
		return &engine.Error{Kind: engine.ErrUnavailable, Message: "find the proxy: " + clean(err.Error(), bearer), Err: err}
	}
	if proxy != nil && !IsLoopback(proxy.Hostname()) {
		return &engine.Error{Message: "a token isn't sent over plain HTTP through the proxy " + engine.OneLine(proxy.Host) + ", which could read it"}
	}
	if IsLoopback(target.Hostname()) {
		return nil
	}
	return &engine.Error{Message: "a token isn't sent over plain HTTP to " + engine.OneLine(target.Host) + ", where others could read it"}
}

// blank is what all requests begin as.
var blank = &http.Request{Method: http.MethodPost, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}

// post sends a request once. The answer isn't nil if the error is.
func (d *database) post(ctx context.Context, l *life, target *url.URL, bearer *key, body []byte, ends bool) (*answer, *http.Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	l.begin(ctx, ends)
	s := &sending{ctx: requestContext{ctx, l.ctx}, body: payload{data: body}, answer: answer{key: bearer, life: l}}
	secure := target.Scheme == "https" // HTTP/2 is for such alone
	req := blank.WithContext(s.ctx.traced())
	req.URL, req.Host, req.Header = target, target.Host, d.header(bearer)
	req.ContentLength, req.Body = int64(len(body)), s.body.reader(&s.body.first, secure)
	// The transport asks for it where it could not even begin to send; by HTTP/2 also
	// after some resets, when the server may have got all of it.
	req.GetBody = func() (io.ReadCloser, error) {
		if l.h2.Load() && s.body.begun.Load() {
			return nil, errors.New("the request may have been sent")
		}
		return s.body.reader(&payloadReader{}, secure), nil
	}
	began := time.Now()
	resp, err := d.transport.RoundTrip(req)
	if err != nil {
		err = &sendError{l.connected.Load(), bearer.redactError(l.cause(err))}
		l.end()
		return nil, nil, err
	}
	if resp.StatusCode == http.StatusOK {
		d.answered(time.Since(began))
	}
	s.answer.body, s.answer.length = resp.Body, resp.ContentLength
	return &s.answer, resp, nil
}

// sending is what a request and its answer need, in one piece of memory.
type sending struct {
	ctx    requestContext
	body   payload
	answer answer
}
