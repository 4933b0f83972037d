package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/sqlite/cmem"
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
	// Texts: a number comes as its text, as SQLite converts it.
	Texts bool
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
