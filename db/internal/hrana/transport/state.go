package transport

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// A requestState holds the context, the timer and the trace of a request. Three events cancel the
// context before the answer is complete: the caller's context ends, the pool is closed, or the
// timer fires. A sender uses one requestState for all of its requests, which saves allocations; it
// needs a new one after the context was canceled.
type requestState struct {
	client *Client
	ctx    context.Context
	cancel context.CancelCauseFunc

	caller  context.Context // of the current request
	unwatch func() bool     // stops watching the caller; nil if the caller can't end
	timer   *time.Timer     // nil until a request has a time limit
	timed   bool            // the timer is running
	stale   bool            // the context may be canceled at any time from now on

	// connected is set once there is a connection, and h2 if it speaks HTTP/2. Before that,
	// while the host is looked up, dialed, or agrees on TLS, no byte of the request is sent.
	connected, h2 atomic.Bool

	callerEnded func()
	trace       httptrace.ClientTrace
}

func newRequestState(c *Client) *requestState {
	s := &requestState{client: c}
	s.callerEnded = func() {
		s.cancel(context.Cause(s.caller))
		s.caller = nil // an idle connection may keep s for long
	}
	s.trace.GotConn = func(i httptrace.GotConnInfo) {
		s.connected.Store(true)
		c, ok := i.Conn.(*tls.Conn)
		s.h2.Store(ok && c.ConnectionState().NegotiatedProtocol == "h2")
	}
	s.ctx, s.cancel = context.WithCancelCause(httptrace.WithClientTrace(context.Background(), &s.trace))
	return s
}

// reusable reports whether another request may use s. A nil s isn't reusable.
func (s *requestState) reusable() bool {
	return s != nil && !s.stale && s.ctx.Err() == nil
}

// begin starts to watch the caller's context and the pool. Without a deadline in the caller's
// context it starts the timer.
func (s *requestState) begin(caller context.Context, cleanup bool) {
	s.connected.Store(false)
	s.h2.Store(false)
	s.client.enter(s, cleanup)
	if caller.Done() != nil {
		s.caller = caller
		s.unwatch = context.AfterFunc(caller, s.callerEnded)
	}
	timeout := s.client.cfg.RequestTimeout
	if _, has := caller.Deadline(); has || timeout <= 0 {
		return
	}
	s.timed = true
	if s.timer == nil {
		s.timer = time.AfterFunc(timeout, func() { s.cancel(ErrTimeout) })
	} else {
		s.timer.Reset(timeout)
	}
}

// end undoes begin. It may be called again.
func (s *requestState) end() {
	s.stopTimer()
	if s.unwatch != nil {
		if s.unwatch() {
			s.caller = nil
		} else {
			s.stale = true // callerEnded is running
		}
		s.unwatch = nil
	}
	s.client.leave(s)
}

// stopTimer lifts the time limit.
func (s *requestState) stopTimer() {
	if s.timed && !s.timer.Stop() {
		s.stale = true // the timer has fired
	}
	s.timed = false
}

// cause returns the error to report for err. net/http reports a timeout and a closed pool alike,
// as a canceled request.
func (s *requestState) cause(err error) error {
	if cause := context.Cause(s.ctx); cause == ErrTimeout || cause == ErrClosed {
		return cause
	}
	return err
}

// A requestContext has the values of the caller's context, and is canceled with the
// requestState's context.
type requestContext struct {
	context.Context // the caller's
	state           context.Context
}

// Done implements [context.Context].
func (c *requestContext) Done() <-chan struct{} { return c.state.Done() }

// Err implements [context.Context].
func (c *requestContext) Err() error { return c.state.Err() }

// Value implements [context.Context]. The requestState's context has two values of its own: the
// trace, and the key by which package context recognizes a context that it made, and then starts
// no goroutine to watch it.
func (c *requestContext) Value(key any) any {
	if v := c.state.Value(key); v != nil {
		return v
	}
	return c.Context.Value(key)
}

// traced returns c, with the caller's trace added if there is one.
func (c *requestContext) traced() context.Context {
	trace := httptrace.ContextClientTrace(c.Context)
	if trace == nil {
		return c
	}
	return httptrace.WithClientTrace(c, new(*trace)) // it also calls the trace in c
}
