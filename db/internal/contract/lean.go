package contract

import (
	"context"
	"sync/atomic"
)

// A leanContext is the context of one query. Until the query has rows it can be canceled, so
// that database/sql can wait for a connection with it. Afterwards its Done is nil, so that
// database/sql starts no goroutine for it; the rows check the parent context themselves.
type leanContext struct {
	context.Context
	hasRows atomic.Bool
}

// Lean returns a context for one query. Connections of other drivers see no difference to ctx.
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
