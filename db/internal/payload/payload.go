// Package payload writes rows as JSON for SQLite's json_each. A value that -> and ->> extract
// from the JSON equals the same value passed as an argument.
package payload

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/duolite/duolite/db/internal/contract"
	"github.com/duolite/duolite/db/internal/engine"
)

// maxDepth limits the nesting of rows. SQLite's JSON parser allows a depth of 1000, including
// the array of rows.
const maxDepth = 999

// Append appends a row to data. Its errors contain no value.
func Append(data []byte, row any) ([]byte, error) {
	return appendValue(data, reflect.ValueOf(row), 0)
}

func appendValue(data []byte, v reflect.Value, depth int) ([]byte, error) {
	if !v.IsValid() {
		return append(data, "null"...), nil
	}
	if depth > maxDepth {
		return data, fmt.Errorf("the value has more than %d levels", maxDepth)
	}
	switch form := formOf(v.Type()); form.kind {
	case unusable:
		return data, form.err
	case plain:
		return appendPlain(data, v, form.valuer)
	case pointer:
		return appendValue(data, v.Elem(), depth+1) // invalid if v is nil
	case list:
		return appendList(data, v, depth+1)
	case dictionary:
		return appendDictionary(data, v, depth+1)
	default:
		return appendObject(data, v, form.fields, depth+1)
	}
}

// appendPlain appends a value of a SQLite type. Strings, integers and booleans are written
// directly, with the same result as [contract.Storable].
func appendPlain(data []byte, v reflect.Value, valuer bool) ([]byte, error) {
	if !valuer {
		switch v.Kind() {
		case reflect.String:
			return appendString(data, v.String())
		case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
			return strconv.AppendInt(data, v.Int(), 10), nil
		case reflect.Bool:
			return strconv.AppendBool(data, v.Bool()), nil // SQLite reads these as 1 and 0
		}
	}
	stored, err := contract.Storable(v.Interface())
	if err != nil {
		return data, err
	}
	switch stored := stored.(type) {
	case string:
		return appendString(data, stored)
	case int64:
		return strconv.AppendInt(data, stored, 10), nil
	case float64:
		return appendFloat(data, stored), nil
	case []byte:
		// JSON has no bytes; unhex decodes these digits.
		return append(hex.AppendEncode(append(data, '"'), stored), '"'), nil
	default:
		return append(data, "null"...), nil
	}
}

// appendFloat appends a number that SQLite reads as exactly this REAL. SQLite 3.45 rounds the
// shortest text that identifies a number to its neighbor about once in 10,000 numbers, if the
// text is close to the middle of the two. It reads 17 digits correctly. With 18 digits it
// reads the largest numbers as infinite.
func appendFloat(data []byte, f float64) []byte {
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		return strconv.AppendFloat(data, f, 'f', 1, 64)
	}
	return strconv.AppendFloat(data, f, 'e', 16, 64)
}

// appendString appends a string as JSON. A zero byte, which ends a string in many functions of
// SQLite, is written as \u0000.
func appendString(data []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		_, err := contract.Storable(s)
		return data, err
	}
	return engine.AppendJSON(data, s), nil
}

func appendList(data []byte, v reflect.Value, depth int) (_ []byte, err error) {
	data = append(data, '[')
	for i := range v.Len() {
		if i > 0 {
			data = append(data, ',')
		}
		if data, err = appendValue(data, v.Index(i), depth); err != nil {
			return data, fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return append(data, ']'), nil
}

// appendDictionary appends a map with sorted keys, so that equal rows have equal text.
func appendDictionary(data []byte, v reflect.Value, depth int) (_ []byte, err error) {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	data = append(data, '{')
	for i, key := range keys {
		if i > 0 {
			data = append(data, ',')
		}
		if data, err = appendString(data, key.String()); err != nil {
			return data, errors.New("a key of the map isn't UTF-8")
		}
		data = append(data, ':')
		if data, err = appendValue(data, v.MapIndex(key), depth); err != nil {
			return data, fmt.Errorf("%s: %w", engine.OneLine(key.String()), err)
		}
	}
	return append(data, '}'), nil
}

func appendObject(data []byte, v reflect.Value, fields []field, depth int) ([]byte, error) {
	data = append(data, '{')
	for i, f := range fields {
		if i > 0 {
			data = append(data, ',')
		}
		data = append(data, f.key...)
		value, err := v.FieldByIndexErr(f.index)
		if err != nil {
			value = reflect.Value{} // in a nil embedded struct
		}
		if data, err = appendValue(data, value, depth); err != nil {
			return data, fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return append(data, '}'), nil
}
