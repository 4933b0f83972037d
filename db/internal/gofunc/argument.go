package gofunc

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/duolite/duolite/db/dbtype"
)

// An argument converts SQL's values to the type of a parameter.
type argument struct {
	t reflect.Type
	// null is the NULL of the type, or the zero Value if it has none.
	null reflect.Value
	// scans: the type has Scan, also for NULL.
	scans   bool
	convert func(driver.Value) (reflect.Value, error)
}

var (
	anyType     = reflect.TypeFor[any]()
	scannerType = reflect.TypeFor[sql.Scanner]()
	timeType    = reflect.TypeFor[time.Time]()

	nullTimeType    = reflect.TypeFor[sql.NullTime]()
	anyNullTimeType = reflect.TypeFor[sql.Null[time.Time]]()
)

// errType is the error of a value of another type.
var errType = errors.New("has another type")

// of returns the value for the parameter. It is the zero Value for a NULL that the type can't hold.
func (a *argument) of(v driver.Value) (reflect.Value, error) {
	if v == nil && !a.scans {
		return a.null, nil
	}
	value, err := a.convert(v)
	if err == errType {
		return value, fmt.Errorf("is %s, and the parameter is a %v; convert one of them, in SQL by CAST", typeOf(v), a.t)
	}
	return value, err
}

// newArgument returns the conversion to a type.
func newArgument(t reflect.Type) (argument, error) {
	a := argument{t: t}
	switch {
	case t == anyType:
		a.null = reflect.Zero(t)
		a.convert = func(v driver.Value) (reflect.Value, error) { return reflect.ValueOf(v), nil }
	case reflect.PointerTo(t).Implements(scannerType):
		a.scans = true
		a.convert = func(v driver.Value) (reflect.Value, error) {
			return scan(t, v)
		}
	case t == timeType:
		a.convert = toTime
	case t.Kind() == reflect.Pointer:
		inner, err := newArgument(t.Elem())
		if err != nil {
			return a, err
		}
		a.null = reflect.Zero(t)
		a.convert = func(v driver.Value) (reflect.Value, error) {
			value, err := inner.convert(v)
			if err != nil {
				return value, err
			}
			p := reflect.New(t.Elem())
			p.Elem().Set(value)
			return p, nil
		}
	default:
		if a.convert = plain(t); a.convert == nil {
			return a, fmt.Errorf("it has a parameter of type %v; want int64, float64, string, []byte, bool, time.Time, any, a type derived from one, a pointer to one, or a type with Scan", t)
		}
	}
	return a, nil
}

// scan returns the value that the Scan of a type makes.
func scan(t reflect.Type, v driver.Value) (reflect.Value, error) {
	from := any(v)
	if (t == nullTimeType || t == anyNullTimeType) && v != nil { // which take no text
		when, err := toTime(v)
		if err != nil {
			return when, err
		}
		from = when.Interface()
	}
	p := reflect.New(t)
	err := p.Interface().(sql.Scanner).Scan(from)
	switch {
	case err == nil:
		return p.Elem(), nil
	case t.PkgPath() == "database/sql": // whose errors show the value
		return reflect.Value{}, errType
	default:
		return reflect.Value{}, fmt.Errorf("can't be a %v: %w", t, err)
	}
}

func toTime(v driver.Value) (reflect.Value, error) {
	text, ok := v.(string)
	if !ok {
		return reflect.Value{}, errType
	}
	when, ok := dbtype.ParseTime(text)
	if !ok {
		return reflect.Value{}, errors.New("isn't a time")
	}
	return reflect.ValueOf(when), nil
}

// plain returns the conversion to a type of a plain kind, or nil.
func plain(t reflect.Type) func(driver.Value) (reflect.Value, error) {
	switch t { // a value that is in an interface needs no memory
	case reflect.TypeFor[int64]():
		return same[int64]
	case reflect.TypeFor[string]():
		return same[string]
	}
	switch kind := t.Kind(); {
	case reflect.Int <= kind && kind <= reflect.Uint64, kind == reflect.Float64, kind == reflect.Float32, kind == reflect.Bool, kind == reflect.String,
		kind == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return func(v driver.Value) (reflect.Value, error) {
			to := reflect.New(t).Elem()
			return to, set(to, v)
		}
	default:
		return nil
	}
}

func same[T any](v driver.Value) (reflect.Value, error) {
	if _, ok := v.(T); !ok {
		return reflect.Value{}, errType
	}
	return reflect.ValueOf(v), nil
}

// set sets a variable of a plain kind to a value.
func set(to reflect.Value, v driver.Value) error {
	outside := false
	switch v := v.(type) {
	case int64:
		switch {
		case to.CanInt():
			outside = to.OverflowInt(v)
			to.SetInt(v)
		case to.CanUint():
			outside = v < 0 || to.OverflowUint(uint64(v))
			to.SetUint(uint64(v))
		case to.CanFloat():
			to.SetFloat(float64(v))
		case to.Kind() == reflect.Bool:
			to.SetBool(v != 0)
		default:
			return errType
		}
	case float64:
		if !to.CanFloat() {
			return errType
		}
		outside = to.OverflowFloat(v)
		to.SetFloat(v)
	case string:
		switch to.Kind() {
		case reflect.String:
			to.SetString(v)
		case reflect.Slice:
			to.SetBytes([]byte(v))
		default:
			return errType
		}
	case []byte:
		if to.Kind() != reflect.Slice {
			return errType
		}
		to.SetBytes(v)
	}
	if outside {
		return fmt.Errorf("is outside the range of %v", to.Type())
	}
	return nil
}

// typeOf returns the name of a value's type in SQL.
func typeOf(v driver.Value) string {
	switch v.(type) {
	case int64:
		return "an INTEGER"
	case float64:
		return "a REAL"
	case string:
		return "a TEXT"
	case []byte:
		return "a BLOB"
	default:
		return "NULL"
	}
}
