package trial

import (
	"context"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// judge compares the answer with the rows that the method returned.
func (w *witness) judge(s *state, result reflect.Value, err error) {
	if len(w.seen.Columns) != len(w.seen.Fields) {
		w.observe(Observation{Kind: ColumnCount, Count: len(w.seen.Columns)}, "")
		return
	}
	before, custom := len(w.seen.Observations), false
	for r, row := range w.last.Rows {
		if w.Query.Cmd == ":one" && r > 0 {
			break
		}
		for i, v := range row {
			if v != nil {
				w.seen.Values[i] = v
			}
			f := w.seen.Fields[i]
			got, ok := w.returned(result, err, r, f)
			if err != nil {
				var scanErr error
				got, scanErr = w.Tap.ScanInto(f.Type, v)
				ok = scanErr == nil
				custom = !ok && w.unreadable(s, i, row) || custom
			}
			if ok && !call.Kept(v, got) {
				w.observe(Observation{Kind: OtherValue, Column: i, Value: v, Got: got, State: s.says}, w.seen.Columns[i])
			}
		}
	}
	if err != nil && !custom && len(w.seen.Observations) == before && len(w.reported) == 0 && len(w.last.Rows) > 0 {
		w.observe(Observation{Kind: UnreadableRows, Err: err, State: s.says}, "")
	}
}

// returned returns the value that the method returned in a row.
func (w *witness) returned(result reflect.Value, err error, r int, f call.Field) (reflect.Value, bool) {
	if err != nil {
		return reflect.Value{}, false
	}
	if w.Query.Cmd == ":one" {
		return f.Get(result), true
	}
	if r >= result.Len() {
		return reflect.Value{}, false
	}
	return f.Get(result.Index(r)), true
}

// unreadable observes a value that a method can't read. It returns true if a
// type of the program itself refuses the value, which is no mistake.
func (w *witness) unreadable(s *state, i int, row []any) (custom bool) {
	f, column, v := w.seen.Fields[i], w.seen.Columns[i], row[i]
	name, _, _ := strings.Cut(f.Name, ".")
	o := Observation{Column: i, Value: v, State: s.says}
	switch {
	case v == nil && s.large, overflown(f.Type, v):
		return true
	case v == nil && f.Embed && w.allNULL(name, row):
		o.Kind, o.Table = NullTable, name
		column = name
	case v == nil:
		o.Kind = NullColumn
	case !w.reads && w.isSent(v):
		return true
	case !value.IsBuiltin(f.Type) && w.last.Declared[i] != "" && !(w.reads && w.isMade(s, w.last.Declared[i], v)):
		return true
	default:
		o.Kind = UnreadableValue
	}
	w.observe(o, column)
	return false
}

// isSent reports whether a value is an argument, or a part of one, such as a list in JSON. A statement
// that writes returns it, although the program may never send such a value.
func (w *witness) isSent(v any) bool {
	return slices.ContainsFunc(w.sent, func(arg any) bool { return strings.Contains(value.TextOf(arg), value.TextOf(v)) })
}

// isMade reports whether no column of a declared type has the value, so that the query has made it: in a
// UNION, SQLite takes the declared type from the first SELECT.
func (w *witness) isMade(s *state, declared string, v any) bool {
	if _, isTime := v.(time.Time); isTime {
		return false // it may be stored in another form
	}
	looked := false
	for t, c := range Columns(w.Tables) {
		if !strings.EqualFold(c.Declared, declared) {
			continue
		}
		looked = true
		var stored bool
		err := s.pool.QueryRowContext(w.ctx, "SELECT EXISTS (SELECT 1 FROM "+quote(t.Name)+" WHERE "+quote(c.Name)+" IS ?)", v).Scan(&stored)
		if err != nil || stored {
			return false
		}
	}
	return looked
}

// overflown reports whether SQLite made a REAL of an integer that is too large, such as a product. The
// cause is the data, not the query.
func overflown(t reflect.Type, v any) bool {
	x, ok := v.(float64)
	return ok && value.Pointed(t).Kind() == reflect.Int64 && math.Abs(x) >= 1<<63
}

// allNULL reports whether all columns of an embedded struct are NULL.
func (w *witness) allNULL(name string, row []any) bool {
	for i, f := range w.seen.Fields {
		if strings.HasPrefix(f.Name, name+".") && row[i] != nil {
			return false
		}
	}
	return true
}

// observe notes an observation, once for each column and subject.
func (w *witness) observe(o Observation, column string) {
	key := subjectColumn{subjects[o.Kind], column}
	if w.reported[key] {
		return
	}
	w.reported[key] = true
	w.seen.Observations = append(w.seen.Observations, o)
}

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
