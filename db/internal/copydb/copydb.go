// Package copydb copies a database to another one by SQL, row by row, so that the two may be in different homes: a
// file and a server.
//
// A copy goes on where an earlier one ended. The tables come first, then the rows in the order of their keys, then
// indexes, views and triggers, so that no trigger fires. A table of the package's own in the target, duolite_copy,
// says that a copy isn't complete, and of which schema it is. How far it is follows from the rows: the next row of a
// table is the one behind the last that the target has.
package copydb

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/duolite/duolite/db/internal/engine"
)

// Config says how to copy.
type Config struct {
	// Server: the target is a server, where some PRAGMAs can't be set.
	Server bool
	// MaxRow is the largest size of a row that the target takes, in bytes, or 0 if it takes all.
	MaxRow int64
	// Careful reads values that a server can't send as they are. It is slower; see [engine.ErrUnsendable].
	Careful bool
	// Chunk is the size of the values that are in memory at a time, and that are stored together, in bytes. A row that is
	// larger is a chunk of its own. 0 means 4 MiB.
	Chunk int
	// Progress is called after each step. It may be nil.
	Progress func(Progress)
}

const defaultChunk = 4 << 20

// Progress says how far a copy is.
type Progress struct {
	// Table is the table that is being copied or compared.
	Table string
	// Rows is the number of rows that the target has, and AllRows the number when the copy is complete.
	Rows, AllRows int64
	// Compared is the number of rows that were compared after that.
	Compared int64
}

// The kinds of errors that say that nothing was changed, or that the result isn't a copy.
var (
	ErrNotEmpty = errors.New("the target isn't empty")
	ErrDiffers  = errors.New("the copy differs")
	// ErrMoved: somebody else has made the same step. The copy may go on from there.
	ErrMoved = errors.New("another copy to the same target has made this step")
)

// A job is a copy in progress.
type job struct {
	cfg      Config
	from, to engine.Conn
	source   *schema
	target   writer
	progress Progress
	steps    int // that this run has made
}

// Run copies from one connection to another. The target must not enforce foreign keys. steps is the number of changes that Run has
// made in the target, also if it fails.
func Run(ctx context.Context, from, to engine.Conn, cfg Config) (steps int, err error) {
	cfg.Chunk = cmp.Or(cfg.Chunk, defaultChunk)
	j := &job{cfg: cfg, from: from, to: to, target: writer{conn: to, maxBytes: 4 * cfg.Chunk}}
	defer j.target.close()
	// One read transaction, so that the copy is the source at one moment.
	if err := from.Begin(ctx, engine.Read); err != nil {
		return 0, err
	}
	defer from.Rollback(ctx)
	err = j.run(ctx)
	return j.steps, err
}

func (j *job) run(ctx context.Context) (err error) {
	if j.source, err = readSchema(ctx, j.from); err != nil {
		return err
	}
	if j.source.unfinished {
		return fmt.Errorf("the source is an unfinished copy: it has the table %s; complete that copy first", markTable)
	}
	if err := j.refuseForeignKeys(ctx); err != nil {
		return err
	}
	target, err := readSchema(ctx, j.to)
	if err != nil {
		return err
	}
	if !target.unfinished && !target.empty() {
		return j.compareComplete(ctx, target)
	}
	if !target.unfinished {
		if err := j.begin(ctx); err != nil {
			return err
		}
	}
	step, err := j.readMark(ctx)
	if err != nil {
		return err
	}
	if err := j.copyRows(ctx, step); err != nil {
		return err
	}
	if err := j.finish(ctx); err != nil {
		return err
	}
	if err := j.compare(ctx); err != nil {
		return err
	}
	return j.dropMark(ctx)
}

// compareComplete compares a target that isn't an unfinished copy: it may be the complete one.
func (j *job) compareComplete(ctx context.Context, target *schema) error {
	if object, differs := j.source.differs(target); differs {
		return fmt.Errorf("%w: it has %s, and isn't the copy of this source; name an empty database", ErrNotEmpty, object)
	}
	err := j.compare(ctx)
	if errors.Is(err, ErrDiffers) {
		err = fmt.Errorf("%w, and isn't the copy of this source: %w; name an empty database", ErrNotEmpty, err)
	}
	return err
}

// refuseForeignKeys fails if the target's connection enforces foreign keys: rows may come before the rows that they need.
func (j *job) refuseForeignKeys(ctx context.Context) error {
	return engine.Query(ctx, j.to, "PRAGMA foreign_keys", nil, func(row []driver.Value) error {
		if row[0] != int64(0) {
			return errors.New("the target's connection doesn't keep PRAGMA foreign_keys = OFF, without which rows can't be copied in any order")
		}
		return nil
	})
}

func (j *job) report() {
	if j.cfg.Progress != nil {
		j.cfg.Progress(j.progress)
	}
}

// An Error says what was being done when an engine failed.
type Error struct {
	Doing string
	Err   error
}

func (e *Error) Error() string { return e.Doing + ": " + e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

// within adds what was being done to an error.
func within(err error, doing string, args ...any) error {
	return &Error{fmt.Sprintf(doing, args...), err}
}
