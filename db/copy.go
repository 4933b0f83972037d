package db

import (
	"context"
	"database/sql"
	"errors"

	"github.com/duolite/duolite/db/internal/copydb"
	"github.com/duolite/duolite/db/internal/engine"
)

// The errors of [Copy].
var (
	// ErrNotEmpty: the target has content that isn't the beginning of the same copy. Nothing was written.
	ErrNotEmpty = copydb.ErrNotEmpty
	// ErrDiffers: all was copied, and the two databases differ. Either was written meanwhile. Copy again to an empty database.
	ErrDiffers = copydb.ErrDiffers
)

// Copy copies all of a database to another one, which is empty: from a file to a server, from a server to a file, or between
// any two homes.
//
//	err := db.Copy(ctx, file, server)
//
// Every value keeps its class and its bytes: integers, reals with -0.0 and the infinities, text, also if it isn't UTF-8, and
// blobs. Rowids are kept, and the counters of AUTOINCREMENT, views, triggers, indexes, full-text search and other virtual tables,
// and PRAGMA user_version. Foreign keys aren't enforced meanwhile. These are not copied:
//
//   - the statistics of ANALYZE;
//   - PRAGMA application_id to a server, which refuses to set it;
//   - the values of generated columns, which the target computes;
//   - the settings of the file, such as its page size and its text encoding.
//
// Before anything is written, Copy makes the tables, views and triggers in a transaction that it rolls back, and looks at
// the size of the rows. So a function or module that the target doesn't have, and a row that is too large for a server (5,000,000 bytes, [ErrTooBig]),
// are errors that name it, and nothing has changed.
//
// The rows are sent in chunks of about 4 MiB, each in one transaction and, to a server, one request. If Copy is
// interrupted, call it again: it goes on where it was. A table of the target, duolite_copy, says that the copy isn't
// complete. After a network error Copy goes on by itself, up to 8 times without progress.
//
// A row that violates a constraint other than a foreign key, such as a CHECK that is younger than the row, is an error that names its table when it comes.
//
// At the end Copy reads both databases, and compares the objects, the counters, user_version and application_id, the number of rows of each
// table, and a SHA-256 hash of them. If that fails, the error is an [ErrDiffers].
// It returns nil only if both databases are the same. So to copy again to a complete copy writes nothing, and tells
// whether it still is one.
//
// Copy reads from in one read transaction. So from may be written while Copy runs, if it isn't interrupted. Nobody should use the target.
func Copy(ctx context.Context, from, to *sql.DB, opts ...CopyOption) error {
	var cfg copydb.Config
	if err := apply("copy option", &cfg, opts); err != nil {
		return err
	}
	if from == to {
		return configError{errors.New("Copy: the source and the target are the same pool")}
	}
	copying := copydb.New(cfg)
	for {
		advanced := false
		again := func(err error) bool { return !advanced && mayGoOn(err) }
		err := defaultTxConfig.repeat(ctx, again, func() (err error) {
			advanced, err = runCopy(ctx, from, to, copying)
			return err
		})
		if err == nil || !advanced || !mayGoOn(err) || ctx.Err() != nil {
			return err
		}
	}
}

// mayGoOn reports whether a copy that failed with err may go on: the next run looks how far it is.
func mayGoOn(err error) bool {
	return nothingCommitted(err) || errors.Is(err, ErrOutcomeUnknown) || errors.Is(err, copydb.ErrMoved) || errors.Is(err, engine.ErrUnsendable)
}

// runCopy runs a copy until it is complete or fails. It reports whether the copy is further than before.
func runCopy(ctx context.Context, from, to *sql.DB, copying *copydb.Copy) (advanced bool, err error) {
	target, err := to.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer target.Close()
	// The setting ends when the connection returns to the pool.
	if _, err := target.ExecContext(ctx, "PRAGMA foreign_keys = OFF"); err != nil {
		return false, err
	}
	err = onEngine(ctx, from, func(ctx context.Context, source engine.Conn) error {
		return onEngine(ctx, target, func(ctx context.Context, c engine.Conn) error {
			advanced, err = copying.Run(ctx, source, c)
			return err
		})
	})
	return advanced, err
}

// A CopyOption says how [Copy] copies.
type CopyOption func(*copyConfig) error

type copyConfig = copydb.Config

// CopyProgress says how far [Copy] is.
type CopyProgress struct {
	// Table is the table that is being copied or compared, or whose index is being made.
	Table string
	// Rows is the number of rows that the target has, and AllRows the number of rows of the source when the copy began.
	Rows, AllRows int64
	// Compared is the number of rows that were compared at the end.
	Compared int64
}

// WithCopyProgress calls fn after each chunk that was stored, each index that was made, and each chunk that was compared.
func WithCopyProgress(fn func(CopyProgress)) CopyOption {
	return func(c *copyConfig) error {
		if fn == nil {
			return errors.New("WithCopyProgress: the function is nil")
		}
		c.Progress = func(p copydb.Progress) { fn(CopyProgress(p)) }
		return nil
	}
}
