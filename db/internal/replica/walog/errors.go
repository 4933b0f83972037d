package walog

import (
	"errors"
	"fmt"
	"strings"

	"github.com/duolite/duolite/db/internal/engine"
)

// Each error of this package is an *engine.Error that wraps one of these values, which says how to
// go on, and has the kind engine.ErrUnavailable unless another one is named here. There are two
// exceptions: the error of a context, and the *transport.TokenError of Config.Token. The message is
// one line without the token.
//
// An error doesn't invalidate the frames of the log before it.
var (
	// ErrNeedHello: the server was restarted, or its configuration has changed. Call
	// [Client.Hello], and compare the log's identifier.
	ErrNeedHello = errors.New("the server doesn't know the session")
	// ErrNeedSnapshot: the server keeps the frame in a snapshot only. Call [Client.Snapshot] with
	// its number. It may be in the middle of a transaction, which the snapshot then completes.
	ErrNeedSnapshot = errors.New("the server's log no longer has the frame")
	// ErrSnapshotNotReady: the server is still writing the snapshot, which may take seconds. Try
	// again after a pause of 50 ms to 1 s.
	ErrSnapshotNotReady = errors.New("the server hasn't finished the snapshot")
	// ErrTokenRefused: the server requires a token, or has refused the token, and Config.Token
	// has no other one. The kind is engine.ErrUnauthorized.
	ErrTokenRefused = errors.New("the server refuses the token")
	// ErrUnsupported: the server has no replication by this protocol. Turso Cloud is such a
	// server. The kind is engine.ErrCantOpen.
	ErrUnsupported = errors.New("the server has no replication for embedded replicas")
	// ErrRefused: the database doesn't exist, is a schema database, or isn't a primary. The kind
	// is engine.ErrCantOpen.
	ErrRefused = errors.New("the server refuses replication")
	// ErrCut: there is no answer, or it broke off. Try again later. After the log's last commit
	// frame, a part of a transaction may have been read.
	ErrCut = errors.New("the server can't answer now")
	// ErrDiverged: the server's log doesn't continue the replica's history. Copy the whole
	// database.
	ErrDiverged = errors.New("the server's log doesn't continue the replica's history")
	// ErrMalformed: the answer violates the protocol.
	ErrMalformed = errors.New("the server's log can't be read")
)

// failure returns an error that wraps one of the Err… values and the cause, which may be nil.
func failure(reason error, message string, cause error) *engine.Error {
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

func malformed(why string) *engine.Error {
	return failure(ErrMalformed, ErrMalformed.Error()+": "+why, nil)
}

// statuses maps codes and parts of texts to Err… values; the first match counts. sqld uses
// one code for several errors, and defines the texts in libsql-replication/src/rpc.rs and
// libsql-server/src/rpc/replication. https://grpc.io/docs/guides/status-codes
var statuses = []struct {
	code   uint64
	text   string
	reason error
}{
	{3, "", ErrRefused},      // INVALID_ARGUMENT
	{5, "", ErrRefused},      // NOT_FOUND
	{7, "", ErrTokenRefused}, // PERMISSION_DENIED
	{9, "NO_HELLO", ErrNeedHello},
	{9, "NEED_SNAPSHOT", ErrNeedSnapshot},
	{9, "", ErrRefused},      // FAILED_PRECONDITION
	{12, "", ErrUnsupported}, // UNIMPLEMENTED
	{13, "Error parsing auth header", ErrTokenRefused},
	// A file of a snapshot doesn't exist yet, or was replaced meanwhile.
	{13, "(os error 2)", ErrSnapshotNotReady},
	{14, "snapshot not found", ErrSnapshotNotReady},
	{16, "", ErrTokenRefused}, // UNAUTHENTICATED
}

// reason returns the Err… value for a status.
func (s *status) reason() error {
	for _, known := range statuses {
		if s.code == known.code && strings.Contains(s.text, known.text) {
			return known.reason
		}
	}
	return ErrCut
}
