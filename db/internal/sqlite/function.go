package sqlite

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite/cmem"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// Extensions are functions and collations in Go.
type Extensions struct {
	Functions  []Function
	Collations []Collation
}

// ExtensionsOf returns the functions and collations of a connection, or nil if it has none.
func ExtensionsOf(c engine.Conn) *Extensions {
	if c, ok := c.(*conn); ok {
		return c.cfg.Extensions
	}
	return nil
}

// A Function is a function in Go that SQL calls: a scalar function, an aggregate, or a window
// function. Several connections call it at the same time.
type Function struct {
	Name string
	// Args is the number of arguments, or -1 for any number.
	Args int
	// Flags are SQLite's. https://sqlite.org/c3ref/c_deterministic.html
	Flags int32
	// Call is the scalar function, or nil. The slice is used again after the call.
	Call func(ctx context.Context, args []driver.Value) (driver.Value, error)
	// New begins an aggregate, if Call is nil.
	New func() Aggregate
	// Window: the aggregates have Inverse.
	Window bool
}

// An Aggregate is one run of an aggregate.
type Aggregate interface {
	// Step adds a row.
	Step(ctx context.Context, args []driver.Value) error
	// Inverse removes the oldest row of a window.
	Inverse(ctx context.Context, args []driver.Value) error
	// Value returns the result for the rows so far.
	Value(ctx context.Context) (driver.Value, error)
}

// A Collation orders texts. Several connections call it at the same time.
type Collation struct {
	Name    string
	Compare func(a, b string) int
}

// A PanicError is the error of a statement whose function has panicked.
type PanicError = engine.PanicError

// A registration is a function or a collation of one connection.
type registration struct {
	c         *conn
	function  *Function
	collation *Collation
}

// registrations finds a registration by its number, which SQLite keeps.
var (
	registrations    sync.Map // uintptr to *registration
	lastRegistration atomic.Uintptr
	lastAggregate    atomic.Uint64
)

// The addresses by which SQLite calls the handlers.
var (
	callFunc    = cmem.AddressOf(callHandler)
	stepFunc    = cmem.AddressOf(stepHandler)
	inverseFunc = cmem.AddressOf(inverseHandler)
	valueFunc   = cmem.AddressOf(valueHandler)
	finalFunc   = cmem.AddressOf(finalHandler)
	compareFunc = cmem.AddressOf(compareHandler)
	commitFunc  = cmem.AddressOf(commitHandler)
	freeFunc    = cmem.AddressOf(sqlite3.Xsqlite3_free)
)

// register registers the functions and collations of the program. It comes before the schema is
// read, which may use them.
func (c *conn) register() error {
	all := c.cfg.Extensions
	if all == nil {
		return nil
	}
	for i := range all.Functions {
		f := &all.Functions[i]
		if rc := c.registerFunction(f, c.number(&registration{c: c, function: f})); rc != sqlite3.SQLITE_OK {
			return fmt.Errorf("the function %s: %w", f.Name, c.errorOf(rc))
		}
	}
	for i := range all.Collations {
		o := &all.Collations[i]
		id := c.number(&registration{c: c, collation: o})
		name, ok := c.name(o.Name)
		if !ok {
			return errNoMemory()
		}
		if rc := sqlite3.Xsqlite3_create_collation_v2(c.tls, c.handle, name, sqlite3.SQLITE_UTF8, id, compareFunc, 0); rc != sqlite3.SQLITE_OK {
			return fmt.Errorf("the collation %s: %w", o.Name, c.errorOf(rc))
		}
	}
	if len(all.Collations) > 0 {
		c.guardCommits()
	}
	return nil
}

// guardCommits has SQLite ask before each commit.
func (c *conn) guardCommits() {
	sqlite3.Xsqlite3_commit_hook(c.tls, c.handle, commitFunc, c.id)
}

