package hrana

import (
	"context"
	"errors"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqltext"
)

// Batch implements [engine.Batcher].
func (c *conn) Batch(ctx context.Context, b *engine.Batch) ([]engine.Reply, error) {
	t := &together{conn: c, batch: b, replies: make([]engine.Reply, len(b.Steps))}
	for i := range b.Steps {
		if err := c.refuseWrite(ctx, b.Steps[i].Statement); err != nil {
			t.replies[i].Err = err
			return t.replies, nil
		}
	}
	t.prepare()
	if b.Around == engine.Independent {
		return t.replies, t.independent(ctx)
	}
	return t.replies, t.transaction(ctx)
}

// together is a batch on its way.
type together struct {
	conn    *conn
	batch   *engine.Batch
	steps   []step // as they are sent, but for their conditions
	replies []engine.Reply
}

// prepare makes the steps as the server binds them.
func (t *together) prepare() {
	t.steps = make([]step, len(t.batch.Steps))
	var s *stmt
	for i := range t.batch.Steps {
		one := &t.batch.Steps[i]
		if s == nil || s.text != one.Statement {
			s = newStmt(t.conn, one.Statement)
		}
		t.steps[i] = s.step(one.Args, one.Rows)
	}
}

// A part is what is sent in one request: some of the steps, by their places.
type part struct {
	places []int
	// last: nothing comes after it.
	last bool
}

// parts cuts the batch so that each request is within the limits, or has one step.
func (t *together) parts() []part {
	var all []part
	var places []int
	size := 0
	for i := range t.steps {
		more := t.steps[i].size()
		if len(places) > 0 && (size+more > t.batch.MaxBytes || len(places) == t.batch.MaxSteps) {
			all = append(all, part{places: places})
			places, size = nil, 0
		}
		places = append(places, i)
		size += more
	}
	return append(all, part{places, true})
}

// size is about how many bytes the step takes in a request.
func (s *step) size() int {
	n := 64 + len(s.sql)
	for i, arg := range s.args {
		n += 40
		if s.names != nil {
			n += 20 + len(s.names[i])
		}
		switch arg := arg.(type) {
		case string:
			n += len(arg)
		case []byte:
			n += len(arg) * 4 / 3
		}
	}
	return n
}

// transaction runs the steps in the transaction that is pending or open.
func (t *together) transaction(ctx context.Context) error {
	for _, p := range t.parts() {
		run := func() error { return t.runPart(ctx, p) }
		err := t.conn.awaitLock(ctx, run)
		if err != nil || t.failed() {
			return err
		}
	}
	return nil
}

// failed reports whether a step has.
func (t *together) failed() bool {
	for i := range t.replies {
		if t.replies[i].Err != nil {
			return true
		}
	}
	return false
}

// runPart sends a part, once. The error is not one of a step.
func (t *together) runPart(ctx context.Context, p part) error {
	c := t.conn
	if err := c.freeStream(ctx); err != nil {
		return err
	}
	if c.state == over || c.state == rawOver {
		return engine.TxOver()
	}
	q, at := t.request(p)
	r := t.riskOf(p)
	send := c.call
	if t.batch.Large {
		send = c.callCursor
	}
	rep, err := send(ctx, q, r)
	if err != nil {
		return err
	}
	first := &rep.results[0]
	if t.ends(p) {
		c.state = open
		if rep.results[1].autocommit {
			c.state = idle
		}
	} else {
		c.settle(rep, false)
	}
	if first.err != nil {
		return t.refused(ctx, p, r, first.err)
	}
	if err := t.take(p, at, first.steps); err != nil || t.failed() {
		return err
	}
	return t.around(p, first.steps)
}

// ends reports whether the transaction ends with the part.
func (t *together) ends(p part) bool {
	return p.last && t.batch.Around == engine.Whole
}

// riskOf returns what may be done if a part has no answer. What isn't committed by it
// doesn't last.
func (t *together) riskOf(p part) risk {
	c := t.conn
	writes := false
	for _, i := range p.places {
		writes = writes || t.batch.Steps[i].Statement.Kind != sqltext.Read
	}
	switch {
	case c.state == idle:
		return risk{repeat: !writes, writes: writes}
	case c.state == pending:
		reads := c.mode == engine.Read
		return risk{repeat: reads && t.ends(p), writes: !reads && t.ends(p)}
	default:
		return risk{bound: true, writes: c.mode != engine.Read && t.ends(p)}
	}
}

