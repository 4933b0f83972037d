package db

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/duolite/duolite/db/internal/contract"
)

// batchGrace is how long Run waits, after its context has ended, for a function that has its
// reply. After the first blocked function the wait is shorter.
const batchGrace = 100 * time.Millisecond

// A batchRun is one run of a batch. Its calls take turns on their goroutines. A call that has
// recorded its statement starts the next call. After the replies have arrived, a call that has
// returned lets the next one continue. Run waits for the last call or for its context.
type batchRun struct {
	ctx    context.Context
	batch  *batch
	calls  []*batchCall
	replay contract.Replay

	// The batch's lock guards the following fields.
	at       int           // the call whose turn it is
	halted   bool          // no further call starts
	stopped  bool          // no further function is called
	recorded chan struct{} // closed when halted is set
	answer   answers       // set when the replies have arrived
	answered chan struct{} // closed when all calls have returned
}

// answers returns the reply and the error of call i.
type answers func(i int) (*contract.Answer, error)

// run records all calls, sends their statements, and distributes the replies.
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

// recordAll runs the calls until each has recorded its statement. If a call doesn't record
// one, the batch isn't sent.
func (r *batchRun) recordAll() error {
	r.batch.locked(func() { r.record(0) }) // panics if the context is nil
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

// awaitBegun lets no further function start, and waits batchGrace for the running one: it may
// not have been scheduled yet.
func (r *batchRun) awaitBegun() {
	var begun bool
	r.batch.locked(func() {
		r.stopped = true
		begun = r.at < len(r.calls) && r.calls[r.at].begun
	})
	if !begun {
		return
	}
	select {
	case <-r.recorded:
	case <-time.After(batchGrace):
	}
}

// recordedAll ends the recording. If a call has no statement, the batch is refused.
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
		c.setEnd(err) // if it hasn't ended, it is blocked
		err = r.errorOf(r.at, c.err)
		refusal = &notAppliedError{cause: err}
	}
	for _, c := range r.calls[r.at:] {
		c.setEnd(refusal)
	}
	r.calls = r.calls[:r.at] // these wait for their replies
	return refusal, err
}

// record starts the call at place, after the call before it has recorded its statement.
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

// halt lets no further call start.
func (r *batchRun) halt() {
	if !r.halted {
		r.halted = true
		close(r.recorded)
	}
}

// errorOf returns a [*BatchError] for call i.
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
	runBatch(r.ctx, r.batch.on, sent)
	for _, c := range r.calls {
		c.Args = nil // release memory
	}
	return sent
}

// runBatch runs a batch, which has the error afterwards.
func runBatch(ctx context.Context, on Execer, sent *contract.Batch) {
	_, err := on.ExecContext(ctx, contract.BatchText, sent)
	switch {
	case sent.Taken:
		// A wrapper may have changed err; sent has the error.
	case err == nil:
		sent.Err = contract.ErrForeign // a foreign driver that accepts any argument
	default:
		sent.Err = err
	}
}

// result returns the error of Run.
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

// failure returns the error of a call without a reply.
func (r *batchRun) failure(sent *contract.Batch, i int, err error) error {
	if i < len(sent.Answers) && sent.Answers[i].Err != nil {
		return sent.Answers[i].Err
	}
	if errors.Is(err, ErrOutcomeUnknown) && sent.Mode != contract.BatchIndependent {
		return err
	}
	return &notAppliedError{cause: err, whole: sent.Failed < 0}
}

// await lets the calls continue one after the other, and waits for the last of them. After the
// context has ended, it stops waiting for a blocked call.
func (r *batchRun) await(answer answers) {
	r.batch.locked(func() {
		r.answer, r.at = answer, 0
		r.resume()
	})
	select {
	case <-r.answered:
		return
	case <-r.ctx.Done():
	}
	for grace := batchGrace; ; {
		var at int
		r.batch.locked(func() { at = r.at })
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

// resume gives the next call its reply.
func (r *batchRun) resume() {
	for ; r.at < len(r.calls); r.at++ {
		c := r.calls[r.at]
		r.settle(c)
		c.turn.Done()
		if !c.left {
			return // returned calls resume
		}
	}
	close(r.answered)
	r.calls, r.answer = nil, nil // a retained Future must not retain the other calls
}

// settle sets the result of the call's statement.
func (r *batchRun) settle(c *batchCall) {
	answer, err := r.answer(c.place)
	c.answer, c.answerErr = r.replay.Answer(c.Kind, answer, err)
	c.settled = true
}

// returned records that a call's function has returned.
func (r *batchRun) returned(c *batchCall) {
	r.batch.mu.Lock()
	defer r.batch.mu.Unlock()
	c.left = true
	switch {
	case !c.recorded: // it will not record a statement
		r.halt()
	case r.answer != nil && c.place == r.at:
		r.at++
		r.resume()
	}
}

// leave stops waiting for call at, if it is still its turn.
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

// release unblocks waiting calls after a panic in Run, caused by a nil *sql.Tx, a nil context,
// or a driver's wrapper. Otherwise no call is waiting.
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
