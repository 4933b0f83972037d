package walog

import (
	"errors"
	"strings"

	"github.com/duolite/duolite/db/internal/replica/call"
)

// Each error of this package is an error of package call, or wraps one of these values in the same way,
// with the kind engine.ErrUnavailable.
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
	// ErrDiverged: the server's log doesn't continue the replica's history. Copy the whole
	// database.
	ErrDiverged = errors.New("the server's log doesn't continue the replica's history")
)

// The errors that the replication protocols share. Turso Cloud has no log, and returns an
// ErrUnsupported. After an ErrCut a part of a transaction may have been read, after the log's last
// commit frame.
var (
	ErrTokenRefused = call.ErrTokenRefused
	ErrUnsupported  = call.ErrUnsupported
	ErrRefused      = call.ErrRefused
	ErrCut          = call.ErrCut
	ErrMalformed    = call.ErrMalformed
)

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
