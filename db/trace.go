package db

import (
	"errors"

	"github.com/duolite/duolite/db/dbtrace"
	"github.com/duolite/duolite/db/internal/contract"
)

// WithTracer calls t before and after each statement, batch, transaction and connection of the pool; see
// package dbtrace, which also has a Tracer for a log. Several such options call each Tracer, the first
// one first, and after the call last. The text of a statement is shown as the program wrote it.
// Arguments aren't shown, apart from the few errors of SQLite whose text repeats a part of one; see
// [WithTraceArgs].
//
// Without the option nothing is measured. With it a small read takes about a twentieth more time, and the
// time of the Tracer.
func WithTracer(t dbtrace.Tracer) Option {
	return func(c *config) error {
		if t == nil {
			return errors.New("WithTracer: the tracer is nil")
		}
		c.tracers = append(c.tracers, t)
		return nil
	}
}

// WithTraceArgs shows the arguments of statements to the tracers of [WithTracer]. They may be secrets, and
// a Tracer may write them to a log.
func WithTraceArgs() Option {
	return func(c *config) error {
		c.traceArgs = true
		return nil
	}
}

func (c *config) tracing() contract.Tracing {
	if len(c.tracers) == 0 {
		return contract.Tracing{}
	}
	return contract.Tracing{Tracers: c.tracers, Args: c.traceArgs, Database: c.redacted()}
}
