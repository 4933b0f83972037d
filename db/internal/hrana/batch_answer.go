package hrana

import (
	"context"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/hrana/wire"
)

// readReplies sets the replies of a part's steps from their results. index has the place in results
// of each step. The returned error belongs to a step that isn't in the batch, such as BEGIN.
func (b *batchRequest) readReplies(p part, index []int, results []wire.StepResult) error {
	c := b.conn
	next := 0 // the first result that hasn't been read
	for n, i := range p.places {
		for ; next < index[n]; next++ { // BEGIN or readSchema
			if results[next].Err != nil {
				return convert(results[next].Err, c.key)
			}
		}
		next++
		switch out := results[index[n]]; {
		case out.Err != nil:
			b.replies[i], b.failed = engine.Reply{Err: engine.InSearch(convert(out.Err, c.key), b.batch.Steps[i].Statement.Text)}, true
			if b.batch.Around != engine.Independent {
				return nil
			}
		case out.Skipped():
			return engine.TxLost()
		default:
			step := &b.batch.Steps[i]
			b.replies[i] = engine.Reply{Done: true, Result: c.result(step.Statement, out.Statement)}
			if step.Rows {
				b.replies[i].Rows = b.newRows(out.Statement)
			}
		}
	}
	return nil
}

// newRows returns the rows of a result. The rows of a batch share an array.
func (b *batchRequest) newRows(result *wire.StatementResult) *rows {
	if len(b.rows) == 0 {
		b.rows = make([]rows, min(len(b.steps), 64))
	}
	r := &b.rows[0]
	b.rows = b.rows[1:]
	r.result = result
	return r
}

// checkCommit returns the error of the COMMIT, if the part ends with one.
func (b *batchRequest) checkCommit(p part, results []wire.StepResult) error {
	if !b.ends(p) || b.conn.mode == engine.Read {
		return nil
	}
	switch commit := results[len(results)-2]; {
	case commit.Err != nil:
		return convert(commit.Err, b.conn.key)
	case commit.Skipped():
		return engine.TxLost()
	default:
		return nil
	}
}

// refused handles the error of a whole part: the rows were too large for one reply, or the server
// couldn't parse one of the statements and ran none.
func (b *batchRequest) refused(ctx context.Context, p part, r risk, e *wire.Error) error {
	c := b.conn
	out := convert(e, c.key)
	if e.Code == codeTooLarge {
		out.Err = engine.ErrLarge
		// The reply may have become too large with the result of a COMMIT that succeeded.
		if out.OutcomeUnknown = r.writes && c.state == idle; out.OutcomeUnknown {
			out.Message = "the statements may have run, but their rows are more than the server sends: " + out.Message
		}
		return out
	}
	if out.Kind == nil && b.findUnparsed(ctx, p) && b.batch.Around == engine.Independent {
		return nil // the other steps can run
	}
	return out
}

// findUnparsed asks the server which statements of a part it can't parse, and sets their replies.
// It reports whether there are any. In a transaction it stops at the first.
func (b *batchRequest) findUnparsed(ctx context.Context, p part) (found bool) {
	c := b.conn
	errs := map[string]error{} // by text
	for _, i := range p.places {
		text := b.steps[i].SQL
		failed, asked := errs[text]
		if !asked {
			rep, err := c.call(ctx, &wire.Request{Batch: true, Steps: []wire.Step{{SQL: text, When: wire.Never}}}, risk{bound: c.state.bound()})
			if err != nil {
				return found
			}
			if e := rep.Results[0].Err; e != nil {
				failed = convert(e, c.key)
			}
			errs[text] = failed
		}
		if failed == nil {
			continue
		}
		b.replies[i], found = engine.Reply{Err: failed}, true
		if b.batch.Around != engine.Independent {
			break
		}
	}
	return found
}
