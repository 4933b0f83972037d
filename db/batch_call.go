package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"github.com/duolite/duolite/db/internal/contract"
	"github.com/duolite/duolite/db/internal/engine"
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
	settled  bool // answer and answerErr are what the statement's method returns
	ended    bool // value and err are what Get returns
	err      error
	contract.Call
	answer    *contract.Answer
	answerErr error
}

func (c *batchCall) start() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running = true
	c.news, c.resume = make(chan struct{}, 2), make(chan struct{})
}

// run calls the function, on the goroutine that it has to itself.
func (c *batchCall) run(r *recorder) {
	publish, err := func() {}, errGoexit
	defer func() {
		if value := recover(); value != nil {
			err = errors.New("the call panicked: " + engine.OneLine(fmt.Sprint(value)))
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
	case c.recorded && !c.settled && err == nil:
		err = errUnawaited // whether it is applied isn't known yet
	case !c.recorded && err == nil:
		err = errNone
	}
	if c.second && c.answerErr == nil {
		err = fmt.Errorf("%w; its first is applied", err)
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

// statement takes the call's statement, and waits for the answer.
func (c *batchCall) statement(ctx context.Context, text string, args []any, rows bool) (*contract.Answer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	values, err := contract.Args(args)
	if err != nil {
		return nil, err
	}
	if err := c.record(contract.Call{Text: text, Args: values, Rows: rows}); err != nil {
		return nil, err
	}
	c.news <- struct{}{}
	<-c.resume
	c.mu.Lock()
	defer c.mu.Unlock()
	answer := c.answer
	c.answer = nil // it may be large
	return answer, c.answerErr
}

func (c *batchCall) record(call contract.Call) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.ended:
		return errOver
	case c.recorded:
		c.second = true
		return errSecond
	}
	c.recorded, c.Call = true, call
	return nil
}

// settle sets what the statement's method returns, and lets the function go on.
func (c *batchCall) settle(answer *contract.Answer, err error) {
	c.mu.Lock()
	c.answer, c.answerErr, c.settled = answer, err, true
	c.mu.Unlock()
	close(c.resume)
}

// query returns the name of the call's query. A call that has blocked may be recording yet.
func (c *batchCall) query() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return queryName(c.Text)
}

// recorder is the DBTX of a call.
type recorder struct {
	call   *batchCall
	replay *sql.DB
}

func (r *recorder) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	answer, err := r.call.statement(ctx, query, args, false)
	if err != nil {
		return nil, err
	}
	return answer.ExecResult(), nil
}

func (r *recorder) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	answer, err := r.call.statement(ctx, query, args, true)
	return r.replay.QueryContext(answer.Query(err), "")
}

func (r *recorder) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	answer, err := r.call.statement(ctx, query, args, true)
	return r.replay.QueryRowContext(answer.Query(err), "")
}

func (r *recorder) PrepareContext(context.Context, string) (*sql.Stmt, error) {
	return nil, errPrepare
}
