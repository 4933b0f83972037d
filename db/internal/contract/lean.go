package contract

import (
	"context"
	"sync/atomic"
)

// A leanContext is that of one query. It can be canceled until there are rows, as long as
// database/sql waits for a connection by it; from then on it can't, so that database/sql
// starts no goroutine that waits for its end: rows look at it themselves.
type leanContext struct {
	context.Context
	hasRows atomic.Bool
}

// Lean returns a context for one query. What isn't this package's connection sees no
// difference to ctx.
func Lean(ctx context.Context) context.Context {
	if ctx.Done() == nil {
		return ctx
	}
	return &leanContext{Context: ctx}
}

// Done implements [context.Context].
func (c *leanContext) Done() <-chan struct{} {
	if c.hasRows.Load() {
		return nil
	}
	return c.Context.Done()
}
