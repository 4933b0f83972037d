package call

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// A Flow is the statement that a method sends, with the origins of its arguments.
type Flow struct {
	Text string
	// Origins has the origin of each argument of the statement.
	Origins []Origin
}

// An Origin names the value of the method that an argument of a statement has: the argument Arg
// of the method, or its element Elem if it is a slice. Arg is -1 if the value depends on no argument.
type Origin struct{ Arg, Elem int }

// ErrTextChanges: an argument is part of the text of the statement.
var ErrTextChanges = errors.New("an argument is sent as SQL")

// An UnknownTypeError is about a type of which no two values are known.
type UnknownTypeError struct{ Type reflect.Type }

func (e *UnknownTypeError) Error() string {
	return fmt.Sprintf("no two values of %s can be made up", value.TypeName(e.Type))
}

// A Statement is the text and the arguments that a method sends.
type Statement struct {
	Text string
	Args []any
}

var ErrRecorded = errors.New("recorded, and not run")

// Record returns the statement that the method sends for these values.
func (m *Method) Record(t *Tap, values []Given) (Statement, error) {
	var sent []Statement
	t.Run = func(_ context.Context, query string, args []any) (*Answer, error) {
		sent = append(sent, Statement{query, args})
		return nil, ErrRecorded
	}
	_, err := m.Call(context.Background(), values)
	switch {
	case len(sent) == 1:
		return sent[0], nil
	case len(sent) > 1:
		return Statement{}, fmt.Errorf("it sends %d statements", len(sent))
	case err != nil:
		return Statement{}, fmt.Errorf("it sends no statement: %w", err)
	}
	return Statement{}, errors.New("it sends no statement")
}

// Trace changes one value after the other, and notes which argument of the statement
// changes with it. Slices have length elements. Two values of each type are enough.
func (m *Method) Trace(t *Tap, length int) (*Flow, error) {
	base, err := m.Samples(length)
	if err != nil {
		return nil, err
	}
	before, err := m.Record(t, base)
	if err != nil {
		return nil, err
	}
	f := &Flow{Text: before.Text, Origins: slices.Repeat([]Origin{{Arg: -1}}, len(before.Args))}
	for i, l := range m.Args {
		for elem, was := range base[i] {
			if base[i][elem], err = m.sample(l, 10*elem+1); err != nil {
				return nil, err
			}
			after, err := m.Record(t, base)
			if err != nil {
				return nil, err
			}
			base[i][elem] = was
			if err := f.see(before, after, Origin{i, elem}); err != nil {
				return nil, err
			}
		}
	}
	return f, nil
}

// Samples returns values for all arguments. Slices have length elements.
func (m *Method) Samples(length int) ([]Given, error) {
	values := make([]Given, len(m.Args))
	for i, l := range m.Args {
		n := 1
		if l.Slice {
			n = length
		}
		for elem := range n {
			v, err := m.sample(l, 10*elem)
			if err != nil {
				return nil, err
			}
			values[i] = append(values[i], v)
		}
	}
	return values, nil
}

func (m *Method) sample(l Argument, n int) (reflect.Value, error) {
	v, ok := m.samples.Of(l.Type, n)
	if !ok {
		return v, &UnknownTypeError{l.Type}
	}
	return v, nil
}

// see notes which arguments differ.
func (f *Flow) see(before, after Statement, o Origin) error {
	if before.Text != after.Text || len(before.Args) != len(after.Args) {
		return ErrTextChanges
	}
	for i := range before.Args {
		if !reflect.DeepEqual(before.Args[i], after.Args[i]) {
			if f.Origins[i].Arg >= 0 {
				return fmt.Errorf("argument %d of its statement depends on two values", i+1)
			}
			f.Origins[i] = o
		}
	}
	return nil
}

// LostNil returns the first argument whose nil pointer doesn't arrive as NULL where its
// values arrive, or -1.
func (m *Method) LostNil(t *Tap, f *Flow) int {
	values, _ := m.Samples(1) // Trace has made them before
	for i, l := range m.Args {
		if l.Slice || l.Type.Kind() != reflect.Pointer {
			continue
		}
		was := values[i]
		values[i] = Given{reflect.Zero(l.Type)}
		sent, err := m.Record(t, values)
		values[i] = was
		if err != nil || sent.Text != f.Text || len(sent.Args) != len(f.Origins) {
			return i
		}
		for k, o := range f.Origins {
			if v := reflect.ValueOf(sent.Args[k]); o.Arg == i && v.IsValid() && (v.Kind() != reflect.Pointer || !v.IsNil()) {
				return i
			}
		}
	}
	return -1
}