// request returns what is sent for a part, and where in it each of its steps is.
func (t *together) request(p part) (q *request, at []int) {
	c := t.conn
	q = &request{batch: true, autocommit: true, steps: make([]step, 0, len(p.places)+4)}
	at = make([]int, 0, len(p.places))
	if c.state == pending {
		q.steps = append(q.steps, c.beginStep())
	}
	looked := c.stream.baton == "" || c.state == open // where the schema is locked
	for _, i := range p.places {
		s := t.steps[i]
		if s.star && !looked {
			look := readSchema
			look.when = t.condition(len(q.steps) == 0)
			q.steps = append(q.steps, look)
			looked = c.state != idle
		}
		s.when = t.condition(len(q.steps) == 0)
		at = append(at, len(q.steps))
		q.steps = append(q.steps, s)
	}
	if t.ends(p) {
		if c.mode != engine.Read {
			q.steps = append(q.steps, step{sql: "COMMIT", when: afterOK})
		}
		q.steps = append(q.steps, step{sql: "ROLLBACK", when: inTransaction})
	}
	return q, at
}

// condition is that of a step, which may be the first of its request.
func (t *together) condition(first bool) condition {
	switch {
	case t.batch.Around == engine.Independent:
		return always
	case first:
		return inTransaction
	default:
		return afterOK
	}
}

// take takes the answers of a part's steps. The error is one of what is before them.
func (t *together) take(p part, at []int, steps []stepResult) error {
	c := t.conn
	next := 0 // of the steps, what hasn't been looked at
	for n, i := range p.places {
		for ; next < at[n]; next++ { // BEGIN, or a look at the schema
			if steps[next].err != nil {
				return steps[next].err.translate(c.key)
			}
		}
		next++
		switch out := steps[at[n]]; {
		case out.err != nil:
			t.replies[i] = engine.Reply{Err: out.err.translate(c.key)}
			if t.batch.Around != engine.Independent {
				return nil
			}
		case out.statement == nil: // skipped
			return engine.TxOver()
		default:
			t.replies[i] = engine.Reply{
				Done:   true,
				Result: c.result(t.batch.Steps[i].Statement, out.statement),
				Rows:   &rows{result: out.statement},
			}
		}
	}
	return nil
}

// around looks at the end of the transaction, if it was to come with the part.
func (t *together) around(p part, steps []stepResult) error {
	if !t.ends(p) || t.conn.mode == engine.Read {
		return nil
	}
	switch commit := steps[len(steps)-2]; {
	case commit.err != nil:
		return commit.err.translate(t.conn.key)
	case commit.statement == nil:
		return engine.TxOver()
	default:
		return nil
	}
}

// refused is the error of a part as a whole. Either nothing of it ran, as the server
// can't read one of its texts, or the rows were too many for an answer.
func (t *together) refused(ctx context.Context, p part, r risk, e *replyError) error {
	c := t.conn
	out := e.translate(c.key)
	if e.code == codeTooLarge {
		out.Err = engine.ErrLarge
		// The very last bytes of the answer may be those of a COMMIT that is done.
		out.OutcomeUnknown = r.writes && c.state == idle
		return out
	}
	if out.Kind == nil {
		t.blame(ctx, p)
	}
	return out
}

// blame asks for the text that the server can't read.
func (t *together) blame(ctx context.Context, p part) {
	c := t.conn
	saved := c.state
	defer func() { c.state = saved }()
	for _, i := range p.places {
		_, err := c.describe(ctx, t.steps[i].sql)
		var e *engine.Error
		if errors.As(err, &e) && e.Kind == nil {
			t.replies[i] = engine.Reply{Err: err}
			return
		}
		if err != nil {
			return
		}
	}
}

// independent runs each step by itself. What a step has an error of that it got no answer,
// all of its request have.
func (t *together) independent(ctx context.Context) error {
	for _, p := range t.parts() {
		var wait busyWait
		for len(p.places) > 0 {
			if err := t.runPart(ctx, p); err != nil {
				for _, i := range p.places {
					if !t.replies[i].Done {
						t.replies[i].Err = err
					}
				}
				return err
			}
			// Those that were refused for another's lock have done nothing.
			p.places = t.busy(p.places)
			if len(p.places) == 0 {
				break
			}
			refusal := t.replies[p.places[0]].Err
			if err := wait.pause(ctx, t.conn.db.cfg.BusyTimeout, refusal); err == refusal {
				break
			} else if err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *together) busy(places []int) []int {
	var some []int
	for _, i := range places {
		var e *engine.Error
		if errors.As(t.replies[i].Err, &e) && e.Kind == engine.ErrBusy {
			some = append(some, i)
		}
	}
	return some
}
