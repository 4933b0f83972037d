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
// for the answer, or is done. It is also the DBTX that the function's method runs on.
//
// A batch may have thousands that wait, each on a goroutine. What is called up to there gets by
// with the 2 kB of stack that a goroutine begins with, since a larger one costs more than all
// else that a call takes.
type batchCall struct {
	batch *batch // whose lock guards what is below
	// body calls the function, then end and, whatever comes of it, returned.
	body func()

	// Set when it is started.
	run   *batchRun
	place int
	// turn is waited for by the statement, which then has its answer.
	turn sync.WaitGroup

	begun    bool // the function is called
	recorded bool
	second   bool // a second statement was refused
	settled  bool // answer and answerErr are what the statement's method returns
	ended    bool // value and err are what Get returns
	left     bool // the function has returned
	err      error
	contract.Call
	answer    contract.Replayed
	answerErr error
}

// start calls the function, on a goroutine that it has to itself.
func (c *batchCall) start(r *batchRun, place int) {
	c.run, c.place = r, place
	c.turn.Add(1)
	go c.body()
}

// mayBegin reports whether to call the function: not if Run's context has ended since the
// goroutine was started.
func (c *batchCall) mayBegin() bool {
	c.batch.mu.Lock()
	defer c.batch.mu.Unlock()
	c.begun = !c.run.stopped
	c.left = c.run.stopped
	return c.begun
}

// returned is deferred by what calls the function.
func (c *batchCall) returned() {
	if value := recover(); value != nil {
		c.end(errors.New("the call panicked: "+engine.OneLine(fmt.Sprint(value))), nil)
	}
	c.end(errGoexit, nil) // unless it has come to an end
	c.run.returned(c)
}

// end sets what Get returns, unless that is decided already. Publish sets the value.
func (c *batchCall) end(err error, publish func()) {
	c.batch.mu.Lock()
	defer c.batch.mu.Unlock()
	if !c.ended && publish != nil {
		publish()
	}
	c.setEnd(err)
}

// setEnd sets the error that Get returns, unless the call has ended.
func (c *batchCall) setEnd(err error) {
	if c.ended {
		return
	}
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
	if c.second && c.settled && c.answerErr == nil {
		err = fmt.Errorf("%w; its first is applied", err)
	}
	c.ended, c.err = true, err
}

// early is the error of a Get that comes before the end.
func (c *batchCall) early() error {
	if c.run != nil {
		return errRunning
	}
	return errNotRun
}

// record takes the call's statement, and gives the next call its turn.
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

// wait returns what the statement's method does, once it is the call's turn again.
func (c *batchCall) wait() (contract.Replayed, error) {
	c.turn.Wait()
	c.batch.mu.Lock()
	defer c.batch.mu.Unlock()
	answer := c.answer
	c.answer = contract.Replayed{} // it may be large
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
	return answer.Row // which has the error
}

// PrepareContext implements the DBTX of generated packages.
func (c *batchCall) PrepareContext(context.Context, string) (*sql.Stmt, error) {
	return nil, errPrepare
}
