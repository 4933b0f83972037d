package trial

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/duolite/duolite/db/dbcheck/internal/call"
	"github.com/duolite/duolite/db/dbcheck/internal/source"
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
	values, err := m.Samples(1)
	if err != nil {
		return nil
	}
	tx, err := d.pool.BeginTx(d.ctx, nil)
	if err != nil {
		return nil
	}
	defer tx.Rollback()
	d.Tap.Run = func(ctx context.Context, text string, args []any) (*call.Answer, error) {
		if answer, err := readRows(ctx, tx, text, args...); err == nil {
			a = answer
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
		if out, ok := value.DriverValue(v.Interface()); ok && out != nil {
			values = append(values, out)
		}
	}
	return slices.DeleteFunc(append(values, class.Examples()...), func(v any) bool {
		_, err := d.Tap.ScanInto(f.Type, v)
		return err != nil
	})
}

// constants returns the constants that the queries compare each column with, such as 'live' in
// status = 'live'. A row that no query looks for proves little. A constant is for the columns of that name
// in the tables that its query names, or in all tables if it names a view.
func (d *Databases) constants() map[columnOf][]any {
	found := map[columnOf][]any{}
	for _, q := range d.Queries {
		for i, p := range q.Parts {
			values := source.ValuesOf(p.Text)
			if len(values) == 0 || p.Kind != source.TokenPart {
				continue
			}
			name, _ := source.ComparedWith(q.Parts, i)
			for _, at := range d.columnsOf(q, cmp.Or(name, source.ListedColumn(q.Parts, i))) {
				found[at] = append(found[at], values...)
			}
		}
	}
	return found
}

// columnsOf returns the columns of a name in the tables of a query, with names in lower case.
func (d *Databases) columnsOf(q *source.Query, name string) (columns []columnOf) {
	var all []columnOf
	for t, c := range ColumnsNamed(d.Tables, name) {
		at := columnOf{strings.ToLower(t.Name), strings.ToLower(c.Name)}
		all = append(all, at)
		if q.Contains(t.Name) {
			columns = append(columns, at)
		}
	}
	if len(columns) == 0 {
		return all
	}
	return columns
}

// usage returns the classes of columns that functions of queries and schema read:
// a text that strftime reads is a time, and a text that json_extract reads is JSON. Other
// texts would prove nothing there.
func (d *Databases) usage() map[string]value.Class {
	found := map[string]value.Class{}
	for _, q := range d.Queries {
		readUsage(q.Parts, found)
	}
	for _, o := range d.objects {
		readUsage(source.Parts(o.Text), found)
	}
	return found
}

func readUsage(parts []source.Part, found map[string]value.Class) {
	var functions []string // whose parentheses are open
	for i, p := range parts {
		switch {
		case p.Text == "(":
			functions = append(functions, strings.ToLower(source.At(parts, i-1).Text))
			continue
		case p.Text == ")" && len(functions) > 0:
			functions = functions[:len(functions)-1]
		}
		name := strings.ToLower(source.ColumnName(parts, i))
		if name == "" {
			continue
		}
		if source.At(parts, i+1).Text == "-" && source.At(parts, i+2).Text == ">" {
			found[name] = value.JSON
		}
		if len(functions) == 0 {
			continue
		}
		switch f := functions[len(functions)-1]; {
		case strings.HasPrefix(f, "json") && f != "json_array" && f != "json_object" && !strings.HasPrefix(f, "json_group"):
			found[name] = value.JSON
		case f == "date", f == "time", f == "datetime", f == "strftime", f == "julianday", f == "unixepoch", f == "timediff":
			found[name] = value.Time
		}
	}
}
