package hrana

import (
	"context"
	"io"
	"slices"

	"github.com/duolite/duolite/db/internal/hrana/transport"
	"github.com/duolite/duolite/db/internal/hrana/wire"
)

// lastStep is the last step of a batch by a cursor. It runs even if the others fail. Its result
// proves that the answer is complete, which no other part of a cursor's answer does.
var lastStep = wire.Step{SQL: "SELECT 1"}

// callCursor sends a batch as call does, but by a cursor: the answers may be larger than the
// server's limit for one reply. It holds all of them in memory.
func (c *conn) callCursor(ctx context.Context, q *wire.Request, r risk) (*wire.Reply, error) {
	return c.withIndex(ctx, q, r, c.sendCursor)
}

// sendCursor sends a batch by a cursor.
func (c *conn) sendCursor(ctx context.Context, q *wire.Request, r risk) (*wire.Reply, error) {
	rows := &cursorRows{conn: c, ctx: ctx, bound: r.bound}
	n := len(q.Steps)
	sent := &wire.Request{Steps: append(slices.Clip(q.Steps), lastStep), Index: q.Index}
	if err := c.attempt(ctx, r, func() error { return rows.send(sent) }); err != nil {
		return nil, err
	}
	first, err := rows.readBatch(n + 1)
	rows.answer.Close()
	if err == nil && first.Err == nil && first.Steps[n].Skipped() {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, c.fail(ctx, badAnswer(err), r)
	}
	first.Steps = first.Steps[:n]
	autocommit, err := c.autocommitAfter(ctx, q, &first, r)
	if err != nil {
		return nil, err
	}
	return &wire.Reply{Results: []wire.Result{first, {Autocommit: autocommit}}}, nil
}

// autocommitAfter reports whether no transaction is open after a batch: from the result of its
// ROLLBACK, or else by asking the server.
func (c *conn) autocommitAfter(ctx context.Context, q *wire.Request, first *wire.Result, r risk) (bool, error) {
	if end := len(q.Steps) - 1; first.Err == nil && q.Steps[end].SQL == "ROLLBACK" {
		return first.Steps[end].Err == nil, nil
	}
	rep, err := c.call(ctx, &wire.Request{Autocommit: true}, risk{bound: c.state != idle, writes: r.writes})
	if err != nil {
		return false, err
	}
	return rep.Results[0].Autocommit, nil
}

// readBatch reads the results of a batch of n steps.
func (r *cursorRows) readBatch(n int) (wire.Result, error) {
	first := wire.Result{Steps: make([]wire.StepResult, n)}
	var step int64
	var current *wire.StatementResult // of the step that has begun
	e := &r.entry
	for size := 0; ; {
		part, err := r.readPart()
		if err == io.EOF && current == nil {
			return first, nil
		} else if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if size += len(part); err == nil && size > maxBuffered {
			err = transport.ErrTooLong
		}
		if err == nil {
			err = r.codec.DecodeEntry(part, e)
		}
		if err == nil && (e.Step < 0 || e.Step >= int64(n)) {
			err = wire.ErrSyntax
		}
		if err != nil {
			return first, err
		}
		ok := true
		switch e.Kind {
		case "step_begin":
			ok = current == nil && first.Steps[e.Step].Skipped()
			step, current = e.Step, &wire.StatementResult{Columns: e.Columns}
		case "row":
			ok = current != nil && len(e.Values) == len(current.Columns)
			if ok {
				current.Append(part, e.Values)
			}
		case "step_end":
			ok = current != nil
			if ok {
				current.Affected, current.LastID, current.HasID = e.Affected, e.LastID, e.HasID
				first.Steps[step].Statement, current = current, nil
			}
		case "step_error":
			first.Steps[e.Step] = wire.StepResult{Err: e.Err}
			current = nil
		case "error":
			first.Err, current = e.Err, nil
		case "replication_index":
			first.Index = e.Index
		}
		if !ok {
			return first, wire.ErrSyntax
		}
	}
}
