package hrana

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
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
	key *key
	// ctx is the request's, which ends with its time limit and with its pool.
	ctx    context.Context
	cancel context.CancelCauseFunc
	limit  *time.Timer // nil for none
	db     *database   // which knows of it while it runs

	trace httptrace.ClientTrace
	// connected: there is a connection, which h2 says is HTTP/2. Until then nothing can
	// have been sent: not while looking up the host, connecting, or agreeing on TLS.
	connected, h2 atomic.Bool
}

// gotConn is called when there is a connection.
func (a *answer) gotConn(i httptrace.GotConnInfo) {
	a.connected.Store(true)
	c, ok := i.Conn.(*tls.Conn)
	a.h2.Store(ok && c.ConnectionState().NegotiatedProtocol == "h2")
}

// close releases the connection; it can serve again if the body was read to its end.
func (a *answer) close() {
	a.body.Close()
	a.forget()
}

// forget ends what may end the request.
func (a *answer) forget() {
	a.unlimit()
	a.db.leave(a)
	a.cancel(nil)
}

// unlimit lets the rest of the answer take as long as it takes.
func (a *answer) unlimit() {
	if a.limit != nil {
		a.limit.Stop()
	}
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
// what a server has refused: with another token, elsewhere, later.
func (d *database) exchange(ctx context.Context, base *url.URL, name string, body *payload) (*answer, error) {
	target := endpoint(base, name)
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
		a, resp, err := d.post(ctx, target, bearer, body)
		if err != nil {
			return nil, err
		}
		status := resp.StatusCode
		if status == http.StatusOK {
			return a, nil
		}
		refusal := newStatusError(resp, bearer)
		switch {
		case a.ctx.Err() != nil: // while it was read
			err = &sendError{true, a.cause(a.ctx.Err())}
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
		return &engine.Error{Kind: engine.ErrUnavailable, Message: "find the proxy: " + bearer.redact(err.Error()), Err: err}
	}
	if proxy != nil && !IsLoopback(proxy.Hostname()) {
		return &engine.Error{Message: "a token isn't sent over plain HTTP through the proxy " + proxy.Host + ", which could read it"}
	}
	if IsLoopback(target.Hostname()) {
		return nil
	}
	return &engine.Error{Message: "a token isn't sent over plain HTTP to " + target.Host + ", where others could read it"}
}

// blank is what all requests begin as.
var blank = &http.Request{Method: http.MethodPost, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}

// post sends a request once. The answer isn't nil if the error is.
func (d *database) post(ctx context.Context, target *url.URL, bearer *key, body *payload) (*answer, *http.Response, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	body.begun.Store(false)
	a := &answer{db: d, key: bearer}
	a.trace.GotConn = a.gotConn
	a.ctx, a.cancel = context.WithCancelCause(httptrace.WithClientTrace(ctx, &a.trace))
	a.watch(ctx)
	secure := target.Scheme == "https" // HTTP/2 is for such alone
	req := blank.WithContext(a.ctx)
	req.URL, req.Host, req.Header = target, target.Host, d.header(bearer)
	req.ContentLength, req.Body = int64(len(body.data)), body.reader(secure)
	// The transport asks for it where it could not even begin to send; by HTTP/2 also
	// after some resets, when the server may have got all of it.
	req.GetBody = func() (io.ReadCloser, error) {
		if a.h2.Load() && body.begun.Load() {
			return nil, errors.New("the request may have been sent")
		}
		return body.reader(secure), nil
	}
	began := time.Now()
	resp, err := d.transport.RoundTrip(req)
	if err != nil {
		err = &sendError{a.connected.Load(), bearer.redactError(a.cause(err))}
		a.forget()
		return nil, nil, err
	}
	if resp.StatusCode == http.StatusOK {
		d.answered(time.Since(began))
	}
	a.body, a.length = resp.Body, resp.ContentLength
	return a, resp, nil
}

// watch has the request end with its pool, and, if the caller has no time limit, after
// that of the database.
func (a *answer) watch(caller context.Context) {
	a.db.enter(a)
	limit := a.db.cfg.RequestTimeout
	if _, limited := caller.Deadline(); !limited && limit > 0 {
		a.limit = time.AfterFunc(limit, func() { a.cancel(errTimeout) })
	}
}

// cause returns the reason for which the transport failed: it tells of both that a
// request was canceled.
func (a *answer) cause(err error) error {
	if cause := context.Cause(a.ctx); cause == errTimeout || cause == errClosed {
		return cause
	}
	return err
}
