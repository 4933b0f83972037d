package copydb

import (
	"context"
	"errors"
	"time"

	"github.com/duolite/duolite/db/internal/engine"
)

// idleTime is how long a connection may do nothing. A server ends a transaction after 10 s.
const idleTime = 3 * time.Second

// alive calls fn, and keeps the transaction and the settings of a connection that fn doesn't use. The connection may be nil.
func alive(ctx context.Context, c engine.Conn, fn func() error) error {
	if c == nil {
		return fn()
	}
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

// apply changes the target, while the source's transaction is kept.
func (j *job) apply(ctx context.Context, steps []engine.Step) error {
	err := alive(ctx, j.from, func() error {
		_, err := j.target.apply(ctx, steps)
		return err
	})
	if err == nil {
		j.advanced = true
	}
	return err
}
