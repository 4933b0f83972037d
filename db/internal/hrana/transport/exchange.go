package transport

import (
	"context"
	"crypto/tls"
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
