package dbtype

import (
	"database/sql/driver"
	"fmt"
	"reflect"
	"unicode/utf8"

	"github.com/duolite/duolite/db/internal/storedjson"
)

// Of is a JSON value that is decoded into a T, for example a column of settings into a struct
// Settings. It is stored as TEXT in the compact form of encoding/json, so that SQLite's JSON
// functions and operators accept it.
//
// The rules of encoding/json for T decide about the stored JSON: unknown fields of an object
// are dropped, and each number in an any is a float64. Two rules are stricter, in writing and
// in reading. Text that isn't Unicode is an error, where encoding/json replaces it by U+FFFD:
// a string that isn't UTF-8, or \ud800 without its other half. A name that occurs twice in an
// object is an error: SQLite takes the first one, and encoding/json the last. Use [JSON] to
// keep a value unchanged.
//
// The rules are the ones of encoding/json since Go 1.27, also in a program that is built with
// Go 1.26. A map whose keys can't be names is an error only if it has keys. The struct tags of
// encoding/json/v2 apply, except for format, which is an error. Two things follow the Go of the
// build: the result of json.Marshal in T's own MarshalJSON, and a struct that embeds a
// json.Number, which is a number since Go 1.27.
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
	text, err := storedjson.Marshal(&o.V, false)
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
	if err := storedjson.Unmarshal(text, &v); err != nil {
		if !storedjson.Valid(text) {
			return notJSON(text)
		}
		return fmt.Errorf("can't read JSON as %v: %w", reflect.TypeFor[T](), err)
	}
	o.V = v
	return nil
}

// MarshalJSON implements [json.Marshaler].
func (o Of[T]) MarshalJSON() ([]byte, error) {
	return storedjson.Marshal(&o.V, true)
}

// UnmarshalJSON implements [json.Unmarshaler]. As for T, fields that are missing in data are
// unchanged.
func (o *Of[T]) UnmarshalJSON(data []byte) error {
	return storedjson.Unmarshal(data, &o.V)
}
