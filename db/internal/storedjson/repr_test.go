package storedjson_test

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// typeName is the same with every Go: since 1.27 a json.RawMessage is an alias.
func typeName(t reflect.Type) string {
	return strings.ReplaceAll(t.String(), "jsontext.Value", "json.RawMessage")
}

// repr returns all that there is to be seen of a value, to a depth.
func repr(v reflect.Value, d int) string {
	if !v.IsValid() {
		return "nil"
	}
	if d == 0 {
		return "…"
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return "nil"
		}
		return typeName(v.Elem().Type()) + "*" + repr(v.Elem(), d-1)
	case reflect.Slice:
		if v.IsNil() {
			return "nil[]"
		}
		fallthrough
	case reflect.Array:
		s := "["
		for i := range v.Len() {
			s += repr(v.Index(i), d-1) + " "
		}
		return s + "]"
	case reflect.Map:
		if v.IsNil() {
			return "nilmap"
		}
		var l []string
		for _, k := range v.MapKeys() {
			l = append(l, repr(k, d-1)+":"+repr(v.MapIndex(k), d-1))
		}
		slices.Sort(l)
		return "map" + strings.Join(l, " ")
	case reflect.Struct:
		s := v.Type().Name() + "{"
		if v.Type() == reflect.TypeFor[time.Time]() {
			if v.CanInterface() {
				return v.Interface().(time.Time).Format(time.RFC3339Nano)
			}
			return "time"
		}
		for i := range v.NumField() {
			s += repr(v.Field(i), d-1) + ","
		}
		return s + "}"
	case reflect.String:
		return strconv.QuoteToASCII(v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return fmt.Sprint(v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return fmt.Sprint(v.Uint())
	case reflect.Float32, reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'x', -1, 64)
	case reflect.Bool:
		return fmt.Sprint(v.Bool())
	}
	return v.Kind().String()
}
