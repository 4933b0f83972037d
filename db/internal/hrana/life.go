package hrana

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// A life is what ends a request before its answer does: its caller, its pool, its time
// limit. A connection has one for all of its requests, one at a time, so that they need no
// context, no timer and no trace each; one that has ended a request serves no other.
type life struct {
	db     *database
	ctx    context.Context
	cancel context.CancelCauseFunc

	caller  context.Context // of the present request
	unwatch func() bool     // stops watching the caller; nil if it can't end
	limit   *time.Timer     // nil until there is one
	limited bool            // limit is running
	spoilt  bool            // it may end at any time from now on

	// connected: there is a connection, which h2 says is HTTP/2. Until then nothing can
	// have been sent: not while looking up the host, connecting, or agreeing on TLS.
	connected, h2 atomic.Bool

	callerEnded func()
	trace       httptrace.ClientTrace
}

func newLife(d *database) *life {
	l := &life{db: d}
	l.callerEnded = func() {
		l.cancel(context.Cause(l.caller))
		l.caller = nil // an idle connection may keep l for long
	}
	l.trace.GotConn = func(i httptrace.GotConnInfo) {
		l.connected.Store(true)
		c, ok := i.Conn.(*tls.Conn)
		l.h2.Store(ok && c.ConnectionState().NegotiatedProtocol == "h2")
	}
	l.ctx, l.cancel = context.WithCancelCause(httptrace.WithClientTrace(context.Background(), &l.trace))
	return l
}

// serves reports whether it can be that of another request. Nil can't.
func (l *life) serves() bool {
	return l != nil && !l.spoilt && l.ctx.Err() == nil
}

// begin has the request end with its caller and with its pool, and, if the caller has no
// time limit, after that of the database.
func (l *life) begin(caller context.Context, ends bool) {
	l.connected.Store(false)
	l.h2.Store(false)
	l.db.enter(l, ends)
	if caller.Done() != nil {
		l.caller = caller
		l.unwatch = context.AfterFunc(caller, l.callerEnded)
	}
	if _, has := caller.Deadline(); has || l.db.cfg.RequestTimeout <= 0 {
		return
	}
	l.limited = true
	if l.limit == nil {
		l.limit = time.AfterFunc(l.db.cfg.RequestTimeout, func() { l.cancel(errTimeout) })
	} else {
		l.limit.Reset(l.db.cfg.RequestTimeout)
	}
}

// end is called when the request is over. It may be called again.
func (l *life) end() {
	l.unlimit()
	if l.unwatch != nil {
		if l.unwatch() {
			l.caller = nil
		} else {
			l.spoilt = true
		}
		l.unwatch = nil
	}
	l.db.leave(l)
}

// unlimit lets the rest of the answer take as long as it takes.
func (l *life) unlimit() {
	if l.limited && !l.limit.Stop() {
		l.spoilt = true
	}
	l.limited = false
}

// cause returns the reason for which the transport failed: it tells of both that a
// request was canceled.
func (l *life) cause(err error) error {
	if cause := context.Cause(l.ctx); cause == errTimeout || cause == errClosed {
		return cause
	}
	return err
}

// A requestContext has the caller's values, and ends with the life.
type requestContext struct {
	context.Context // the caller's
	life            context.Context
}

func (c *requestContext) Done() <-chan struct{} { return c.life.Done() }

func (c *requestContext) Err() error { return c.life.Err() }

// Value has two values of the life's: the trace, and that by which package context finds
// out what the life is, so that it needs no goroutine to watch it.
func (c *requestContext) Value(key any) any {
	if v := c.life.Value(key); v != nil {
		return v
	}
	return c.Context.Value(key)
}

// traced returns the context with the caller's trace too, if there is one.
func (c *requestContext) traced() context.Context {
	trace := httptrace.ContextClientTrace(c.Context)
	if trace == nil {
		return c
	}
	return httptrace.WithClientTrace(c, new(*trace)) // it calls that of c as well
}
