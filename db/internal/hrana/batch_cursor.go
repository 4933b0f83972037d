package hrana

import (
	"context"
	"io"
	"slices"
)

// lastStep is that of a cursor's batch. It is run whatever became of the others, so that an
// answer without it isn't whole: nothing else tells where one ends.
var lastStep = step{sql: "SELECT 1"}

// callCursor does what call does with a batch, by a cursor: so the answers may be larger
// than a server puts into one reply. All of them are held in memory.
func (c *conn) callCursor(ctx context.Context, q *request, r risk) (*reply, error) {
	rows := &cursorRows{conn: c, ctx: ctx, bound: r.bound}
	n := len(q.steps)
	sent := &request{steps: append(slices.Clip(q.steps), lastStep)}
	if err := c.attempt(ctx, r, func() error { return rows.open(sent) }); err != nil {
		return nil, err
	}
	first, err := rows.batch(n + 1)
	rows.answer.close()
	if err == nil && first.err == nil && skipped(first.steps[n]) {
		err = &sendError{true, io.ErrUnexpectedEOF}
	}
	if err != nil {
		return nil, c.fail(ctx, err, r)
	}
	first.steps = first.steps[:n]
	autocommit, err := c.autocommit(ctx, q, &first, r)
	if err != nil {
		return nil, err
	}
	return &reply{results: []result{first, {kind: "get_autocommit", autocommit: autocommit}}}, nil
}

// autocommit finds out whether a batch has left a transaction open: by its end, if it was to
// end it and came to that, or else by asking.
func (c *conn) autocommit(ctx context.Context, q *request, first *result, r risk) (bool, error) {
	if end := len(q.steps) - 1; first.err == nil && q.steps[end].sql == "ROLLBACK" {
		return first.steps[end].err == nil, nil
	}
	rep, err := c.call(ctx, &request{autocommit: true}, risk{bound: c.state != idle, writes: r.writes})
	if err != nil {
		return false, err
	}
	return rep.results[0].autocommit, nil
}

func skipped(one stepResult) bool { return one.statement == nil && one.err == nil }

// batch reads the answers to a batch of n steps, to the end.
func (r *cursorRows) batch(n int) (result, error) {
	first := result{kind: "batch", steps: make([]stepResult, n)}
	var step int64
	var present *statementResult // of the step that has begun
	var values []value
	for size := 0; ; {
		line, err := r.readLine()
		if err == io.EOF && present == nil {
			return first, nil
		} else if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if size += len(line); err == nil && size > maxHeld {
			err = errTooLong
		}
		var e entry
		var failed *replyError
		if err == nil {
			e, values, failed, err = decodeEntry(line, values[:0])
		}
		if err == nil && (e.step < 0 || e.step >= int64(n)) {
			err = errSyntax
		}
		if err != nil {
			return first, &sendError{true, err}
		}
		ok := true
		switch e.kind {
		case "step_begin":
			ok = present == nil && skipped(first.steps[e.step])
			step, present = e.step, &statementResult{columns: e.columns}
		case "row":
			ok = present != nil && len(values) == len(present.columns)
			if ok {
				present.append(line, values)
			}
		case "step_end":
			ok = present != nil
			if ok {
				present.affected, present.lastID, present.hasID = e.affected, e.lastID, e.hasID
				first.steps[step].statement, present = present, nil
			}
		case "step_error":
			first.steps[e.step] = stepResult{err: failed}
			present = nil
		case "error":
			first.err, present = failed, nil
		}
		if !ok {
			return first, &sendError{true, errSyntax}
		}
	}
}

// append adds a row, whose values are in a line.
func (r *statementResult) append(line []byte, values []value) {
	base := uint32(len(r.data))
	r.data = append(r.data, line...)
	for _, v := range values {
		v.text.start += base
		v.text.end += base
		r.values = append(r.values, v)
	}
	r.rows++
}
