package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// callHandler calls a scalar function. https://sqlite.org/c3ref/create_function.html
func callHandler(tls *libc.TLS, ctx uintptr, argc int32, argv uintptr) {
	r := registrationOf(sqlite3.Xsqlite3_user_data(tls, ctx))
	r.run(ctx, func() error {
		args, err := r.arguments(argc, argv)
		if err != nil {
			return err
		}
		value, err := r.function.Call(r.c.callContext(), args)
		if err != nil {
			return err
		}
		return r.c.setResult(ctx, value)
	})
}

// stepHandler adds a row to an aggregate.
func stepHandler(tls *libc.TLS, ctx uintptr, argc int32, argv uintptr) {
	r := registrationOf(sqlite3.Xsqlite3_user_data(tls, ctx))
	r.run(ctx, func() error { return r.withRow(ctx, argc, argv, Aggregate.Step) })
}

// inverseHandler removes the oldest row of a window.
// https://sqlite.org/windowfunctions.html#user_defined_aggregate_window_functions
func inverseHandler(tls *libc.TLS, ctx uintptr, argc int32, argv uintptr) {
	r := registrationOf(sqlite3.Xsqlite3_user_data(tls, ctx))
	r.run(ctx, func() error { return r.withRow(ctx, argc, argv, Aggregate.Inverse) })
}

func (r *registration) withRow(ctx uintptr, argc int32, argv uintptr, do func(Aggregate, context.Context, []driver.Value) error) error {
	args, err := r.arguments(argc, argv)
	if err != nil {
		return err
	}
	a, err := r.aggregate(ctx)
	if err != nil {
		return err
	}
	return do(a, r.c.callContext(), args)
}

// valueHandler returns the result for the rows of a window.
func valueHandler(tls *libc.TLS, ctx uintptr) {
	r := registrationOf(sqlite3.Xsqlite3_user_data(tls, ctx))
	r.run(ctx, func() error {
		a := r.begun(ctx)
		if a == nil { // without a row
			a = r.function.New()
		}
		return r.setValue(ctx, a)
	})
}

// finalHandler ends an aggregate. SQLite calls it also after an error, and when the rows are closed
// before their end.
func finalHandler(tls *libc.TLS, ctx uintptr) {
	r := registrationOf(sqlite3.Xsqlite3_user_data(tls, ctx))
	r.run(ctx, func() error {
		a := r.begun(ctx)
		if p := sqlite3.Xsqlite3_aggregate_context(tls, ctx, 0); p != 0 {
			delete(r.c.aggregates, *cmem.As[uint64](p))
		}
		switch {
		case r.c.failed != nil:
			return nil
		case a == nil:
			a = r.function.New()
		}
		return r.setValue(ctx, a)
	})
}

func (r *registration) setValue(ctx uintptr, a Aggregate) error {
	value, err := a.Value(r.c.callContext())
	if err != nil {
		return err
	}
	return r.c.setResult(ctx, value)
}

// aggregate returns the aggregate of a context, which has its number in SQLite's memory. The first
// call begins it.
func (r *registration) aggregate(ctx uintptr) (Aggregate, error) {
	c := r.c
	p := sqlite3.Xsqlite3_aggregate_context(c.tls, ctx, int32(cmem.Size[uint64]()))
	if p == 0 {
		return nil, errNoMemory()
	}
	number := cmem.As[uint64](p)
	if *number == 0 {
		a := r.function.New()
		if c.aggregates == nil {
			c.aggregates = map[uint64]Aggregate{}
		}
		*number = lastAggregate.Add(1)
		c.aggregates[*number] = a
	}
	return c.aggregates[*number], nil
}

// begun returns the aggregate of a context, or nil if it has had no row.
func (r *registration) begun(ctx uintptr) Aggregate {
	p := sqlite3.Xsqlite3_aggregate_context(r.c.tls, ctx, 0)
	if p == 0 {
		return nil
	}
	return r.c.aggregates[*cmem.As[uint64](p)]
}

// run calls do, and makes its error the statement's. No panic passes SQLite, which would be left in
// the middle of its work.
func (r *registration) run(ctx uintptr, do func() error) {
	err := r.c.guard(do)
	if err == nil {
		return
	}
	r.c.failed = fmt.Errorf("the function %s: %w", r.function.Name, err)
	sqlite3.Xsqlite3_result_error_code(r.c.tls, ctx, sqlite3.SQLITE_ERROR)
}

// guard calls do, and returns a panic as an error.
func (c *conn) guard(do func() error) (err error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		if value := recover(); value != nil {
			err = &PanicError{Value: value, Stack: debug.Stack()}
			return
		}
		// runtime.Goexit, which can't be stopped. The statement that ran is closed now, and would
		// be committed.
		c.broken = true
		c.guardCommits()
	}()
	err = do()
	returned = true
	return err
}

// callContext returns the context of the call that runs.
func (c *conn) callContext() context.Context {
	if c.call.ctx == nil {
		return context.Background()
	}
	return c.call.ctx
}

// arguments returns the arguments of a function. The next call uses their memory again.
func (r *registration) arguments(argc int32, argv uintptr) ([]driver.Value, error) {
	c := r.c
	c.values = c.values[:0]
	for i := range int(argc) {
		p := cmem.Load(argv + uintptr(i*cmem.PointerSize))
		value, err := copyAt(c.tls, p)
		switch value.(type) {
		case int64, float64:
			if r.function.Texts {
				value, err = c.textAt(p)
			}
		}
		if err != nil {
			return nil, err
		}
		c.values = append(c.values, value)
	}
	return c.values, nil
}

// setResult sets the result of a function.
func (c *conn) setResult(ctx uintptr, value driver.Value) error {
	switch value := value.(type) {
	case nil:
		sqlite3.Xsqlite3_result_null(c.tls, ctx)
	case int64:
		sqlite3.Xsqlite3_result_int64(c.tls, ctx, value)
	case float64:
		sqlite3.Xsqlite3_result_double(c.tls, ctx, value)
	case string:
		p := own(c.tls, value)
		if p == 0 {
			return errNoMemory()
		}
		sqlite3.Xsqlite3_result_text64(c.tls, ctx, p, uint64(len(value)), freeFunc, sqlite3.SQLITE_UTF8)
	case []byte:
		p := own(c.tls, value)
		if p == 0 {
			return errNoMemory()
		}
		sqlite3.Xsqlite3_result_blob64(c.tls, ctx, p, uint64(len(value)), freeFunc)
	default:
		return fmt.Errorf("a result of type %T", value) // package gofunc returns none
	}
	return nil
}

// own copies a value into memory that SQLite frees. It returns 0 if there is none left.
func own[T string | []byte](tls *libc.TLS, value T) uintptr {
	p := sqlite3.Xsqlite3_malloc64(tls, uint64(len(value))+1)
	if p != 0 {
		copy(cmem.View(p, len(value)), value)
	}
	return p
}

// errFailed returns the error of a statement, which ended with rc, because a function or a
// collation failed.
func errFailed(rc int32, failed error) *engine.Error {
	e := newError(int(rc), failed.Error())
	e.Kind, e.Code = nil, sqlite3.SQLITE_ERROR
	e.Err = failed
	if errors.Is(failed, driver.ErrBadConn) { // which database/sql would take for the connection's
		e.Err = errors.New(e.Message)
	}
	return e
}
