package copydb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/duolite/duolite/db/internal/engine"
)

// copyRows copies the rows that the target doesn't have yet.
func (j *job) copyRows(ctx context.Context, step int64) error {
	for _, t := range j.source.tables {
		if !t.stores() {
			continue
		}
		stored, err := j.copyTable(ctx, t, step)
		if err != nil {
			return err
		}
		step += stored
	}
	return nil
}

// copyTable copies the rows of a table from a step on, and returns the number of steps.
func (j *job) copyTable(ctx context.Context, t *table, step int64) (steps int64, err error) {
	j.progress.Table = t.name
	r := j.reader(t)
	defer r.close()
	if r.after, err = j.lastKey(ctx, t); err != nil {
		return 0, err
	}
	for {
		var c *chunk
		err := alive(ctx, j.to, func() (err error) {
			c, err = r.next(ctx, j.from, j.carefulWith(j.from))
			return err
		})
		if err != nil || c.len() == 0 {
			return steps, err
		}
		if err := j.store(ctx, r, c, step+steps); err != nil {
			return steps, err
		}
		steps++
		j.progress.Rows += int64(c.len())
		j.report()
	}
}

// lastKey returns the key of the last row that the target has, or nil.
func (j *job) lastKey(ctx context.Context, t *table) (key []driver.Value, err error) {
	err = engine.Query(ctx, j.to, t.lastKey(), nil, func(row []driver.Value) error {
		key = plain(row)
		return nil
	})
	return key, err
}

// lastKey returns the query for the key of the last row.
func (t *table) lastKey() string {
	columns := make([]string, len(t.keys))
	for i, k := range t.keys {
		columns[i] = t.columns[k.column]
	}
	return fmt.Sprintf("SELECT %s FROM %s ORDER BY %s LIMIT 1", carefully(columns), t.on(), t.order(true))
}

// store stores the rows that a reader has read as one step.
func (j *job) store(ctx context.Context, r *reader, c *chunk, step int64) error {
	steps := append(j.target.inserts(c), j.target.step(advanceMark, step, int64(c.len())))
	source := j.from
	if engine.Streaming(r.rows) {
		source = nil // the server waits until the rest is read
	}
	failed := -1
	err := alive(ctx, source, func() (err error) {
		failed, err = j.target.apply(ctx, steps)
		return err
	})
	var e *engine.Error
	switch {
	case err == nil:
		j.advanced = true
		return nil
	case failed == len(steps)-1 && errors.As(err, &e) && e.Kind == engine.ErrNotNull:
		return ErrMoved
	default:
		return within(err, "storing rows of %v", c.table)
	}
}
