package gofunc

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"

	"github.com/duolite/duolite/db/internal/sqlite"
)

// An aggregateType has the methods of the type of an aggregate.
type aggregateType struct {
	create               reflect.Value
	step, inverse, value method
}

// A method is a method of an aggregate.
type method struct {
	index     int
	signature signature
}

// Aggregate returns the SQL aggregate whose runs begin with a call of create. It is a window
// function too if the type that create returns has Inverse.
func Aggregate(name string, create any, flags int32) (sqlite.Function, error) {
	a, window, err := aggregateOf(name, create)
	if err != nil {
		return sqlite.Function{}, err
	}
	return sqlite.Function{Name: name, Args: a.step.signature.args(), Flags: flags, New: a.begin, Window: window}, nil
}

func aggregateOf(name string, create any) (a *aggregateType, window bool, err error) {
	value := reflect.ValueOf(create)
	if value.Kind() != reflect.Func || value.IsNil() || value.Type().NumIn() != 0 || value.Type().NumOut() != 1 {
		return nil, false, fmt.Errorf("%s is a %s; want a func() T that makes an aggregate with the methods Step and Value", name, kind(value))
	}
	t := value.Type().Out(0)
	a = &aggregateType{create: value}
	for _, m := range []struct {
		to      *method
		name    string
		returns bool
	}{{&a.step, "Step", false}, {&a.value, "Value", true}, {&a.inverse, "Inverse", false}} {
		found, ok := t.MethodByName(m.name)
		switch {
		case !ok && m.name == "Inverse":
			return a, false, a.check(name, t)
		case !ok:
			return nil, false, fmt.Errorf("%s: the type %v has no method %s", name, t, m.name)
		}
		own := found.Type
		if t.Kind() != reflect.Interface { // without the receiver
			own = reflect.Zero(t).Method(found.Index).Type()
		}
		m.to.index = found.Index
		if m.to.signature, err = signatureOf(own, m.returns); err != nil {
			return nil, false, fmt.Errorf("%s, the method %s of %v: %w", name, m.name, t, err)
		}
	}
	if !sameArguments(a.step.signature, a.inverse.signature) {
		return nil, false, fmt.Errorf("%s: Step and Inverse of %v have different parameters", name, t)
	}
	return a, true, a.check(name, t)
}

func (a *aggregateType) check(name string, t reflect.Type) error {
	if a.value.signature.args() != 0 {
		return fmt.Errorf("%s: Value of %v has parameters", name, t)
	}
	return nil
}

func sameArguments(a, b signature) bool {
	if len(a.in) != len(b.in) || (a.rest == nil) != (b.rest == nil) {
		return false
	}
	for i := range a.in {
		if a.in[i].t != b.in[i].t {
			return false
		}
	}
	return a.rest == nil || a.rest.t == b.rest.t
}

// A run is one run of an aggregate.
type run struct {
	t   *aggregateType
	own reflect.Value
	err error // of create
}

func (a *aggregateType) begin() sqlite.Aggregate {
	own := a.create.Call(nil)[0]
	switch own.Kind() {
	case reflect.Pointer, reflect.Interface:
		if own.IsNil() {
			return &run{err: errors.New("no aggregate was made: it is nil")}
		}
	}
	return &run{t: a, own: own}
}

// Step implements [sqlite.Aggregate]. A row with a NULL that Step can't take isn't added.
func (r *run) Step(ctx context.Context, args []driver.Value) error {
	if r.err != nil {
		return r.err
	}
	_, err := r.t.step.signature.call(ctx, r.own.Method(r.t.step.index), args)
	return err
}

// Inverse implements [sqlite.Aggregate].
func (r *run) Inverse(ctx context.Context, args []driver.Value) error {
	_, err := r.t.inverse.signature.call(ctx, r.own.Method(r.t.inverse.index), args)
	return err
}

// Value implements [sqlite.Aggregate].
func (r *run) Value(ctx context.Context) (driver.Value, error) {
	if r.err != nil {
		return nil, r.err
	}
	return r.t.value.signature.call(ctx, r.own.Method(r.t.value.index), nil)
}
