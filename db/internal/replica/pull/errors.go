package pull

import (
	"errors"

	"github.com/duolite/duolite/db/internal/replica/call"
)

// The errors of this package are errors of package call, or wrap one of these values.
var (
	// ErrDiverged: the server's revision isn't a later state of the replica's. Copy the whole
	// database.
	ErrDiverged = errors.New("the server's revision doesn't continue the replica's history")
	// ErrMVCC: the database has a log of rows in place of pages. The error is a call.ErrRefused as
	// well.
	ErrMVCC = errors.New("the server's database uses MVCC, so it has no pages to copy: a replica needs the journal mode wal")
	// ErrEmpty: the server sends no pages. Its database is empty, or its content isn't in its log, as
	// with tursodb 0.6 and MVCC: the answer is the same. The error is a call.ErrRefused as well.
	ErrEmpty = errors.New("the server's log has no pages: create a table in its database without a replica first")
	// ErrIncomplete: the server hasn't sent each page that the replica doesn't have. The error is a
	// call.ErrRefused as well.
	ErrIncomplete = errors.New("the server doesn't have all pages in its log: tursodb sends only pages that were written since its log began, so its file must not be checkpointed, and must not have had content before")
)

func diverged(why string) error {
	return call.Failure(ErrDiverged, ErrDiverged.Error()+": "+why, nil)
}

func refused(reason error) error {
	return call.Failure(call.ErrRefused, call.ErrRefused.Error()+": "+reason.Error(), reason)
}
