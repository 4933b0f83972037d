package db

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/duolite/duolite/db/internal/contract"
)

// batchGrace is for how long a call is waited for that has its answer when the context of
// Run ends. After one that blocks, others have less.
const batchGrace = 100 * time.Millisecond

// batchRun is the run of a batch. Its calls take turns, from goroutine to goroutine: one that
// has come to its statement starts the next; later, one that has returned with its answer
// lets the next go on. Run waits for the last of them, and for its context.
type batchRun struct {
	ctx    context.Context
	batch  *batch
	calls  []*batchCall
	replay contract.Replay

	// Guarded by the batch's lock.
	at       int           // whose turn it is
	halted   bool          // no other call is started
	stopped  bool          // no function is called any more
	recorded chan struct{} // closed when it is halted
	answer   answers       // set when they are there
	answered chan struct{} // closed when all calls are done
}

// answers returns what a statement's method returns.
type answers func(i int) (*contract.Answer, error)

// run records all calls, sends what they have asked, and hands out the answers.
func (r *batchRun) run() error {
	if err := r.recordAll(); err != nil {
		return err
	}
	sent := r.send()
	err := r.result(sent)
	r.await(func(i int) (*contract.Answer, error) {
		if i < len(sent.Answers) && sent.Answers[i].Done {
			return &sent.Answers[i], nil
		}
		return nil, r.failure(sent, i, err)
	})
	return err
}

// recordAll runs the calls up to their statements. If one doesn't get there, the batch isn't
// sent.
func (r *batchRun) recordAll() error {
	r.recordFirst()
	select {
	case <-r.recorded:
	case <-r.ctx.Done():
		r.awaitBegun()
	}
	refusal, err := r.recordedAll()
	if refusal != nil {
		r.await(func(int) (*contract.Answer, error) { return nil, refusal })
	}
	return err
}

// awaitBegun lets no function begin any more, and gives the one that has begun a moment to come
// to its statement or its end: it may not have run yet.
func (r *batchRun) awaitBegun() {
	r.batch.mu.Lock()
	r.stopped = true
	begun := r.at < len(r.calls) && r.calls[r.at].begun
	r.batch.mu.Unlock()
	if !begun {
		return
	}
	select {
	case <-r.recorded:
	case <-time.After(batchGrace):
	}
}

// recordFirst starts the first call. Of a nil context it panics.
func (r *batchRun) recordFirst() {
	r.batch.mu.Lock()
	defer r.batch.mu.Unlock()
	r.record(0)
}

// recordedAll ends the recording. If a call hasn't come to its statement, the batch is
// refused.
func (r *batchRun) recordedAll() (refusal, err error) {
	r.batch.mu.Lock()
	defer r.batch.mu.Unlock()
	r.halt()
	if r.at == len(r.calls) {
		return nil, nil
	}
	err = r.ctx.Err()
	refusal = &notAppliedError{cause: err, whole: true}
	if c := r.calls[r.at]; c.run != nil {
		c.setEnd(err) // if it hasn't ended, it blocks
		err = r.errorOf(r.at, c.err)
		refusal = &notAppliedError{cause: err}
	}
	for _, c := range r.calls[r.at:] {
		c.setEnd(refusal)
	}
	r.calls = r.calls[:r.at] // which wait for their answers
	return refusal, err
}

// record starts a call: the one before has come to its statement.
func (r *batchRun) record(place int) {
	if r.halted {
		return
	}
	r.at = place
	if place == len(r.calls) || r.ctx.Err() != nil {
		r.halt()
		return
	}
	r.calls[place].start(r, place)
}

// halt keeps calls from being started.
func (r *batchRun) halt() {
	if !r.halted {
		r.halted = true
		close(r.recorded)
	}
}

// errorOf names a call as the one that failed.
func (r *batchRun) errorOf(i int, err error) error {
	return &BatchError{Call: i, Query: queryName(r.calls[i].Text), Err: err, calls: len(r.calls)}
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

// failure returns why a call has no answer.
func (r *batchRun) failure(sent *contract.Batch, i int, err error) error {
	if i < len(sent.Answers) && sent.Answers[i].Err != nil {
		return sent.Answers[i].Err
	}
	if errors.Is(err, ErrOutcomeUnknown) && sent.Mode != contract.BatchIndependent {
		return err
	}
	return &notAppliedError{cause: err, whole: sent.Failed < 0}
}

// await lets the calls go on, one after the other, and waits for the last of them. One that
// blocks when the context has ended is left behind.
func (r *batchRun) await(answer answers) {
	r.batch.mu.Lock()
	r.answer, r.at = answer, 0
	r.resume()
	r.batch.mu.Unlock()
	select {
	case <-r.answered:
		return
	case <-r.ctx.Done():
	}
	for grace := batchGrace; ; {
		at := r.turn()
		select {
		case <-r.answered:
			return
		case <-time.After(grace):
		}
		if r.leave(at) {
			grace = batchGrace / 10
		}
	}
}

// resume lets the call go on whose turn it is.
func (r *batchRun) resume() {
	for ; r.at < len(r.calls); r.at++ {
		c := r.calls[r.at]
		r.settle(c)
		c.turn.Done()
		if !c.left {
			return // until it does
		}
	}
	close(r.answered)
	r.calls, r.answer = nil, nil // a Future that is kept keeps no more than its own
}

// settle sets what the statement's method of a call returns.
func (r *batchRun) settle(c *batchCall) {
	answer, err := r.answer(c.place)
	c.answer, c.answerErr = r.replay.Answer(c.Kind, answer, err)
	c.settled = true
}

// returned is told that a call's function has returned.
func (r *batchRun) returned(c *batchCall) {
	r.batch.mu.Lock()
	defer r.batch.mu.Unlock()
	c.left = true
	switch {
	case !c.recorded: // and can't be any more
		r.halt()
	case r.answer != nil && c.place == r.at:
		r.at++
		r.resume()
	}
}

func (r *batchRun) turn() int {
	r.batch.mu.Lock()
	defer r.batch.mu.Unlock()
	return r.at
}

// leave ends the wait for a call, if it is that one's turn still.
func (r *batchRun) leave(at int) bool {
	r.batch.mu.Lock()
	defer r.batch.mu.Unlock()
	if at != r.at || at >= len(r.calls) {
		return false
	}
	c := r.calls[at]
	c.setEnd(cmp.Or(c.answerErr, r.ctx.Err()))
	r.at++
	r.resume()
	return true
}

// release lets calls go on that wait still, and is for a panic on its way through Run: by a
// nil *sql.Tx or context, or in a driver's wrapper. Otherwise there are none.
func (r *batchRun) release() {
	r.batch.mu.Lock()
	defer r.batch.mu.Unlock()
	if r.answer != nil {
		return
	}
	r.answer = func(int) (*contract.Answer, error) { return nil, errRunPanicked }
	for _, c := range r.calls {
		if c.recorded {
			r.settle(c)
			c.turn.Done()
		}
	}
	r.calls = nil
}
