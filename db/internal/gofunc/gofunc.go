// Package gofunc makes SQL functions of Go functions and methods, by reflection.
package gofunc

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"

	"github.com/duolite/duolite/db/internal/contract"
	"github.com/duolite/duolite/db/internal/sqlite"
)

// maxArgs is SQLite's limit, apart from which it has none for a function with any number of
// arguments.
const maxArgs = 1000

// A signature says how to call a Go function with SQL's values.
type signature struct {
	takesContext bool
	in           []argument
	rest         *argument // of a variadic function, or nil
	returns      bool      // a value
}

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
)

// signatureOf returns the signature of a function's type. returns: the function has a value as its
// result.
func signatureOf(t reflect.Type, returns bool) (signature, error) {
	s := signature{returns: returns}
	for i := range t.NumIn() {
		in := t.In(i)
		switch {
		case i == 0 && in == contextType:
			s.takesContext = true
			continue
		case t.IsVariadic() && i == t.NumIn()-1:
			rest, err := newArgument(in.Elem())
			if err != nil {
				return s, err
			}
			s.rest = &rest
			continue
		}
		a, err := newArgument(in)
		if err != nil {
			return s, err
		}
		s.in = append(s.in, a)
	}
	if len(s.in) > maxArgs {
		return s, fmt.Errorf("it has %d parameters, and SQLite allows %d", len(s.in), maxArgs)
	}
	return s, s.checkResults(t)
}

func (s *signature) checkResults(t reflect.Type) error {
	var out []reflect.Type
	for i := range t.NumOut() {
		out = append(out, t.Out(i))
	}
	if s.returns {
		if len(out) == 0 || out[0] == errorType {
			return errors.New("it returns no value")
		}
		if err := checkResult(out[0]); err != nil {
			return err
		}
		out = out[1:]
	}
	if len(out) > 1 || len(out) == 1 && out[0] != errorType {
		return errors.New("it returns more than a value and an error")
	}
	return nil
}

// checkResult fails for a type that no value of can be stored.
func checkResult(t reflect.Type) error {
	if t.Kind() == reflect.Interface || t.Kind() == reflect.Pointer { // the values decide
		return nil
	}
	if _, err := contract.Storable(reflect.Zero(t).Interface()); err != nil {
		return fmt.Errorf("its result %v can't be a value of SQL", t)
	}
	return nil
}

// args returns the number of arguments, or -1 for a variadic function.
func (s *signature) args() int {
	if s.rest != nil {
		return -1
	}
	return len(s.in)
}

// call calls fn. A NULL for a parameter that can't hold it makes the result NULL without a call, as
// SQLite's own functions do.
func (s *signature) call(ctx context.Context, fn reflect.Value, args []driver.Value) (driver.Value, error) {
	if len(args) < len(s.in) { // of a variadic function; SQLite counts the others
		return nil, fmt.Errorf("it has %d arguments, and the function takes at least %d", len(args), len(s.in))
	}
	in := make([]reflect.Value, 0, 1+len(args))
	if s.takesContext {
		in = append(in, reflect.ValueOf(ctx))
	}
	for i, arg := range args {
		a := s.rest
		if i < len(s.in) {
			a = &s.in[i]
		}
		value, err := a.of(arg)
		switch {
		case err != nil:
			return nil, fmt.Errorf("argument %d %w", i+1, err)
		case !value.IsValid():
			return nil, nil
		}
		in = append(in, value)
	}
	out := fn.Call(in)
	if n := len(out); n > 0 && out[n-1].Type() == errorType {
		if err, _ := out[n-1].Interface().(error); err != nil {
			return nil, err
		}
	}
	if !s.returns {
		return nil, nil
	}
	value, err := contract.Storable(out[0].Interface())
	if err != nil {
		return nil, fmt.Errorf("its result: %w", err)
	}
	return value, nil
}

// Scalar returns the SQL function that calls fn.
func Scalar(name string, fn any, flags int32) (sqlite.Function, error) {
	value := reflect.ValueOf(fn)
	if value.Kind() != reflect.Func || value.IsNil() {
		return sqlite.Function{}, fmt.Errorf("%s is a %s; want a func", name, kind(value))
	}
	s, err := signatureOf(value.Type(), true)
	if err != nil {
		return sqlite.Function{}, fmt.Errorf("%s, a %T: %w", name, fn, err)
	}
	f := sqlite.Function{Name: name, Args: s.args(), Flags: flags}
	f.Call = func(ctx context.Context, args []driver.Value) (driver.Value, error) {
		return s.call(ctx, value, args)
	}
	return f, nil
}

func kind(value reflect.Value) string {
	if !value.IsValid() || value.Kind() == reflect.Func {
		return "nil func"
	}
	return value.Type().String()
}
