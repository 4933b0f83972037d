package dbcheck

import (
	"context"
	"reflect"
	"slices"

	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// order checks that each column comes back in the field that has its name. It gives the
// method rows of its own making, and sees which field changes with which column.
func (w *witness) order() {
	if len(w.fields) < 2 || len(w.fields) != len(w.columns) {
		return
	}
	row := make([]any, len(w.fields))
	for i, f := range w.fields {
		v, ok := w.columnSample(f, 0)
		if !ok {
			return
		}
		row[i] = v
	}
	before, err := w.replayed(row)
	if err != nil {
		return
	}
	for i, f := range w.fields {
		was := row[i]
		row[i], _ = w.columnSample(f, 1)
		after, err := w.replayed(row)
		row[i] = was
		if err != nil {
			return
		}
		for k, other := range w.fields {
			changed := !reflect.DeepEqual(other.get(before).Interface(), other.get(after).Interface())
			if changed && k != i && w.columns[i] != w.columns[k] {
				w.add(RuleColumns, w.columns[i], "", "column %s comes back in %s, and not in %s", w.columns[i], other.name, f.name)
			}
		}
	}
	w.names()
}

// names checks that no column has the name of another one's field.
func (w *witness) names() {
	for i, column := range w.columns {
		if source.Plain(column) == source.Plain(w.fields[i].base) {
			continue
		}
		k := slices.IndexFunc(w.fields, func(f field) bool { return source.Plain(f.base) == source.Plain(column) && !f.embed })
		if k >= 0 && source.Plain(w.columns[k]) != source.Plain(column) {
			w.add(RuleColumns, column, "", "column %s comes back in %s, although there is a %s", column, w.fields[i].name, w.fields[k].name)
		}
	}
}

func (w *witness) columnSample(f field, n int) (any, bool) {
	v, ok := w.samples.Of(f.typ, n)
	if !ok {
		return nil, false
	}
	out, ok := value.DriverValue(v)
	if !ok {
		return nil, false
	}
	_, err := w.tap.scanInto(f.typ, out)
	return out, err == nil
}

// replayed returns the row that the method makes of an answer.
func (w *witness) replayed(row []any) (reflect.Value, error) {
	w.tap.run = func(context.Context, string, []any) (*answer, error) {
		return &answer{columns: w.columns, rows: [][]any{row}}, nil
	}
	values := make([]given, len(w.method.args))
	for i, l := range w.method.args {
		for range l.count(1) {
			v, _ := w.samples.Of(l.typ, 0)
			values[i] = append(values[i], v)
		}
	}
	result, err := w.method.call(w.ctx, values)
	if err != nil || w.query.Cmd == ":one" {
		return result, err
	}
	return result.Index(0), nil
}
