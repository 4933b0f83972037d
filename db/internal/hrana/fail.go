package hrana

import (
	"context"
	"database/sql"
	"errors"

	"github.com/duolite/duolite/db/internal/engine"
)

// fail makes an error of the engine out of one of sending, and drops the stream unless
// the server can't know of the request.
func (c *conn) fail(ctx context.Context, err error, r risk) error {
	err, lost := explain(ctx, err, r)
	if lost {
		c.drop()
	}
	return err
}

// explain makes an error of the engine out of one of sending. lost reports whether
// that of the stream isn't known.
func explain(ctx context.Context, err error, r risk) (_ error, lost bool) {
	var own *engine.Error
	var noToken *TokenError
	var status *statusError
	var send *sendError
	switch {
	case errors.As(err, &own), errors.As(err, &noToken):
		return err, false // from before anything was sent
	case errors.As(err, &status):
		if r.bound && status.streamGone() {
			return engine.TxOver(), true
		}
		e := status.translate()
		e.OutcomeUnknown = r.writes && status.mayHaveRun()
		return e, true
	case errors.As(err, &send) && send.sent:
		return explainLost(ctx, err, r), true
	case ctx.Err() != nil:
		return ctx.Err(), false
	case errors.Is(err, errClosed):
		return engine.ErrClosed, false
	case send != nil:
		return unanswered(err), false
	default: // a redirect that isn't followed
		return &engine.Error{Kind: engine.ErrUnavailable, Message: err.Error(), Err: err}, false
	}
}

// explainLost makes an error of the engine out of one that came after sending.
func explainLost(ctx context.Context, err error, r risk) error {
	if ctx.Err() != nil && !r.writes {
		return ctx.Err()
	}
	e := unanswered(err)
	switch {
	case ctx.Err() != nil:
		e.Message, e.Err = ctx.Err().Error()+" while waiting for the server's answer", ctx.Err()
	case errors.Is(err, errTooLong):
		e = &engine.Error{Kind: engine.ErrTooBig, Code: engine.CodeTooBig, Message: errTooLong.Error(), Err: errTooLong}
	}
	if errors.Is(err, errClosed) {
		e = &engine.Error{Message: errClosed.Error(), Err: sql.ErrConnDone}
	}
	e.OutcomeUnknown = r.writes
	return e
}

// isStreamGone reports whether the server has answered that it doesn't know the stream.
func isStreamGone(err error) bool {
	var status *statusError
	return errors.As(err, &status) && status.streamGone()
}

// isLost reports whether the network lost an answer, so that another attempt may do
// better.
func isLost(err error) bool {
	var send *sendError
	return errors.As(err, &send) && send.sent && !errors.Is(err, errSyntax) &&
		!errors.Is(err, errTooLong) && !errors.Is(err, errTimeout) && !errors.Is(err, errClosed)
}
