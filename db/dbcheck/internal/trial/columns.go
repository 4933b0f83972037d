package trial

import (
	"context"
	"reflect"
	"slices"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// order checks that each column comes back in the field that has its name. It gives the
// method made-up rows, and notes which field changes with which column.
func (w *witness) order() {
	if len(w.seen.Fields) < 2 || len(w.seen.Fields) != len(w.seen.Columns) {
		return
	}
	row := make([]any, len(w.seen.Fields))
	for i, f := range w.seen.Fields {
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
	for i, f := range w.seen.Fields {
		was := row[i]
		row[i], _ = w.columnSample(f, 1)
		after, err := w.replayed(row)
		row[i] = was
		if err != nil {
			return
		}
		for k, other := range w.seen.Fields {
			changed := !reflect.DeepEqual(other.Get(before).Interface(), other.Get(after).Interface())
			if changed && k != i && w.seen.Columns[i] != w.seen.Columns[k] {
				w.observe(Observation{Kind: OtherField, Column: i, Other: k}, w.seen.Columns[i])
			}
		}
	}
	w.names()
}

// names checks that no column has the name of another one's field.
func (w *witness) names() {
	for i, column := range w.seen.Columns {
		if source.Plain(column) == source.Plain(w.seen.Fields[i].Base) {
			continue
		}
		k := slices.IndexFunc(w.seen.Fields, func(f call.Field) bool { return source.Plain(f.Base) == source.Plain(column) && !f.Embed })
		if k >= 0 && source.Plain(w.seen.Columns[k]) != source.Plain(column) {
			w.observe(Observation{Kind: MisnamedColumn, Column: i, Other: k}, column)
		}
	}
}

func (w *witness) columnSample(f call.Field, n int) (any, bool) {
	v, ok := w.Samples.Of(f.Type, n)
	if !ok {
		return nil, false
	}
	out, ok := value.DriverValue(v.Interface())
	_, err := w.Tap.ScanInto(f.Type, out)
	return out, ok && err == nil
}

// replayed returns the row that the method makes of an answer.
func (w *witness) replayed(row []any) (reflect.Value, error) {
	w.Tap.Run = func(context.Context, string, []any) (*call.Answer, error) {
		return &call.Answer{Columns: w.seen.Columns, Rows: [][]any{row}}, nil
	}
	values, err := w.Method.Samples(1)
	if err != nil {
		return reflect.Value{}, err
	}
	result, err := w.Method.Call(w.ctx, values)
	if err != nil || w.Query.Cmd == ":one" {
		return result, err
	}
	return result.Index(0), nil
}
