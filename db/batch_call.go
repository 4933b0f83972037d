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

// A batchCall is one queued function. It is recording its statement, waiting for the reply, or
// finished. It is also the DBTX of the function's method.
//
// A batch may have thousands of waiting goroutines. Up to its wait, each function stays within
// the initial 2 kB of a goroutine's stack; growing the stack would cost more than the rest of
// the call.
type batchCall struct {
	batch *batch // its lock guards the following fields
	// body calls the function, then end, and returned in any case.
	body func()

	// Set by start.
	run   *batchRun
	place int
	// turn blocks the statement's method until its reply has arrived.
	turn sync.WaitGroup

	begun    bool // the function was called
	recorded bool
	second   bool // a second statement was refused
	settled  bool // answer and answerErr are valid
	ended    bool // value and err are valid
	left     bool // the function has returned
	err      error
	contract.Call
	answer    contract.Replayed
	answerErr error
}

// start calls the function on a goroutine of its own.
func (c *batchCall) start(r *batchRun, place int) {
	c.run, c.place = r, place
	c.turn.Add(1)
	go c.body()
}

// mayBegin reports whether to call the function. It returns false if Run's context has ended
// since start.
func (c *batchCall) mayBegin() bool {
	c.batch.mu.Lock()
	defer c.batch.mu.Unlock()
	c.begun = !c.run.stopped
	c.left = c.run.stopped
	return c.begun
}

// returned is deferred around the function. It recovers a panic.
func (c *batchCall) returned() {
	if value := recover(); value != nil {
		c.end(errors.New("the call panicked: "+engine.OneLine(fmt.Sprint(value))), nil)
	}
	c.end(errGoexit, nil) // no effect if the call has ended
	c.run.returned(c)
}

// end sets the result of Get, unless it is set already. publish sets the value.
func (c *batchCall) end(err error, publish func()) {
	c.batch.mu.Lock()
	defer c.batch.mu.Unlock()
	if !c.ended && publish != nil {
		publish()
	}
	c.setEnd(err)
}

// setEnd sets the error of Get, unless the call has ended.
func (c *batchCall) setEnd(err error) {
	if c.ended {
		return
	}
	switch {
	case c.answerErr != nil && err == nil:
		err = c.answerErr // which the function dropped
	case c.recorded && c.second && err == nil:
		err = errSecond
	case c.recorded && !c.settled && err == nil:
		err = errUnawaited // whether the statement is applied isn't known yet
	case !c.recorded && err == nil:
		err = errNone
	}
	if c.second && c.settled && c.answerErr == nil {
		err = fmt.Errorf("%w; its first statement is applied", err)
	}
	c.ended, c.err = true, err
}

// notReady returns the error of a Get before the end of Run.
func (c *batchCall) notReady() error {
	if c.run != nil {
		return errRunning
	}
	return errNotRun
}

// record stores the call's statement, and starts the next call.
func (c *batchCall) record(ctx context.Context, text string, args []any, as contract.CallKind) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	values, names, err := contract.Args(args)
	if err != nil {
		return err
	}
	c.batch.mu.Lock()
	defer c.batch.mu.Unlock()
	switch {
	case c.ended:
		return errOver
	case c.recorded:
		c.second = true
		return errSecond
	}
	c.recorded = true
	c.Call = contract.Call{Text: text, Args: values, Names: names, Kind: as}
	c.run.record(c.place + 1)
	return nil
}

// wait waits for the reply, and returns it.
func (c *batchCall) wait() (contract.Replayed, error) {
	c.turn.Wait()
	c.batch.mu.Lock()
	defer c.batch.mu.Unlock()
	answer := c.answer
	c.answer = contract.Replayed{} // release memory
	return answer, c.answerErr
}

// ExecContext implements the DBTX of generated packages.
func (c *batchCall) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := c.record(ctx, query, args, contract.Exec); err != nil {
		return nil, err
	}
	answer, err := c.wait()
	return answer.Result, err
}

// QueryContext implements the DBTX of generated packages.
func (c *batchCall) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := c.record(ctx, query, args, contract.Query); err != nil {
		return nil, err
	}
	answer, err := c.wait()
	return answer.Rows, err
}

// QueryRowContext implements the DBTX of generated packages.
func (c *batchCall) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if err := c.record(ctx, query, args, contract.QueryRow); err != nil {
		return contract.FailedRow(err)
	}
	answer, _ := c.wait()
	return answer.Row // holds the error
}

// PrepareContext implements the DBTX of generated packages.
func (c *batchCall) PrepareContext(context.Context, string) (*sql.Stmt, error) {
	return nil, errPrepare
}
