package hrana

import (
	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/wire"
	"github.com/duolite/duolite/internal/sqltext"
)

// A part is the steps of a batch that go in one HTTP request.
type part struct {
	places []int // indexes of the batch's steps
	last   bool  // no part follows
}

// parts splits the batch so that each part is within the limits or has one step.
func (b *batchRequest) parts() []part {
	var all []part
	var places []int
	size := 0
	for i := range b.steps {
		more := b.steps[i].Size()
		if len(places) > 0 && (size+more > b.batch.MaxBytes || len(places) == b.batch.MaxSteps) {
			all = append(all, part{places: places})
			places, size = nil, 0
		}
		places = append(places, i)
		size += more
	}
	return append(all, part{places, true})
}

// ends reports whether the transaction ends with the part.
func (b *batchRequest) ends(p part) bool {
	return p.last && b.batch.Around == engine.Whole
}

// riskOf returns the risk of a part. In a transaction only COMMIT has a lasting effect.
func (b *batchRequest) riskOf(p part) risk {
	c := b.conn
	writes := false
	for _, i := range p.places {
		writes = writes || b.batch.Steps[i].Statement.Kind != sqltext.Read
	}
	switch {
	case c.state == idle:
		return risk{repeat: !writes, writes: writes}
	case c.state == pending:
		reads := c.mode == engine.Read
		return risk{repeat: reads && b.ends(p), writes: !reads && b.ends(p)}
	default:
		return risk{bound: true, writes: c.mode != engine.Read && b.ends(p)}
	}
}

// request returns the request for a part. index has the place in the request of each of its steps.
func (b *batchRequest) request(p part) (q *wire.Request, index []int) {
	c := b.conn
	q = &wire.Request{Batch: true, Autocommit: true, Steps: make([]wire.Step, 0, len(p.places)+4)}
	index = make([]int, 0, len(p.places))
	if c.state == pending {
		q.Steps = append(q.Steps, c.beginStep())
	}
	// A new stream has read no schema yet; an open transaction of Begin locks the schema.
	looked := c.stream.baton == "" || c.state == open
	for _, i := range p.places {
		s := b.steps[i]
		if b.batch.Steps[i].Statement.Star && !looked {
			look := readSchema
			look.When = b.condition(len(q.Steps) == 0)
			q.Steps = append(q.Steps, look)
			looked = c.state != idle
		}
		s.When = b.condition(len(q.Steps) == 0)
		index = append(index, len(q.Steps))
		q.Steps = append(q.Steps, s)
	}
	if b.ends(p) {
		if c.mode != engine.Read {
			q.Steps = append(q.Steps, wire.Step{SQL: "COMMIT", When: wire.AfterOK})
		}
		q.Steps = append(q.Steps, wire.Step{SQL: "ROLLBACK", When: wire.InTransaction})
	}
	return q, index
}

// condition returns the condition of a step. first reports whether it is the first of its request.
func (b *batchRequest) condition(first bool) wire.Condition {
	switch {
	case b.batch.Around == engine.Independent:
		return wire.Always
	case first:
		return wire.InTransaction
	default:
		return wire.AfterOK
	}
}
