package storedjson

import (
	"encoding"
	"encoding/json"
	"errors"
	"reflect"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

var texts = jsonv2.MarshalToFunc(writeText)

// writeText writes a text as encoding/json did before Go 1.27. Version 2 differs in two ways.
// It prefers AppendText to MarshalText, and so may call the AppendText of an embedded type,
// such as time.Time. Go 1.27.1 also calls either method for a name whose kind is string.
func writeText(to *jsontext.Encoder, v encoding.TextMarshaler) error {
	name := isName(to.StackIndex(to.StackDepth()))
	if !name && !appends(v) {
		return errors.ErrUnsupported
	}
	value := reflect.Indirect(reflect.ValueOf(v))
	if name && value.Kind() == reflect.String {
		return to.WriteToken(jsontext.String(value.String()))
	}
	// A method with a pointer receiver isn't called for values that aren't addressable.
	if !value.Type().Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
		return errors.ErrUnsupported
	}
	text, err := v.MarshalText()
	if err != nil {
		return err
	}
	return to.WriteToken(jsontext.String(string(text)))
}

// appends reports whether version 2 calls AppendText for v.
func appends(v any) bool {
	_, text := v.(encoding.TextAppender)
	_, json := v.(json.Marshaler)
	_, jsonTo := v.(jsonv2.MarshalerTo)
	return text && !json && !jsonTo
}

// isName reports whether the next token is the name of an object member.
func isName(kind jsontext.Kind, index int64) bool {
	return kind == '{' && index%2 == 0
}
