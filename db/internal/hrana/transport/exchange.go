package transport

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// An exchange is one request and its answer. Three events cancel its context before the answer is
// complete: the caller's context ends, the pool is closed, or the timer fires.
type exchange struct {
	ctx     context.Context // the caller's, with our trace
	cancel  context.CancelCauseFunc
	unwatch func() bool // stops watching the pool; nil for a cleanup request after Interrupt
	timer   *time.Timer // nil without a time limit
	body    payload

	// connected is set once there is a connection, and h2 if it speaks HTTP/2. Before that,
	// while the host is looked up, dialed, or agrees on TLS, no byte of the request is sent.
	connected, h2 atomic.Bool
}

// begin begins an exchange. Its timer runs if the caller's context has no deadline. After Interrupt
// only a cleanup request begins.
func (c *Client) begin(caller context.Context, body []byte, cleanup bool) (*exchange, error) {
	if err := caller.Err(); err != nil {
		return nil, err
	}
	interrupted := c.interrupted.Err() != nil
	if interrupted && !cleanup {
		return nil, &SendError{false, ErrClosed}
	}
	e := &exchange{body: payload{data: body}}
	e.ctx, e.cancel = context.WithCancelCause(httptrace.WithClientTrace(caller, &httptrace.ClientTrace{GotConn: e.gotConn}))
	if !interrupted {
		e.unwatch = context.AfterFunc(c.interrupted, func() { e.cancel(ErrClosed) })
	}
	if _, has := caller.Deadline(); !has && c.cfg.RequestTimeout > 0 {
		e.timer = time.AfterFunc(c.cfg.RequestTimeout, func() { e.cancel(ErrTimeout) })
	}
	return e, nil
}

func (e *exchange) gotConn(i httptrace.GotConnInfo) {
	e.connected.Store(true)
	c, ok := i.Conn.(*tls.Conn)
	e.h2.Store(ok && c.ConnectionState().NegotiatedProtocol == "h2")
}

// end ends the exchange. It may be called again.
func (e *exchange) end() {
	e.stopTimer()
	if e.unwatch != nil {
		e.unwatch()
	}
	e.cancel(nil)
}

// stopTimer lifts the time limit.
func (e *exchange) stopTimer() {
	if e.timer != nil {
		e.timer.Stop()
	}
}

// cause returns the error to report for err. net/http reports a timeout and a closed pool alike,
// as a canceled request.
func (e *exchange) cause(err error) error {
	if cause := context.Cause(e.ctx); cause == ErrTimeout || cause == ErrClosed {
		return cause
	}
	return err
}

// A payload is the body of a request. net/http may still read it after the answer has arrived, so
// its memory is never used again.
type payload struct {
	data []byte
	// begun is set once net/http may have read a part of the body to send it.
	begun atomic.Bool
	first payloadReader
}

// reader points r to the beginning of the body and returns it. With watched, begun is set by the
// first read. Without, reader sets begun itself and returns a type of the standard library: for any
// other type HTTP/1 sends the headers alone, before the body, which costs each request a system
// call and a packet. So only requests that may use HTTP/2 are watched.
func (p *payload) reader(r *payloadReader, watched bool) io.ReadCloser {
	r.payload = p
	r.Reset(p.data)
	if watched {
		return r
	}
	p.begun.Store(true)
	return io.NopCloser(&r.Reader)
}

type payloadReader struct {
	bytes.Reader
	payload *payload
}

// Read implements [io.Reader].
func (r *payloadReader) Read(b []byte) (int, error) {
	r.payload.begun.Store(true)
	return r.Reader.Read(b)
}

// WriteTo implements [io.WriterTo].
func (r *payloadReader) WriteTo(w io.Writer) (int64, error) {
	r.payload.begun.Store(true)
	return r.Reader.WriteTo(w)
}

// Close implements [io.Closer].
func (r *payloadReader) Close() error { return nil }
