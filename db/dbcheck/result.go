package dbcheck

import (
	"database/sql"
	"database/sql/driver"
	"reflect"
	"time"

	"github.com/duolite/duolite/db/dbcheck/internal/value"
)

// A field is where a method puts one column of its rows.
type field struct {
	name  string // with the struct's, for an embedded one: "Tag.ID"
	base  string // without
	typ   reflect.Type
	index []int // nil if the row itself is it
	embed bool
}

// rowType returns the type of the rows that the method returns, or nil.
func (m *method) rowType(cmd string) reflect.Type {
	t := m.fn.Type()
	if t.NumOut() == 0 {
		return nil
	}
	out := t.Out(0)
	switch {
	case isIterator(out):
		return out.In(0).In(0)
	case cmd == ":one" && t.NumOut() == 2:
		return out
	case cmd == ":many" && out.Kind() == reflect.Slice:
		return out.Elem()
	}
	return nil
}

// fieldsOf returns the fields of a row, in the order in which sqlc scans into them.
func fieldsOf(t reflect.Type) []field {
	if t.Kind() == reflect.Pointer && isRow(t.Elem()) {
		t = t.Elem()
	}
	if !isRow(t) {
		return []field{{typ: t}}
	}
	var fields []field
	for i := range t.NumField() {
		f := t.Field(i)
		if !isRow(f.Type) {
			fields = append(fields, field{f.Name, f.Name, f.Type, []int{i}, false})
			continue
		}
		for _, inner := range fieldsOf(f.Type) {
			inner.name, inner.index, inner.embed = f.Name+"."+inner.name, append([]int{i}, inner.index...), true
			fields = append(fields, inner)
		}
	}
	return fields
}

// isRow reports whether a type is a row, and not one column's value.
func isRow(t reflect.Type) bool {
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[time.Time]() || t.NumField() == 0 ||
		reflect.PointerTo(t).Implements(reflect.TypeFor[sql.Scanner]()) || t.Implements(reflect.TypeFor[driver.Valuer]()) {
		return false
	}
	for i := range t.NumField() {
		if !t.Field(i).IsExported() {
			return false
		}
	}
	return true
}

// get returns the field of a row.
func (f field) get(row reflect.Value) reflect.Value {
	if f.index == nil {
		return row
	}
	return reflect.Indirect(row).FieldByIndex(f.index)
}

// scanInto scans a driver's value as a method does.
func (t *tap) scanInto(dest reflect.Type, v any) (reflect.Value, error) {
	out := reflect.New(dest)
	a := &answer{columns: []string{"v"}, rows: [][]any{{v}}}
	err := t.replayRow(a).Scan(out.Interface())
	return out.Elem(), err
}

// kept reports whether a field has the value that the driver gave. Of types that an
// override chose it isn't known.
func kept(v any, f reflect.Value) bool {
	if v == nil || !value.IsBuiltin(f.Type()) {
		return true
	}
	got, ok := value.DriverValue(f)
	if !ok {
		return true
	}
	switch v := v.(type) {
	case int64:
		switch got := got.(type) {
		case int64:
			return got == v
		case float64:
			return got == float64(v) && int64(got) == v
		}
	case float64:
		switch got := got.(type) {
		case int64:
			return float64(got) == v
		case float64:
			return got == v
		}
	case string:
		switch got := got.(type) {
		case string:
			return got == v
		case []byte:
			return string(got) == v
		}
	case []byte:
		switch got := got.(type) {
		case string:
			return got == string(v)
		case []byte:
			return string(got) == string(v)
		}
	}
	return true
}
