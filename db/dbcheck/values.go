package dbcheck

import (
	"context"
	"database/sql"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// customValues returns values for the columns that come back in types of the program's
// own, such as an override chooses: only such a type knows what it can read.
func (d *databases) customValues() map[columnKey][]any {
	found := map[columnKey][]any{}
	for _, q := range d.queries {
		for _, m := range d.methods[q.Name] {
			t := m.rowType(q.Cmd)
			if t == nil || !m.named {
				continue
			}
			a := d.tryOnce(m)
			fields := fieldsOf(t)
			if a == nil || len(a.columns) != len(fields) {
				continue
			}
			for i, f := range fields {
				if a.declared[i] == "" || value.IsBuiltin(f.typ) {
					continue
				}
				key := columnKey{strings.ToLower(a.columns[i]), strings.ToLower(a.declared[i])}
				found[key] = d.readable(f, value.ClassOf(a.declared[i]))
			}
		}
	}
	return found
}

// tryOnce runs a method's statement on a database without rows.
func (d *databases) tryOnce(m *method) (a *answer) {
	values := make([]given, len(m.args))
	for i, l := range m.args {
		v, ok := d.samples.Of(l.typ, 0)
		if !ok {
			return nil
		}
		values[i] = given{v}
	}
	tx, err := d.pool.BeginTx(d.ctx, &sql.TxOptions{})
	if err != nil {
		return nil
	}
	defer tx.Rollback()
	d.tap.run = func(ctx context.Context, text string, args []any) (*answer, error) {
		a, err = readRows(ctx, tx, text, args...)
		if err != nil {
			a = nil
		}
		return nil, errRecorded
	}
	_, _ = m.call(d.ctx, values)
	return a
}

// readable returns values of a class that a field's type reads, and those that the
// type makes itself.
func (d *databases) readable(f field, class value.Class) (values []any) {
	for n := range 3 {
		v, ok := d.samples.Of(f.typ, n)
		if !ok {
			break
		}
		if out, ok := value.DriverValue(v); ok && out != nil {
			if _, err := d.tap.scanInto(f.typ, out); err == nil {
				values = append(values, out)
			}
		}
	}
	for _, v := range class.Examples() {
		if _, err := d.tap.scanInto(f.typ, v); err == nil {
			values = append(values, v)
		}
	}
	return values
}
