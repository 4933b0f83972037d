package copydb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
)

// copyRows copies the rows that the target doesn't have yet.
func (j *job) copyRows(ctx context.Context, step int64) error {
	for _, t := range j.source.tables {
		if !t.stores() {
			continue
		}
		r := j.reader(t)
		var err error
		if r.after, err = j.lastKey(ctx, t); err != nil {
			return err
		}
		j.progress.Table = t.name
		for {
			c, err := r.next(ctx, j.from, j.careful)
			if err != nil {
				return err
			}
			if c.len() == 0 {
				break
			}
			if err := j.store(ctx, c, step); err != nil {
				return err
			}
			step++
			j.progress.Rows += int64(c.len())
			j.report()
		}
	}
	return nil
}

// lastKey returns the key of the last row that the target has, or nil.
func (j *job) lastKey(ctx context.Context, t *table) (key []driver.Value, err error) {
	query := "SELECT "
	for i, k := range t.keys {
		if i > 0 {
			query += ", "
		}
		query += carefully(t.columns[k.column])
	}
	query += fmt.Sprintf(" FROM %s ORDER BY %s LIMIT 1", quoteName(t.name), t.order(true))
	err = engine.Query(ctx, j.to, query, nil, func(row []driver.Value) error {
		key = plain(row)
		return nil
	})
	return key, err
}

// store stores rows as one step.
func (j *job) store(ctx context.Context, c *chunk, step int64) error {
	steps := append(j.target.inserts(c), j.target.step(advanceMark, step, int64(c.len())))
	failed := -1
	err := alive(ctx, j.from, func() (err error) {
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

// idleTime is how long a connection may do nothing. A server ends a transaction after 10 s.
const idleTime = 3 * time.Second

// alive calls fn, and keeps the transaction of a connection that fn doesn't use.
func alive(ctx context.Context, c engine.Conn, fn func() error) error {
	done := make(chan error, 1)
	go func() { done <- fn() }()
	ticker := time.NewTicker(idleTime)
	defer ticker.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-ticker.C:
			if err := c.Ping(ctx); err != nil {
				return errors.Join(err, <-done)
			}
		}
	}
}
