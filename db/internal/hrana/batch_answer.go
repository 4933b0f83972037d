package hrana

import (
	"context"

	"github.com/duolite/duolite/db/internal/engine"
)

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
			t.replies[i], t.failed = engine.Reply{Err: engine.InSearch(out.err.translate(c.key), t.batch.Steps[i].Statement.Text)}, true
			if t.batch.Around != engine.Independent {
				return nil
			}
		case out.statement == nil: // skipped
			return engine.TxOver()
		default:
			step := &t.batch.Steps[i]
			t.replies[i] = engine.Reply{Done: true, Result: c.result(step.Statement, out.statement)}
			if step.Rows {
				t.replies[i].Rows = &rows{result: out.statement}
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
		if out.OutcomeUnknown = r.writes && c.state == idle; out.OutcomeUnknown {
			out.Message = "the statements may have run, but their rows are more than the server sends: " + out.Message
		}
		return out
	}
	if out.Kind == nil && t.blame(ctx, p) && t.batch.Around == engine.Independent {
		return nil // the others can be run
	}
	return out
}

// blame asks which texts they are that the server can't read, and reports whether it found
// one. The server reads all before it runs any. In a transaction the first is enough.
func (t *together) blame(ctx context.Context, p part) (found bool) {
	c := t.conn
	said := map[string]error{}
	for _, i := range p.places {
		text := t.steps[i].sql
		failed, asked := said[text]
		if !asked {
			rep, err := c.call(ctx, &request{batch: true, steps: []step{{sql: text, when: never}}}, risk{bound: c.state.bound()})
			if err != nil {
				return found
			}
			if e := rep.results[0].err; e != nil {
				failed = e.translate(c.key)
			}
			said[text] = failed
		}
		if failed == nil {
			continue
		}
		t.replies[i], found = engine.Reply{Err: failed}, true
		if t.batch.Around != engine.Independent {
			break
		}
	}
	return found
}
