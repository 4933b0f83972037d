package trial

import (
	"context"
	"database/sql"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// customValues returns values for the columns that come back in types that overrides chose: types of the
// program, or a bool for an INTEGER. Only such a type knows which values it can read.
func (d *Databases) customValues() map[columnKey][]any {
	found := map[columnKey][]any{}
	for _, q := range d.Queries {
		for _, m := range d.Methods[q.Name] {
			t := m.RowType(q.Cmd)
			if t == nil || !m.NamesKnown {
				continue
			}
			a := d.tryOnce(m)
			fields := call.FieldsOf(t)
			if a == nil || len(a.Columns) != len(fields) {
				continue
			}
			for i, f := range fields {
				if a.Declared[i] == "" || value.IsBuiltin(f.Type) && !value.IsOther(f.Type, value.ClassOf(a.Declared[i])) {
					continue
				}
				key := columnKey{strings.ToLower(a.Columns[i]), strings.ToLower(a.Declared[i])}
				found[key] = d.readable(f, value.ClassOf(a.Declared[i]))
			}
		}
	}
	return found
}

// tryOnce runs a method's statement on a database without rows.
func (d *Databases) tryOnce(m *call.Method) (a *call.Answer) {
	values := make([]call.Given, len(m.Args))
	for i, l := range m.Args {
		v, ok := d.Samples.Of(l.Type, 0)
		if !ok {
			return nil
		}
		values[i] = call.Given{v}
	}
	tx, err := d.pool.BeginTx(d.ctx, &sql.TxOptions{})
	if err != nil {
		return nil
	}
	defer tx.Rollback()
	d.Tap.Run = func(ctx context.Context, text string, args []any) (*call.Answer, error) {
		a, err = readRows(ctx, tx, text, args...)
		if err != nil {
			a = nil
		}
		return nil, call.ErrRecorded
	}
	_, _ = m.Call(d.ctx, values)
	return a
}

// readable returns the values of a class that a field's type reads, and the values that the
// type writes.
func (d *Databases) readable(f call.Field, class value.Class) (values []any) {
	for n := range 3 {
		v, ok := d.Samples.Of(f.Type, n)
		if !ok {
			break
		}
		if out, ok := value.DriverValue(v); ok && out != nil {
			if _, err := d.Tap.ScanInto(f.Type, out); err == nil {
				values = append(values, out)
			}
		}
	}
	for _, v := range class.Examples() {
		if _, err := d.Tap.ScanInto(f.Type, v); err == nil {
			values = append(values, v)
		}
	}
	return values
}