// registerFunction returns SQLite's result code.
func (c *conn) registerFunction(f *Function, id uintptr) int32 {
	name, ok := c.name(f.Name)
	flags := sqlite3.SQLITE_UTF8 | f.Flags
	switch {
	case !ok:
		return sqlite3.SQLITE_NOMEM
	case f.Call != nil:
		return sqlite3.Xsqlite3_create_function_v2(c.tls, c.handle, name, int32(f.Args), flags, id, callFunc, 0, 0, 0)
	case f.Window:
		return sqlite3.Xsqlite3_create_window_function(c.tls, c.handle, name, int32(f.Args), flags, id, stepFunc, finalFunc, valueFunc, inverseFunc, 0)
	default:
		return sqlite3.Xsqlite3_create_function_v2(c.tls, c.handle, name, int32(f.Args), flags, id, 0, stepFunc, finalFunc, 0)
	}
}

// number gives a registration its number.
func (c *conn) number(r *registration) uintptr {
	id := lastRegistration.Add(1)
	registrations.Store(id, r)
	c.registered = append(c.registered, id)
	return id
}

// name returns the address of a name, until the next use of c.text.
func (c *conn) name(name string) (uintptr, bool) {
	if !c.text.Grow(c.tls, len(name)+1) {
		return 0, false
	}
	return cmem.Put(&c.text, 0, name), true
}

// unregister forgets the registrations of a connection that is closed.
func (c *conn) unregister() {
	for _, id := range c.registered {
		registrations.Delete(id)
	}
	c.registered, c.aggregates = nil, nil
}

func registrationOf(id uintptr) *registration {
	r, _ := registrations.Load(id)
	return r.(*registration)
}

// callHandler calls a scalar function. https://sqlite.org/c3ref/create_function.html
func callHandler(tls *libc.TLS, ctx uintptr, argc int32, argv uintptr) {
	r := registrationOf(sqlite3.Xsqlite3_user_data(tls, ctx))
	r.run(ctx, func() error {
		args, err := r.c.arguments(argc, argv)
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
	args, err := r.c.arguments(argc, argv)
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
func (c *conn) arguments(argc int32, argv uintptr) ([]driver.Value, error) {
	c.values = c.values[:0]
	for i := range int(argc) {
		value, err := copyAt(c.tls, cmem.Load(argv+uintptr(i*cmem.PointerSize)))
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

// compareHandler compares two texts by a collation. SQLite takes no error from it. After a panic
// the statement is interrupted, nothing is committed (commitHandler), and what it did in a
// transaction is undone.
// https://sqlite.org/c3ref/create_collation.html
func compareHandler(tls *libc.TLS, id uintptr, n1 int32, p1 uintptr, n2 int32, p2 uintptr) (order int32) {
	r := registrationOf(id)
	c := r.c
	if c.misled {
		return 0
	}
	err := c.guard(func() error {
		order = int32(cmp.Compare(r.collation.Compare(string(cmem.View(p1, int(n1))), string(cmem.View(p2, int(n2)))), 0))
		return nil
	})
	if err != nil {
		c.failed, c.misled = fmt.Errorf("the collation %s: %w", r.collation.Name, err), true
		sqlite3.Xsqlite3_interrupt(tls, c.handle)
	}
	return order
}

// commitHandler is called before a commit, after guardCommits. A result that isn't zero makes it a
// rollback.
// https://sqlite.org/c3ref/commit_hook.html
func commitHandler(_ *libc.TLS, id uintptr) int32 {
	if c := connOf(id); c != nil && (c.broken || c.misled) {
		return 1
	}
	return 0
}

// undoMisled ends a statement, after a step that ended with rc, in which a collation has panicked.
// SQLite may not have noticed the interrupt: then what the statement wrote in a transaction is
// rolled back here.
func (c *conn) undoMisled(handle uintptr, rc int32) int32 {
	if rc == sqlite3.SQLITE_ROW || rc == sqlite3.SQLITE_DONE {
		if c.InTx() && sqlite3.Xsqlite3_stmt_readonly(c.tls, handle) == 0 {
			c.misled = false
			_ = c.runOwn(rollback)
		}
		rc = sqlite3.SQLITE_INTERRUPT
	}
	return rc
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
