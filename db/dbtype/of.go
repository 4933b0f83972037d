package dbtype

import (
	"database/sql/driver"
	"fmt"
	"reflect"
	"unicode/utf8"

	"github.com/duolite/duolite/db/internal/jsonv1"
)

// Of is a JSON value that is decoded into a T, for example a column of settings into a struct
// Settings. It is stored as TEXT in the compact form of encoding/json, so that SQLite's JSON
// functions and operators accept it.
//
// The rules of encoding/json for T decide about the stored JSON: unknown fields of an object
// are dropped, invalid UTF-8 in strings is replaced, and each number in an any is a float64.
// Use [JSON] to keep a value unchanged.
//
// The rules of Go 1.26 apply with every version of Go, so that a new version doesn't
// change the stored JSON. Struct tags and methods of encoding/json/v2, such as format, inline
// and MarshalJSONTo, have no effect. A method MarshalJSON of T is called.
//
// NULL differs from JSON's null. Use *Of[T] for a column that may be NULL. A nil pointer, map
// or slice is stored as JSON's null, which any T reads as its zero value.
//
// Of can be marshaled to text and to JSON if T can; it is then encoded as its T.
type Of[T any] struct {
	V T
}

// Value implements [driver.Valuer]. It fails for values that encoding/json can't marshal, such
// as a channel or NaN.
func (o Of[T]) Value() (driver.Value, error) {
	text, err := o.MarshalText()
	if err != nil {
		return nil, err
	}
	return string(text), nil
}

// Scan implements [sql.Scanner]. It accepts the values of [JSON.Scan] that can be decoded into
// a T, but not NULL. If Scan fails, V is unchanged; otherwise V is replaced completely.
func (o *Of[T]) Scan(src any) error {
	if src == nil {
		return fmt.Errorf("NULL isn't a %T; scan into %T", *o, o)
	}
	text, err := scannedJSON(src)
	if err != nil {
		return err
	}
	return o.UnmarshalText(text)
}

// MarshalText implements [encoding.TextMarshaler]. It returns the JSON that Value stores,
// without escaping <, > and &.
func (o Of[T]) MarshalText() ([]byte, error) {
	// A pointer, since MarshalJSON may be a method of *T.
	text, err := jsonv1.Marshal(&o.V, false)
	if err != nil {
		return nil, fmt.Errorf("can't write %v as JSON: %w", reflect.TypeFor[T](), err)
	}
	return text, nil
}

// UnmarshalText implements [encoding.TextUnmarshaler]. It works as Scan.
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

// UnmarshalJSON implements [json.Unmarshaler]. As for T, fields that are missing in data are
// unchanged.
func (o *Of[T]) UnmarshalJSON(data []byte) error {
	return jsonv1.Unmarshal(data, &o.V)
}
