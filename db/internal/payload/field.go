package payload

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// A field is a field of a struct or of an embedded struct.
type field struct {
	name  string
	key   []byte // name as JSON, with its colon
	index []int
}

// fieldsOf returns the exported fields of a struct by their names in encoding/json, including
// the fields of embedded structs. As in Go, a field hides deeper fields with the same name.
func fieldsOf(t reflect.Type) ([]field, error) {
	all := allFields(nil, t, nil, nil)
	depths := map[string]int{}
	for _, f := range all {
		if least, ok := depths[f.name]; !ok || len(f.index) < least {
			depths[f.name] = len(f.index)
		}
	}
	var fields []field
	for _, f := range all {
		if len(f.index) > depths[f.name] {
			continue
		}
		if slices.ContainsFunc(fields, func(other field) bool { return other.name == f.name }) {
			return nil, fmt.Errorf("%v has two fields named %q", t, f.name)
		}
		key, err := appendString(nil, f.name)
		if err != nil {
			return nil, fmt.Errorf("%v has a field whose name isn't UTF-8", t)
		}
		f.key = append(key, ':')
		fields = append(fields, f)
	}
	if len(fields) == 0 {
		return nil, fmt.Errorf("a %v has no field that can be stored", t)
	}
	return fields, nil
}

// allFields appends the fields of t, which is embedded at index. within lists the structs in
// which t is embedded.
func allFields(fields []field, t reflect.Type, index []int, within []reflect.Type) []field {
	if slices.Contains(within, t) {
		return fields // a struct embedded in itself
	}
	within = append(within, t)
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		at := append(slices.Clone(index), i)
		switch {
		case f.Tag.Get("json") == "-":
		case f.Anonymous && name == "" && isObject(pointee(f.Type)):
			fields = allFields(fields, pointee(f.Type), at, within)
		case f.IsExported():
			if name == "" {
				name = f.Name
			}
			fields = append(fields, field{name: name, index: at})
		}
	}
	return fields
}

func pointee(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// isObject reports whether a type is stored as a JSON object of its fields.
func isObject(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t != timeType && !t.Implements(valuerType) && !reflect.PointerTo(t).Implements(valuerType)
}
