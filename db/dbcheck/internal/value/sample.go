package value

import (
	"database/sql"
	"fmt"
	"reflect"
	"time"
)

// Samples are values of types that the caller knows better, see [Values].
type Samples map[reflect.Type][]reflect.Value

// Of returns the nth value of a type: different for each n, but where the type has no
// more. It reports whether it knows how to make two that differ.
func (s Samples) Of(t reflect.Type, n int) (reflect.Value, bool) {
	if known := s[t]; len(known) > 0 {
		return known[n%len(known)], true
	}
	v := reflect.New(t).Elem()
	switch t.Kind() {
	case reflect.Bool:
		v.SetBool(n%2 == 1)
	case reflect.Int8, reflect.Uint8:
		v.Set(reflect.ValueOf(1 + n%100).Convert(t))
	case reflect.Int, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.Set(reflect.ValueOf(1001 + n).Convert(t))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(n) + 0.5)
	case reflect.String:
		v.SetString(fmt.Sprintf("value %d", n))
	case reflect.Interface:
		if t.NumMethod() > 0 {
			return v, false
		}
		v.Set(reflect.ValueOf(fmt.Sprintf("value %d", n)))
	case reflect.Pointer:
		elem, ok := s.Of(t.Elem(), n)
		v.Set(reflect.New(t.Elem()))
		v.Elem().Set(elem)
		return v, ok
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 { // a type of bytes often is JSON
			v.SetBytes(fmt.Appendf(nil, `{"value":%d}`, n))
			return v, true
		}
		elem, ok := s.Of(t.Elem(), n)
		v.Set(reflect.Append(v, elem))
		return v, ok
	case reflect.Array:
		if t.Len() == 0 {
			return v, false
		}
		elem, ok := s.Of(t.Elem(), n)
		v.Index(t.Len() - 1).Set(elem)
		return v, ok
	case reflect.Map:
		key, keyOK := s.Of(t.Key(), n)
		elem, ok := s.Of(t.Elem(), n)
		v.Set(reflect.MakeMap(t))
		v.SetMapIndex(key, elem)
		return v, ok && keyOK
	case reflect.Struct:
		return s.structure(v, n)
	default:
		return v, false
	}
	return v, true
}

func (s Samples) structure(v reflect.Value, n int) (reflect.Value, bool) {
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n)
	if t, ok := v.Addr().Interface().(*time.Time); ok {
		*t = day
		return v, true
	}
	if scanner, ok := v.Addr().Interface().(sql.Scanner); ok {
		for _, src := range []any{
			int64(1001 + n), float64(n) + 0.5, n%2 == 1, day.Format(time.RFC3339), day,
			fmt.Sprintf(`{"value":%d}`, n), fmt.Sprintf("%08x-0000-4000-8000-000000000000", n+1), fmt.Sprintf("value %d", n),
		} {
			if scan(scanner, src) && !v.IsZero() {
				return v, true
			}
			v.SetZero()
		}
	}
	for i := range v.NumField() {
		if !v.Type().Field(i).IsExported() {
			continue
		}
		if field, ok := s.Of(v.Field(i).Type(), n); ok {
			v.Field(i).Set(field)
			return v, true
		}
	}
	return v, false
}

func scan(s sql.Scanner, src any) (ok bool) {
	defer func() { _ = recover() }()
	return s.Scan(src) == nil
}
