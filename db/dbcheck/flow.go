package dbcheck

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// A flow is where a method's arguments go.
type flow struct {
	text string
	// origins has for each argument of the statement what it comes from.
	origins []origin
}

// An origin is the value that an argument of a statement is: that of a leaf, or the
// elemth of a slice. The leaf is -1 for what doesn't depend on any.
type origin struct{ arg, elem int }

// errTextChanges: an argument is part of the text of the statement.
var errTextChanges = errors.New("an argument is sent as SQL")

// An unknownTypeError is about a type that no two values are known of.
type unknownTypeError struct{ typ reflect.Type }

func (e *unknownTypeError) Error() string {
	return fmt.Sprintf("no two values of %s can be made up", value.TypeName(e.typ))
}

type sentStatement struct {
	text string
	args []any
}

var errRecorded = errors.New("dbcheck: recorded, and not run")

// record returns the statement that the method sends for these values.
func (m *method) record(t *tap, values []given) (sentStatement, error) {
	var sent []sentStatement
	t.run = func(_ context.Context, query string, args []any) (*answer, error) {
		sent = append(sent, sentStatement{query, args})
		return nil, errRecorded
	}
	_, err := m.call(context.Background(), values)
	switch {
	case len(sent) == 1:
		return sent[0], nil
	case len(sent) > 1:
		return sentStatement{}, fmt.Errorf("it sends %d statements", len(sent))
	case err != nil:
		return sentStatement{}, fmt.Errorf("it sends no statement: %w", err)
	}
	return sentStatement{}, errors.New("it sends no statement")
}

// trace changes one value after the other, and sees which argument of the statement
// changes with it. Slices have length elements. So it needs no more of a type than two
// values.
func (m *method) trace(t *tap, length int) (*flow, error) {
	base := make([]given, len(m.args))
	for i, l := range m.args {
		for elem := range l.count(length) {
			v, err := m.sample(l, 10*elem)
			if err != nil {
				return nil, err
			}
			base[i] = append(base[i], v)
		}
	}
	before, err := m.record(t, base)
	if err != nil {
		return nil, err
	}
	f := &flow{text: before.text, origins: make([]origin, len(before.args))}
	for i := range f.origins {
		f.origins[i].arg = -1
	}
	for i, l := range m.args {
		for elem, was := range base[i] {
			if base[i][elem], err = m.sample(l, 10*elem+1); err != nil {
				return nil, err
			}
			after, err := m.record(t, base)
			if err != nil {
				return nil, err
			}
			base[i][elem] = was
			if err := f.see(before, after, origin{i, elem}); err != nil {
				return nil, err
			}
		}
	}
	return f, nil
}

func (l argument) count(length int) int {
	if l.slice {
		return length
	}
	return 1
}

func (m *method) sample(l argument, n int) (reflect.Value, error) {
	v, ok := m.samples.Of(l.typ, n)
	if !ok {
		return v, &unknownTypeError{l.typ}
	}
	return v, nil
}

// see notes which arguments differ.
func (f *flow) see(before, after sentStatement, o origin) error {
	if before.text != after.text || len(before.args) != len(after.args) {
		return errTextChanges
	}
	for i := range before.args {
		if !reflect.DeepEqual(before.args[i], after.args[i]) {
			if f.origins[i].arg >= 0 {
				return fmt.Errorf("argument %d of its statement depends on two values", i+1)
			}
			f.origins[i] = o
		}
	}
	return nil
}

// nilPointers returns the first leaf whose nil pointer doesn't arrive as it is where its
// values do, or -1.
func (m *method) nilPointers(t *tap, f *flow) int {
	values := make([]given, len(m.args))
	for i, l := range m.args {
		values[i] = make(given, l.count(1))
		for k := range values[i] {
			values[i][k], _ = m.samples.Of(l.typ, 0)
		}
	}
	for i, l := range m.args {
		if l.slice || l.typ.Kind() != reflect.Pointer {
			continue
		}
		was := values[i]
		values[i] = given{reflect.Zero(l.typ)}
		sent, err := m.record(t, values)
		values[i] = was
		if err != nil || sent.text != f.text || len(sent.args) != len(f.origins) {
			return i
		}
		for k, o := range f.origins {
			if v := reflect.ValueOf(sent.args[k]); o.arg == i && v.IsValid() && (v.Kind() != reflect.Pointer || !v.IsNil()) {
				return i
			}
		}
	}
	return -1
}
