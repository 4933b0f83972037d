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
	"slices"
	"strings"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
)

// Config says how to copy.
type Config struct {
	// Chunk is the size of the values that are in memory at a time, and that are stored together, in bytes. A row that is
	// larger is a chunk of its own. 0 means 4 MiB.
	Chunk int
	// Progress is called after each step. It may be nil.
	Progress func(Progress)
}

const defaultChunk = 4 << 20

// Progress says how far a copy is.
type Progress struct {
	// Table is the table that is being copied or compared, or whose index is being made.
	Table string
	// Rows is the number of rows that the target has, and AllRows the number of rows of the source when the copy began.
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

// A Copy is a copy in progress. It runs again, with other connections, after an error that allows that.
type Copy struct {
	cfg      Config
	progress Progress
	// careful: values that a server can't send as they are are read in another form. It is slower; see [engine.ErrUnsendable].
	careful bool
	// comparisons are the comparisons so far, by tables. What was compared in an earlier run needs no comparison again: it had all
	// rows, and if the source has changed since, then the rows of another table differ, or the target is its state before.
	comparisons map[string]*comparison
}

// New returns a copy that hasn't begun.
func New(cfg Config) *Copy {
	cfg.Chunk = cmp.Or(cfg.Chunk, defaultChunk)
	return &Copy{cfg: cfg, comparisons: map[string]*comparison{}}
}

// A job is a run of a copy.
type job struct {
	*Copy
	from, to engine.Conn
	source   *schema
	target   *writer
	maxRow   int64 // the largest row that the target takes, in bytes, or 0
	server   bool  // whether the target is one
	advanced bool
}

// Run copies from one connection to another, as far as nothing was copied yet. The target must not enforce foreign keys. advanced
// reports whether the copy is further than before, also if Run fails.
func (c *Copy) Run(ctx context.Context, from, to engine.Conn) (advanced bool, err error) {
	j := &job{Copy: c, from: from, to: to, target: newWriter(to, 4*c.cfg.Chunk)}
	defer j.target.close()
	if limited, ok := to.(engine.Limited); ok {
		j.server, j.maxRow = true, limited.MaxRow()
	}
	if _, ok := from.(engine.Limited); ok {
		j.maxRow = 0 // it has the same limit
	}
	// One read transaction, so that the copy is the source at one moment.
	if err := from.Begin(ctx, engine.Read); err != nil {
		return false, err
	}
	defer from.Rollback(context.WithoutCancel(ctx))
	err = j.run(ctx)
	if errors.Is(err, engine.ErrUnsendable) && !c.careful {
		c.careful, j.advanced = true, true
	}
	return j.advanced, err
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
	if err := j.refuseTemporary(ctx); err != nil {
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
		if err := j.begin(ctx, target); err != nil {
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

// refuseTemporary fails if the target's connection has temporary tables with the names of the source's tables: indexes and triggers
// would be made for those.
func (j *job) refuseTemporary(ctx context.Context) error {
	const temporary = "SELECT name FROM pragma_table_list WHERE schema = 'temp'"
	return engine.Query(ctx, j.to, temporary, nil, func(row []driver.Value) error {
		name := text(row[0])
		if slices.ContainsFunc(j.source.tables, func(t *table) bool { return strings.EqualFold(t.name, name) }) {
			return fmt.Errorf("the target's connection has a temporary table %q, which hides the one to copy; open the target without it", name)
		}
		return nil
	})
}

// carefulWith reports whether the values of a connection have to be read in a form that a server can send. A file may have another
// text encoding than a server, in which this form is another one.
func (c *Copy) carefulWith(conn engine.Conn) bool {
	_, isServer := conn.(engine.Limited)
	return c.careful && isServer
}

func (j *job) report() {
	if j.cfg.Progress != nil {
		j.cfg.Progress(j.progress)
	}
}

// within adds what was being done to an error of an engine. The error stays one of the engine's, with its kind.
func within(err error, doing string, args ...any) error {
	doing = fmt.Sprintf(doing, args...) + ": "
	e, ok := errors.AsType[*engine.Error](err)
	if !ok {
		return fmt.Errorf("%s%w", doing, err)
	}
	more := *e
	more.Message = engine.Escape(doing) + e.Message
	return &more
}

// idleTime is how long a connection may do nothing. A server ends a transaction after 10 s.
const idleTime = 3 * time.Second

// alive calls fn, and keeps the transaction and the settings of a connection that fn doesn't use. The connection may be nil.
func alive(ctx context.Context, c engine.Conn, fn func() error) error {
	if c == nil {
		return fn()
	}
	done := make(chan error, 1)
	go func() { done <- fn() }()
	ticker := time.NewTicker(idleTime)
	defer ticker.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-ticker.C:
			if err := c.Ping(ctx); err != nil {
				return errors.Join(err, <-done)
			}
		}
	}
}

// apply changes the target, while the source's transaction is kept.
func (j *job) apply(ctx context.Context, steps []engine.Step) error {
	err := alive(ctx, j.from, func() error {
		_, err := j.target.apply(ctx, steps)
		return err
	})
	if err == nil {
		j.advanced = true
	}
	return err
}
