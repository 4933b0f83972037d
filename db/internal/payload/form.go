package payload

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
	"time"
)

type kind int

const (
	unusable   kind = iota
	plain           // one value
	pointer         // or an interface
	list            // an array
	dictionary      // an object, from a map
	object          // an object, from a struct
)

// A form says how the values of a type are written as JSON.
type form struct {
	kind   kind
	valuer bool    // for plain: the method Value returns the stored value
	fields []field // for object
	err    error   // for unusable
}

// forms caches forms by type.
var forms sync.Map

func formOf(t reflect.Type) *form {
	if known, ok := forms.Load(t); ok {
		return known.(*form)
	}
	known, _ := forms.LoadOrStore(t, newForm(t))
	return known.(*form)
}

var (
	valuerType  = reflect.TypeFor[driver.Valuer]()
	timeType    = reflect.TypeFor[time.Time]()
	rawJSONType = reflect.TypeFor[json.RawMessage]()
)

func newForm(t reflect.Type) *form {
	refuse := func(format string, args ...any) *form {
		return &form{err: fmt.Errorf(format, args...)}
	}
	switch {
	case t == rawJSONType:
		return refuse("a json.RawMessage would be stored as a blob; use dbtype.JSON")
	case t.Kind() == reflect.Interface:
		return &form{kind: pointer}
	case t.Implements(valuerType):
		return &form{kind: plain, valuer: true}
	case t == timeType:
		return &form{kind: plain}
	case reflect.PointerTo(t).Implements(valuerType):
		return refuse("the method Value of %v has a pointer receiver; use *%v", t, t)
	}
	switch t.Kind() {
	case reflect.Pointer:
		return &form{kind: pointer}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return &form{kind: plain}
		}
		return &form{kind: list}
	case reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return refuse("a %v can't be stored; use a []byte, or a type with a method Value", t)
		}
		return &form{kind: list}
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			return refuse("the keys of a %v aren't strings", t)
		}
		return &form{kind: dictionary}
	case reflect.Struct:
		fields, err := fieldsOf(t)
		if err != nil {
			return &form{err: err}
		}
		return &form{kind: object, fields: fields}
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return &form{kind: plain}
	default:
		return refuse("a %v can't be stored", t)
	}
}
