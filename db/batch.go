package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// A Batch is a list of calls of generated methods that are sent together: a server gets all of
// them in one HTTP request. By default the calls are one write transaction: either all are
// applied or none. [WithReadOnly] and [WithIndependentCalls] change that.
//
//	b := db.NewBatch(pool, dbsqlc.New)
//	bookmark := db.Queue(b, func(q *dbsqlc.Queries) (dbsqlc.Bookmark, error) { return q.GetBookmark(ctx, 7) })
//	tags := db.Queue(b, func(q *dbsqlc.Queries) ([]dbsqlc.Tag, error) { return q.ListTags(ctx) })
//	if err := b.Run(ctx); err != nil {
//		return err
//	}
//	found, err := bookmark.Get()
//
// Nothing starts before Run, and a batch that is never run needs no cleanup. Several
// goroutines may queue calls. A batch runs once.
//
// On a server a batch pays the network's latency once. All replies are held in memory until
// Run has returned. docs/guarantees.md has the costs. To store very many rows of one table,
// [InsertAll] and [BulkExec] are faster.
type Batch[Q any] struct {
	core *batch
	// queries returns the object whose methods the call runs.
	queries func(*batchCall) Q
}

// An Execer is a *sql.DB, *sql.Tx or *sql.Conn from [Open] or [NewConnector], on which a batch
// or a bulk insert runs.
type Execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// NewBatch returns an empty batch. newQueries is the function New of the generated package, or
// any function that takes a DBTX: an interface of ExecContext, QueryContext, QueryRowContext
// and PrepareContext.
//
// On a *sql.DB or *sql.Conn the batch is a transaction of its own. On a *sql.Tx it belongs to
// that transaction. A savepoint makes it all or nothing, and its changes are kept when the
// transaction commits. A batch that fails leaves the transaction open and unchanged, with
// exceptions: if the context of Run ends, a reply is lost, or a statement rolls the
// transaction back itself, the transaction is lost ([ErrTxLost]). A batch refuses BEGIN,
// COMMIT, ROLLBACK and savepoints.
//
// Run returns the error if an argument is invalid.
func NewBatch[DBTX, Q any](on Execer, newQueries func(DBTX) Q, opts ...BatchOption) *Batch[Q] {
	b := &Batch[Q]{core: &batch{on: on, cfg: defaultBatchConfig}}
	b.core.bad = apply("batch option", &b.core.cfg, opts)
	if _, fits := any(&batchCall{}).(DBTX); !fits {
		b.core.refuse(fmt.Errorf("NewBatch: the DBTX of %T has other methods than ExecContext, QueryContext, QueryRowContext and PrepareContext", newQueries))
	}
	if newQueries == nil {
		b.core.refuse(errors.New("NewBatch: the function is nil; want New of the generated package"))
	}
	if on == nil {
		b.core.refuse(errors.New("NewBatch: the database is nil; want a *sql.DB, *sql.Tx or *sql.Conn"))
	}
	b.queries = func(c *batchCall) Q { return newQueries(any(c).(DBTX)) }
	return b
}

// Queue adds a call to the batch. The call runs one generated method that returns a value:
// :one, :many, :execrows, :execresult or :execlastid.
//
// Run calls the functions in the order of Queue, each on its own goroutine, one at a time. The
// method returns when the replies to the whole batch have arrived. So call must run exactly
// one statement, and must not wait for another call of the batch. It may process the method's
// results in any way. A []byte argument is read when all calls have recorded their statements.
// The context passed to the method is checked only before its statement is recorded;
// afterwards the context of Run applies. An error of the batch is also returned by the method.
//
// After Run has returned, no function starts. A function that is running when Run's context
// ends may continue, so it must not use the caller's variables without a lock. Its result is
// in its [Future].
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

// QueueExec is [Queue] for a method that only returns an error (:exec).
func QueueExec[Q any](b *Batch[Q], call func(Q) error) *Future[struct{}] {
	return Queue(b, func(q Q) (struct{}, error) { return struct{}{}, call(q) })
}

// Len returns the number of queued calls.
func (b *Batch[Q]) Len() int {
	b.core.mu.Lock()
	defer b.core.mu.Unlock()
	return b.core.queued
}

// Run runs the calls. If it returns nil, all statements were applied. An error that a call
// makes of its reply, such as sql.ErrNoRows or an error of Scan, is only in its [Future].
// Except for [ErrOutcomeUnknown], an error means that nothing was applied:
//
//   - A [*BatchError] names the call whose statement failed, and wraps its error. The other
//     calls have [ErrNotApplied].
//   - A [*BatchError] also names a call that ran no statement: the function returned an
//     error first, panicked, or didn't finish before ctx ended. Then nothing was sent.
//   - Any other error is about the whole batch: the database is locked, the server can't be
//     reached, ctx has ended. All calls have ErrNotApplied, which wraps it.
//
// ErrOutcomeUnknown is returned by Run and all calls if the reply to the commit was lost.
// Statements that may have run are not sent again. While another client holds the server's
// lock, the batch is repeated like any statement; see [WithBusyTimeout].
//
// Run returns soon after ctx ends. A function that is blocked elsewhere then continues on its
// goroutine.
func (b *Batch[Q]) Run(ctx context.Context) error {
	calls, err := b.core.start()
	if err != nil {
		return err
	}
	if len(calls) == 0 {
		return ctx.Err()
	}
	r := &batchRun{ctx: ctx, batch: b.core, calls: calls, recorded: make(chan struct{}), answered: make(chan struct{})}
	defer r.replay.Close()
	defer r.release()
	return r.run()
}

// A Future is the result of a call after its batch has run.
type Future[T any] struct {
	call  batchCall
	value T
}

// Get returns the result of the call. If its statement wasn't applied, Get returns the
// statement's own error, or [ErrNotApplied] if the batch failed for another reason. Get fails
// if Run hasn't returned yet.
func (f *Future[T]) Get() (T, error) {
	var none T
	if f.call.batch == nil {
		return none, errNotRun // not created by Queue
	}
	f.call.batch.mu.Lock()
	defer f.call.batch.mu.Unlock()
	if !f.call.ended {
		return none, f.call.notReady()
	}
	return f.value, f.call.err
}

// Err returns the error of [Future.Get].
func (f *Future[T]) Err() error {
	_, err := f.Get()
	return err
}

// batch is a Batch without its type parameters.
type batch struct {
	on  Execer
	cfg batchConfig

	mu      sync.Mutex // also guards the calls
	bad     error      // first invalid argument
	queued  int
	calls   []*batchCall // until Run
	started bool         // by Run
}

// locked calls do with the lock.
func (b *batch) locked(do func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	do()
}

// refuse records the first error of the arguments.
func (b *batch) refuse(err error) {
	if b.bad == nil {
		b.bad = configError{err}
	}
}

func (b *batch) queue(c *batchCall) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c.batch = b
	if b.started {
		c.setEnd(errQueuedLate)
		return
	}
	b.calls = append(b.calls, c)
	b.queued++
}

// start returns the calls. It fails on the second call.
func (b *batch) start() ([]*batchCall, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.started {
		return nil, errRunTwice
	}
	calls := b.calls
	b.started, b.calls = true, nil
	if b.bad != nil {
		for _, c := range calls {
			c.setEnd(b.bad)
		}
	}
	return calls, b.bad
}
