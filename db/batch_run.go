package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/duolite/duolite/db/internal/contract"
)

// batchGrace is for how long a call is waited for that has its answer when the context of
// Run ends. After one that blocks, others have less.
const batchGrace = 100 * time.Millisecond

// batchRun is the run of a batch.
type batchRun struct {
	ctx    context.Context
	batch  *batch
	calls  []*batchCall
	replay *sql.DB
	waited time.Duration // for calls that didn't come to their end
}

// run records all calls, sends what they have asked, and hands out the answers.
func (r *batchRun) run() error {
	for i, c := range r.calls {
		if err := r.ctx.Err(); err != nil {
			r.refuse(i, &notAppliedError{cause: err, whole: true}, nil)
			return err
		}
		if own := r.record(c); own != nil {
			err := r.errorOf(i, own)
			r.refuse(i, &notAppliedError{cause: err}, own)
			return err
		}
	}
	sent := r.send()
	err := r.result(sent)
	for i, c := range r.calls {
		r.answer(c, sent, i, err)
	}
	return err
}

// record runs a call up to its statement.
func (r *batchRun) record(c *batchCall) error {
	c.start()
	go c.run(&recorder{c, r.replay})
	select {
	case <-c.news:
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.recorded {
		return nil
	}
	return c.err
}

// refuse ends the calls of a batch that isn't sent. Those before at have come to their
// statements; own is the error of the one there, if it is its fault.
func (r *batchRun) refuse(at int, refusal, own error) {
	for i, c := range r.calls {
		switch {
		case i < at:
			r.resume(c, nil, refusal)
		case i == at && own != nil:
			c.end(nil, own)
			c.settle(nil, own) // should it come to its statement yet
		default:
			c.end(nil, refusal)
		}
	}
}

// errorOf names a call as the one that failed.
func (r *batchRun) errorOf(i int, err error) error {
	return &BatchError{Call: i, Query: r.calls[i].query(), Err: err, calls: len(r.calls)}
}

// send runs the statements.
func (r *batchRun) send() *contract.Batch {
	cfg := &r.batch.cfg
	sent := &contract.Batch{
		Calls:         make([]contract.Call, len(r.calls)),
		Mode:          cfg.mode,
		MaxBytes:      cfg.bytes,
		MaxStatements: cfg.statements,
		Failed:        -1,
	}
	for i, c := range r.calls {
		sent.Calls[i] = c.Call
	}
	_, err := r.batch.on.ExecContext(r.ctx, contract.BatchText, sent)
	for _, c := range r.calls {
		c.Args = nil // they may be large
	}
	switch {
	case sent.Taken:
		// What a wrapper makes of the error is not looked at.
	case err == nil:
		sent.Err = contract.ErrForeign // a driver that takes anything
	default:
		sent.Err = err
	}
	return sent
}

// result returns what Run does.
func (r *batchRun) result(sent *contract.Batch) error {
	if sent.Failed < 0 || sent.Err == nil {
		return sent.Err
	}
	err := r.errorOf(sent.Failed, sent.Err).(*BatchError)
	for i := range sent.Answers {
		if i != sent.Failed && sent.Answers[i].Err != nil {
			err.more++
		}
	}
	return err
}

// answer hands a call its answer, or the reason why there is none.
func (r *batchRun) answer(c *batchCall, sent *contract.Batch, i int, err error) {
	if i < len(sent.Answers) {
		answer := &sent.Answers[i]
		if answer.Done || answer.Err != nil {
			r.resume(c, answer, answer.Err)
			return
		}
	}
	if errors.Is(err, ErrOutcomeUnknown) && sent.Mode != contract.BatchIndependent {
		r.resume(c, nil, err)
		return
	}
	r.resume(c, nil, &notAppliedError{cause: err, whole: sent.Failed < 0})
}

// resume lets a call go on, and waits for its end. Err is what its method returns.
func (r *batchRun) resume(c *batchCall, answer *contract.Answer, err error) {
	c.settle(answer, err)
	if r.ended(c) {
		return
	}
	if err == nil {
		err = r.ctx.Err()
	}
	c.end(nil, err)
}

// ended waits for the end of a call, and reports whether it came.
func (r *batchRun) ended(c *batchCall) bool {
	select {
	case <-c.news:
		return true
	case <-r.ctx.Done():
	}
	start := time.Now()
	timer := time.NewTimer(max(batchGrace-r.waited, batchGrace/10))
	defer timer.Stop()
	select {
	case <-c.news:
		return true
	case <-timer.C:
		r.waited += time.Since(start)
		return false
	}
}

// release lets calls go on that wait still, and is for a panic on its way through Run: by a
// nil *sql.Tx, or in a driver's wrapper. Otherwise there are none.
func (r *batchRun) release() {
	for _, c := range r.calls {
		c.mu.Lock()
		waits := c.recorded && !c.settled
		c.mu.Unlock()
		if waits {
			c.settle(nil, errRunPanicked)
		}
	}
}
