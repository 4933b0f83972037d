package db

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/duolite/duolite/db/internal/engine"
	"github.com/duolite/duolite/db/internal/gofunc"
	"github.com/duolite/duolite/db/internal/sqlite"
)

// A FunctionFlag is a promise about a function, or a limit of its use, in SQLite's terms.
// https://sqlite.org/c3ref/c_deterministic.html
type FunctionFlag int32

const (
	// Deterministic: the function has the same result for the same arguments, always. Only then may
	// an index, a generated column or the WHERE of a partial index use it. SQLite may call it less
	// often.
	Deterministic FunctionFlag = 0x800
	// DirectOnly: no trigger, view, CHECK, DEFAULT, index or generated column may use the function,
	// so that a file from somebody else can't call it. Use it for a function with effects.
	DirectOnly FunctionFlag = 0x80000
	// Innocuous: the function has no effects and reveals nothing but its result, so that it may be
	// used in the schema with PRAGMA trusted_schema = OFF too.
	Innocuous FunctionFlag = 0x200000
)

// A PanicError is in the chain of a statement's error if a function of [WithFunction],
// [WithAggregate] or [WithCollation] has panicked.
type PanicError = engine.PanicError

// WithFunction lets SQL call fn, a func, by a name:
//
//	db.WithFunction("slug", func(title string) string { … }, db.Deterministic)
//	db.WithFunction("fetch", func(ctx context.Context, url string) ([]byte, error) { … }, db.DirectOnly)
//
// The parameters of fn are int64, float64, string, []byte, bool, [time.Time], any, types derived
// from these, other integers, pointers, types with Scan such as [database/sql.NullString], or the
// last may be variadic. A value of another type is an error of the statement. The only conversions
// are from INTEGER to float64 and bool, and from TEXT to []byte and time.Time. A NULL for a
// parameter that can't hold one makes the result NULL, and fn isn't called. As the first parameter
// fn may have a [context.Context]: the statement's.
//
// The result is stored as an argument of a statement would be. fn may also return an error, which
// ends the statement; [errors.Is] finds it. A panic does so too, as a [*PanicError].
//
// fn is called by several goroutines at a time. It may not end its goroutine, and a statement that
// it runs on the pool uses another connection. So it waits without end if as many calls as the pool
// has connections do that at a time, unless a context ends it. It shouldn't wait for a write of the
// pool, as the calling statement may be the writer.
//
// The option belongs to the pool. A name may be registered for different numbers of arguments, and
// replaces a function of SQLite. A file whose schema uses the function needs it to be opened by
// each program.
//
// The option applies to files and databases in memory. A server can't call the program. With a
// replica a statement runs on the copy or on the server, and only one of them would know the
// function.
func WithFunction(name string, fn any, flags ...FunctionFlag) Option {
	return func(c *config) error {
		f, err := gofunc.Scalar(name, fn, joined(flags))
		return c.addFunction("WithFunction", f, name, err)
	}
}

// WithAggregate lets SQL call an aggregate by a name. newAggregate is a func() T that begins a run.
// T has the methods Step, which adds a row, and Value, which returns the result for the rows so far
// and doesn't change it. With a method Inverse, which removes the oldest row and has the parameters
// of Step, it is a window function too:
//
//	type product struct{ p float64 }
//
//	func (a *product) Step(x float64)    { a.p *= x }
//	func (a *product) Inverse(x float64) { a.p /= x }
//	func (a *product) Value() float64    { return a.p }
//
//	db.WithAggregate("product", func() *product { return &product{1} }, db.Deterministic)
//
// Parameters and results are as with [WithFunction]; Step and Inverse may return an error. A row
// with a NULL that a parameter can't hold isn't added. Without rows the result is Value of a new T.
func WithAggregate(name string, newAggregate any, flags ...FunctionFlag) Option {
	return func(c *config) error {
		f, err := gofunc.Aggregate(name, newAggregate, joined(flags))
		return c.addFunction("WithAggregate", f, name, err)
	}
}

// WithCollation lets SQL order texts by compare, as in ORDER BY name COLLATE german. compare
// returns a negative number if a is less than b, a positive one if it is greater, and 0 if both are
// equal. It must order all texts, always in the same way: an index is searched by it, and a changed
// order damages the index (REINDEX repairs it). Texts may have invalid UTF-8. Several goroutines
// call compare at a time. A panic ends the statement with a [*PanicError], and nothing is written.
//
// Package dbunicode has collations of languages. For which databases the option is, and who needs
// it for a file, is as with [WithFunction].
func WithCollation(name string, compare func(a, b string) int) Option {
	return func(c *config) error {
		switch {
		case c.engine != SQLite:
			return errNoFunctions("WithCollation", c.engine)
		case compare == nil:
			return fmt.Errorf("WithCollation: the function of %s is nil", name)
		case slices.Contains([]string{"BINARY", "NOCASE", "RTRIM"}, strings.ToUpper(name)):
			return fmt.Errorf("WithCollation: %s is SQLite's own collation, in whose order indexes are; choose another name", name)
		}
		if err := checkName(name); err != nil {
			return fmt.Errorf("WithCollation: %w", err)
		}
		e := c.extensions()
		e.Collations = append(e.Collations, sqlite.Collation{Name: name, Compare: compare})
		return nil
	}
}

func joined(flags []FunctionFlag) (all int32) {
	for _, f := range flags {
		all |= int32(f)
	}
	return all
}

// addFunction adds a function, unless err is an error of making it.
func (c *config) addFunction(option string, f sqlite.Function, name string, err error) error {
	if c.engine != SQLite {
		return errNoFunctions(option, c.engine)
	}
	if err == nil {
		err = checkName(name)
	}
	if err == nil && f.Flags&^int32(Deterministic|DirectOnly|Innocuous) != 0 {
		err = fmt.Errorf("%s has an unknown flag; want Deterministic, DirectOnly or Innocuous", name)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", option, err)
	}
	e := c.extensions()
	e.Functions = append(e.Functions, f)
	return nil
}

func (c *config) extensions() *sqlite.Extensions {
	if c.sqlite.Extensions == nil {
		c.sqlite.Extensions = new(sqlite.Extensions)
	}
	return c.sqlite.Extensions
}

// checkName fails for a name that SQLite doesn't take.
func checkName(name string) error {
	if name == "" || len(name) > 255 || strings.IndexByte(name, 0) >= 0 || !utf8.ValidString(name) {
		return fmt.Errorf("the name %q can't be used; want 1 to 255 bytes of UTF-8", name)
	}
	return nil
}

func errNoFunctions(option string, e Engine) error {
	return fmt.Errorf("%w; a server can't call the program's functions", errNotFor(option, e))
}
