// Package storedjson writes Go values as the JSON that is stored, and reads it.
//
// It is encoding/json as it is since Go 1.27, where that is a layer over encoding/json/v2,
// whichever Go a program is built with: before 1.27 the module
// github.com/go-json-experiment/json has the code, and since then its packages are the
// standard library's own. What these do otherwise for types of their own, package
// storedjson mends.
//
// Two rules are stricter than encoding/json's, in reading and in writing, as a value would
// change without a word: text that isn't Unicode is an error, and so is a name that an
// object has twice, of which SQLite takes the first and encoding/json the last.
package storedjson

import (
	"bytes"
	"errors"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"
)

var (
	options = jsonv2.JoinOptions(
		jsonv1.DefaultOptionsV1(),
		jsontext.AllowInvalidUTF8(false),
		jsontext.AllowDuplicateNames(false),
		ownTypes,
	)
	plain   = jsonv2.JoinOptions(options, jsontext.EscapeForHTML(false))
	escaped = jsonv2.JoinOptions(options, jsontext.EscapeForHTML(true))
	syntax  = jsonv2.JoinOptions(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
)

// Marshal returns v as compact JSON, with <, > and & as they are, or escaped.
func Marshal(v any, escapeHTML bool) ([]byte, error) {
	opts := plain
	if escapeHTML {
		opts = escaped
	}
	text, err := jsonv2.Marshal(v, opts)
	if _, ok := errors.AsType[*jsonv1.SyntaxError](err); ok {
		// The errors of version 2 say where in v it is.
		if _, where := jsonv2.Marshal(v, opts, jsonv1.ReportErrorsWithLegacySemantics(false)); where != nil {
			err = where
		}
	}
	return text, standardError(err)
}

// Unmarshal reads data, which must be one JSON value, into what v points to.
func Unmarshal(data []byte, v any) error {
	err := jsonv2.Unmarshal(data, v, options)
	if err == nil {
		return nil
	}
	if _, where := jsontext.NewDecoder(bytes.NewReader(data)).ReadValue(); where != nil {
		return where
	}
	return standardError(err)
}

// Valid reports whether data is one JSON value by its syntax alone: Unmarshal may refuse it.
func Valid(data []byte) bool {
	return jsontext.Value(data).IsValid(syntax)
}
