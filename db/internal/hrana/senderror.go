package hrana

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/db/internal/hrana/wire"
)

// badAnswer returns the error of an answer that arrived incomplete or malformed.
func badAnswer(err error) error { return &transport.SendError{Sent: true, Err: err} }

// fail converts a send error to an *engine.Error. It drops the stream unless the server can't have
// received the request.
func (c *conn) fail(ctx context.Context, err error, r risk) error {
	err, lost := wrapSendError(ctx, err, r)
	if lost {
		c.drop()
	}
	return err
}

// wrapSendError converts a send error to an *engine.Error. lost reports whether the stream's state
// is now unknown.
func wrapSendError(ctx context.Context, err error, r risk) (_ error, lost bool) {
	var own *engine.Error
	var noToken *transport.TokenError
	var status *transport.StatusError
	var send *transport.SendError
	switch {
	case errors.As(err, &own), errors.As(err, &noToken):
		return err, false // nothing was sent
	case errors.As(err, &status):
		if r.bound && status.StreamGone() && !status.Unsendable() {
			return engine.TxLost(), true
		}
		e := status.Convert()
		e.OutcomeUnknown = r.writes && status.MayHaveRun()
		return e, true
	case errors.As(err, &send) && send.Sent:
		return wrapLostAnswer(ctx, err, r), true
	case ctx.Err() != nil:
		return ctx.Err(), false
	case errors.Is(err, transport.ErrClosed):
		return engine.ErrClosed, false
	case send != nil:
		return unavailable(err), false
	default: // a redirect that isn't followed
		return &engine.Error{Kind: engine.ErrUnavailable, Message: err.Error(), Err: err}, false
	}
}

// wrapLostAnswer converts the error of a request that the server may have received.
func wrapLostAnswer(ctx context.Context, err error, r risk) error {
	if ctx.Err() != nil && !r.writes {
		return ctx.Err()
	}
	e := unavailable(err)
	switch {
	case ctx.Err() != nil:
		e.Message, e.Err = ctx.Err().Error()+" while waiting for the server's answer", ctx.Err()
	case errors.Is(err, transport.ErrTooLong):
		e = &engine.Error{Kind: engine.ErrTooBig, Code: engine.CodeTooBig, Message: transport.ErrTooLong.Error(), Err: transport.ErrTooLong}
	}
	if errors.Is(err, transport.ErrClosed) {
		e = &engine.Error{Message: transport.ErrClosed.Error(), Err: sql.ErrConnDone}
	}
	e.OutcomeUnknown = r.writes
	return e
}

// unavailable converts an error of the network or of a malformed answer.
func unavailable(err error) *engine.Error {
	var send *transport.SendError
	message := ""
	switch {
	case errors.Is(err, wire.ErrSyntax):
		return notServer(err)
	case errors.As(err, &send) && !send.Sent:
		message = "can't reach the server: " + clean(send.Err.Error())
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		message = "the server broke off its answer"
	default:
		message = "no answer from the server: " + clean(err.Error())
	}
	if errors.Is(err, transport.ErrTimeout) {
		// The caller's context has no deadline of its own.
		err = fmt.Errorf("%w: %w", err, context.DeadlineExceeded)
	}
	return &engine.Error{Kind: engine.ErrUnavailable, Message: message, Err: err}
}

// notServer returns the error of an answer that no libSQL server sends.
func notServer(err error) *engine.Error {
	return &engine.Error{Kind: engine.ErrUnavailable, Message: "the answer is not from a libSQL server", Err: err}
}

// clean prepares an error's text that contains no token.
func clean(text string) string { return (*transport.Key)(nil).Clean(text) }

// isStreamGone reports whether the server has answered that it doesn't know the stream.
func isStreamGone(err error) bool {
	var status *transport.StatusError
	return errors.As(err, &status) && status.StreamGone()
}

// isWithout reports whether the server has answered that it doesn't have the endpoint in this encoding.
func isWithout(err error) bool {
	var status *transport.StatusError
	return errors.As(err, &status) && status.NoEncoding()
}

// isNotUnderstood reports whether the server or this package couldn't read the other's message.
func isNotUnderstood(err error) bool {
	var status *transport.StatusError
	return errors.Is(err, wire.ErrSyntax) || errors.As(err, &status) && status.NotUnderstood()
}

// isLost reports whether the network lost the answer, so that another attempt may succeed.
func isLost(err error) bool {
	var send *transport.SendError
	return errors.As(err, &send) && send.Sent && !errors.Is(err, wire.ErrSyntax) && !errors.Is(err, transport.ErrTooLong) &&
		!errors.Is(err, transport.ErrTimeout) && !errors.Is(err, transport.ErrClosed)
}
