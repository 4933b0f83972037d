package db

import (
	"context"
	"database/sql"
	"fmt"
	"sync"

	"github.com/duolite/duolite/db/internal/contract"
)

// batchCall is a call of a batch: a function that is on its way to its statement, waits
// for the answer, or is done.
type batchCall struct {
	invoke func(*recorder) (publish func(), err error)

	// news has something when the statement is recorded, and when the function is done.
	news chan struct{}
	// resume is closed when the answer is there, or an error in its place.
	resume chan struct{}

	mu       sync.Mutex
	running  bool
	recorded bool
	second   bool // a second statement was refused
	ended    bool // value and err are what Get returns
	err      error
	contract.Call
	answer    *contract.Answer
	answerErr error
}

// run calls the function, on the goroutine that it has to itself.
func (c *batchCall) run(r *recorder) {
	publish, err := func() {}, errGoexit
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("the call panicked: %v", value)
		}
		c.end(publish, err)
		c.news <- struct{}{}
	}()
	publish, err = c.invoke(r)
}

// end sets what Get returns, unless that is decided already.
func (c *batchCall) end(publish func(), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return
	}
	c.ended = true
	switch {
	case c.answerErr != nil && err == nil:
		err = c.answerErr // the function has dropped it
	case c.recorded && c.second && err == nil:
		err = errSecond
	case !c.recorded && err == nil:
		err = errNone
	}
	if c.second && c.answerErr == nil {
		err = fmt.Errorf("%w (its first is applied, as far as the batch is)", err)
	}
	if c.err = err; publish != nil {
		publish()
	}
}

// early is the error of a Get that comes before the end.
func (c *batchCall) early() error {
	if c.running {
		return errRunning
	}
	return errNotRun
}

// Record implements [contract.Recorder]: it takes the statement, and waits for its answer.
func (c *batchCall) Record(call contract.Call) (*contract.Answer, error) {
	c.mu.Lock()
	switch {
	case c.ended:
		c.mu.Unlock()
		return nil, errOver
	case c.recorded:
		c.second = true
		c.mu.Unlock()
		return nil, errSecond
	}
	c.recorded, c.Call = true, call
	c.mu.Unlock()
	c.news <- struct{}{}
	<-c.resume
	return c.answer, c.answerErr
}

// settle sets what the statement's method returns, and lets the function go on.
func (c *batchCall) settle(answer *contract.Answer, err error) {
	c.mu.Lock()
	c.answer, c.answerErr = answer, err
	c.mu.Unlock()
	close(c.resume)
}

// wasRecorded reports whether the call has come to its statement.
func (c *batchCall) wasRecorded() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.recorded
}

// recorder is the DBTX of a call.
type recorder struct {
	call   *batchCall
	replay *sql.DB
	ctx    context.Context // the replay's
}

func (r *recorder) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return r.replay.ExecContext(r.ctx, query, args...)
}

func (r *recorder) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return r.replay.QueryContext(r.ctx, query, args...)
}

func (r *recorder) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if ctx.Err() != nil {
		return r.replay.QueryRowContext(ctx, query, args...) // which has this error
	}
	return r.replay.QueryRowContext(r.ctx, query, args...)
}

func (r *recorder) PrepareContext(context.Context, string) (*sql.Stmt, error) {
	return nil, errPrepare
}
