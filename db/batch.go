package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// A Batch is calls of generated methods that travel together: on a server all of them
// are one HTTP request. They are applied together or not at all, as a transaction that
// writes, or as [WithReadOnly] and [WithIndependentCalls] say.
//
//	b := db.NewBatch(pool, dbsqlc.New)
//	bookmark := db.Queue(b, func(q *dbsqlc.Queries) (dbsqlc.Bookmark, error) { return q.GetBookmark(ctx, 7) })
//	tags := db.Queue(b, func(q *dbsqlc.Queries) ([]dbsqlc.Tag, error) { return q.ListTags(ctx) })
//	if err := b.Run(ctx); err != nil {
//		return err
//	}
//	found, err := bookmark.Get()
//
// Until Run nothing is started, and a batch that is dropped leaves nothing behind. A
// Batch may be filled by several goroutines; it is run once.
//
// On a file a call costs 5 to 8 µs more in a batch than in a transaction. On a server the
// distance counts once; docs/guarantees.md has what else it costs. All answers are in
// memory until Run has returned. For a great many rows of one table, a statement
// over json_each is cheaper still.
type Batch[Q any] struct {
	core *batch
	// queries makes what a call is made on.
	queries func(*batchCall) Q
}

// An Execer is what a batch runs on: a *sql.DB, *sql.Tx or *sql.Conn that comes from
// [Open] or [NewConnector].
type Execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// NewBatch returns an empty batch. newQueries is the function New of the generated
// package, or any other that makes what calls are made on out of a DBTX: the methods
// ExecContext, QueryContext, QueryRowContext and PrepareContext.
//
// On a pool or a connection the batch is a transaction of its own. On a *sql.Tx it is a
// part of that: all or nothing by a savepoint, kept when the transaction is committed; a
// batch that fails leaves the transaction open, as it was before. Only what ends any
// transaction ends this one too, so that [ErrTxLost] follows: the end of Run's context, a
// lost answer, a statement that rolls back by itself. BEGIN, COMMIT, ROLLBACK and
// savepoints aren't run in one.
//
// What is wrong with the arguments is an error of Run.
func NewBatch[DBTX, Q any](on Execer, newQueries func(DBTX) Q, opts ...BatchOption) *Batch[Q] {
	b := &Batch[Q]{core: &batch{on: on, cfg: defaultBatchConfig}}
	for i, opt := range opts {
		if opt == nil {
			b.core.refuse(fmt.Errorf("batch option %d is nil", i+1))
		} else if err := opt(&b.core.cfg); err != nil {
			b.core.refuse(err)
		}
	}
	var fits bool
	if _, fits = any(&batchCall{}).(DBTX); !fits {
		b.core.refuse(fmt.Errorf("NewBatch: %T wants more of a database than ExecContext, QueryContext, QueryRowContext and PrepareContext", newQueries))
	}
	if newQueries == nil {
		b.core.refuse(errors.New("NewBatch: the function is nil; want New of the generated package"))
	}
	if on == nil {
		b.core.refuse(errors.New("NewBatch: there is nothing to run on; want a *sql.DB, *sql.Tx or *sql.Conn"))
	}
	b.queries = func(c *batchCall) Q { return newQueries(any(c).(DBTX)) }
	return b
}

// Queue adds a call, which is one generated method of any kind that returns a value: :one,
// :many, :execrows, :execresult, :execlastid.
//
// Run calls the function, on a goroutine of its own but never two of them at the same time,
// and in the order of Queue. Its method waits until the answers to all of the batch are
// there; so the function must run one statement, must not wait for another call of the
// batch, and may do with the method's results what it likes. A []byte argument is sent as
// it is when all calls have come to their statements. The context that it hands
// to the method is looked at only before the statement is recorded; after that Run's
// counts. An error of the batch is the method's error too.
//
// After Run has returned, no function begins. One that is running when Run's context ends
// may go on beside the caller for a while, so that it must not use the caller's variables
// without a lock; its result is its Future.
func Queue[Q, T any](b *Batch[Q], call func(Q) (T, error)) *Future[T] {
	f := new(Future[T])
	f.call.body = func() {
		if !f.call.mayBegin() {
			return
		}
		defer f.call.returned()
		value, err := call(b.queries(&f.call))
		f.call.end(err, func() { f.value = value })
	}
	b.core.queue(&f.call)
	return f
}

