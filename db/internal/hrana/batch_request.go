package hrana

import (
	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqltext"
)

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
