package call

import (
	"errors"
	"fmt"

	"github.com/duolite/duolite/db/internal/engine"
)

// Each error of this package is an *engine.Error that wraps one of these values, which says how to
// go on, and has the kind engine.ErrUnavailable unless another one is named here. There are two
// exceptions: the error of a context, and the *transport.TokenError of Config.Token. The message is
// one line without the token.
var (
	// ErrTokenRefused: the server requires a token, or has refused the token, and Config.Token
	// has no other one. The kind is engine.ErrUnauthorized.
	ErrTokenRefused = errors.New("the server refuses the token")
	// ErrUnsupported: the server doesn't speak the protocol. The kind is engine.ErrCantOpen.
	ErrUnsupported = errors.New("the server has no replication for embedded replicas")
	// ErrRefused: the server doesn't replicate this database. The kind is engine.ErrCantOpen.
	ErrRefused = errors.New("the server refuses replication")
	// ErrCut: there is no answer, or it broke off. Try again later.
	ErrCut = errors.New("the server can't answer now")
	// ErrMalformed: the answer violates the protocol.
	ErrMalformed = errors.New("the server's log can't be read")
)

// Failure returns an error that wraps a reason, which is one of the Err… values or another value of
// the protocol's package, and the cause, which may be nil.
func Failure(reason error, message string, cause error) *engine.Error {
	e := &engine.Error{Kind: engine.ErrUnavailable, Message: message, Err: reason}
	switch reason {
	case ErrTokenRefused:
		e.Kind = engine.ErrUnauthorized
	case ErrUnsupported, ErrRefused:
		e.Kind = engine.ErrCantOpen
	}
	if cause != nil {
		e.Err = fmt.Errorf("%w: %w", reason, cause)
	}
	return e
}

// Malformed returns an [ErrMalformed].
func Malformed(why string) *engine.Error {
	return Failure(ErrMalformed, ErrMalformed.Error()+": "+why, nil)
}
