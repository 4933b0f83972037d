package dbtype

import (
	"database/sql/driver"
	"fmt"
	"reflect"
	"unicode/utf8"

	"github.com/duolite/duolite/db/internal/jsonv1"
)

// Of is a JSON value decoded into a T: a column of settings is a Settings in Go. It is
// stored as TEXT, as compact as encoding/json writes it, so that SQLite's JSON functions
// and operators read it.
//
// T decides what is stored, by the rules of encoding/json: unknown fields of an object
// are dropped, strings that aren't UTF-8 are mended, and in an any each number is a
// float64. Where a value must come back as it was, whatever it is, take [JSON].
//
// The rules are those of Go 1.26, whichever Go a program is built with, so that a new one
// changes nothing that is stored: struct tags that only encoding/json/v2 knows, such as
// format and inline, and methods that only it calls, such as MarshalJSONTo, count for
// nothing. What a method MarshalJSON of T returns is its own business.
//
// NULL isn't JSON's null. Use *Of[T] for a column that may be NULL. JSON's null is
// what a nil pointer, map or slice is stored as; any T reads it as its zero value.
//
// Of can be marshalled to text and JSON where T can, and is then what T is.
type Of[T any] struct {
	V T
}

// Value implements [driver.Valuer]. It fails for what encoding/json can't marshal, such
// as a channel or NaN.
func (o Of[T]) Value() (driver.Value, error) {
	text, err := o.MarshalText()
	if err != nil {
		return nil, err
	}
	return string(text), nil
}

// Scan implements [sql.Scanner]. It reads what [JSON.Scan] does, if it fits into a T,
// but for NULL. When it fails V is as it was; otherwise nothing is left of what V was.
func (o *Of[T]) Scan(src any) error {
	if src == nil {
		return fmt.Errorf("NULL is no %T; scan into %T", *o, o)
	}
	text, err := scannedJSON(src)
	if err != nil {
		return err
	}
	return o.UnmarshalText(text)
}

// MarshalText implements [encoding.TextMarshaler]. The text is the JSON that Value
// stores, with <, > and & as they are.
func (o Of[T]) MarshalText() ([]byte, error) {
	// A pointer, as MarshalJSON may be a method of *T.
	text, err := jsonv1.Marshal(&o.V, false)
	if err != nil {
		return nil, fmt.Errorf("can't write %v as JSON: %w", reflect.TypeFor[T](), err)
	}
	return text, nil
}

// UnmarshalText implements [encoding.TextUnmarshaler], as Scan does.
func (o *Of[T]) UnmarshalText(text []byte) error {
	if !utf8.Valid(text) {
		return notJSON(text)
	}
	var v T
	if err := jsonv1.Unmarshal(text, &v); err != nil {
		if !jsonv1.Valid(text) {
			return notJSON(text)
		}
		return fmt.Errorf("can't read JSON as %v: %w", reflect.TypeFor[T](), err)
	}
	o.V = v
	return nil
}

// MarshalJSON implements [json.Marshaler].
func (o Of[T]) MarshalJSON() ([]byte, error) {
	return jsonv1.Marshal(&o.V, true)
}

// UnmarshalJSON implements [json.Unmarshaler]. As T itself would, it changes what data
// says and leaves the rest.
func (o *Of[T]) UnmarshalJSON(data []byte) error {
	return jsonv1.Unmarshal(data, &o.V)
}