// QueueExec is [Queue] for a method that returns only an error, :exec.
func QueueExec[Q any](b *Batch[Q], call func(Q) error) *Future[struct{}] {
	return Queue(b, func(q Q) (struct{}, error) { return struct{}{}, call(q) })
}

// Len returns how many calls the batch has.
func (b *Batch[Q]) Len() int {
	b.core.mu.Lock()
	defer b.core.mu.Unlock()
	return b.core.queued
}

// Run runs the calls. If it returns nil, the statements of all of them are applied; what a
// call makes of its answer, such as sql.ErrNoRows or an error of Scan, is in its
// [Future] alone. Any other error but [ErrOutcomeUnknown] means that nothing is applied:
//
//   - a [*BatchError] names the call whose statement failed, and wraps its error. The
//     other calls have [ErrNotApplied].
//   - a [*BatchError] also names a call that ran no statement: it returned an error before
//     it came to that, panicked, or took longer than ctx. Then nothing was sent.
//   - the others are of the batch as a whole: the database is locked, the server isn't
//     there, ctx has ended. All calls have ErrNotApplied, which wraps it.
//
// ErrOutcomeUnknown, of Run and then of all calls, means that the answer to what commits
// was lost. Nothing is sent again that may have run. A server whose lock another has is
// asked again, as for any statement; see [WithBusyTimeout].
//
// When ctx ends, Run returns soon. A call that waits for something else then stays
// behind until that is over.
func (b *Batch[Q]) Run(ctx context.Context) error {
	calls, err := b.core.start()
	if err != nil {
		return err
	}
	defer b.core.finish()
	if len(calls) == 0 {
		return ctx.Err() // nothing to send
	}
	r := &batchRun{ctx: ctx, batch: b.core, calls: calls, recorded: make(chan struct{}), answered: make(chan struct{})}
	defer r.replay.Close()
	defer r.release()
	return r.run()
}

// A Future is the result of a call, once its batch has run.
type Future[T any] struct {
	call  batchCall
	value T
}

// Get returns what the call returned. If its statement wasn't applied, the error is the
// statement's own, or [ErrNotApplied] if it was another call's fault or nobody's. Before
// the end of Run it is an error.
func (f *Future[T]) Get() (T, error) {
	var none T
	if f.call.batch == nil {
		return none, errNotRun // it isn't of Queue
	}
	f.call.batch.mu.Lock()
	defer f.call.batch.mu.Unlock()
	if !f.call.ended {
		return none, f.call.early()
	}
	return f.value, f.call.err
}

// Err returns the error that [Future.Get] has.
func (f *Future[T]) Err() error {
	_, err := f.Get()
	return err
}

// batch is what a Batch is without its types.
type batch struct {
	on  Execer
	cfg batchConfig

	mu     sync.Mutex // guards the calls too
	bad    error      // of the arguments
	queued int
	calls  []*batchCall
	state  batchState
}

type batchState int

const (
	batchOpen batchState = iota
	batchRunning
	batchDone
)

// refuse keeps the first error of the arguments.
func (b *batch) refuse(err error) {
	if b.bad == nil {
		b.bad = configError{err}
	}
}

func (b *batch) queue(c *batchCall) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c.batch = b
	if b.state != batchOpen {
		c.setEnd(errQueuedLate)
		return
	}
	b.calls = append(b.calls, c)
	b.queued++
}

// start returns the calls, the first time.
func (b *batch) start() ([]*batchCall, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state != batchOpen {
		return nil, errRunTwice
	}
	b.state = batchRunning
	if b.bad != nil {
		for _, c := range b.calls {
			c.setEnd(b.bad)
		}
		b.state, b.calls = batchDone, nil
	}
	return b.calls, b.bad
}

func (b *batch) finish() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state = batchDone
	b.calls = nil
}
