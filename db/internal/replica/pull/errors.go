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
