// Package storedjson converts Go values to JSON for storage in the database, and back.
//
// It behaves as encoding/json does since Go 1.27, with every version of Go. Since Go 1.27
// encoding/json is a layer over encoding/json/v2. Before Go 1.27 the code comes from the
// module github.com/go-json-experiment/json. Since then the module's packages are aliases of
// the standard library's. Package storedjson corrects the differences that the module has for
// its own types.
//
// Two rules are stricter than in encoding/json, for reading and for writing, because a value
// would change silently. Text that isn't Unicode is an error. A repeated name in an object
// is an error, because SQLite takes the first value and encoding/json the last.
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

// Marshal returns v as compact JSON. It escapes <, > and & if escapeHTML is true.
func Marshal(v any, escapeHTML bool) ([]byte, error) {
	opts := plain
	if escapeHTML {
		opts = escaped
	}
	text, err := jsonv2.Marshal(v, opts)
	if _, ok := errors.AsType[*jsonv1.SyntaxError](err); ok {
		// The errors of version 2 name the place of the error in v.
		if _, where := jsonv2.Marshal(v, opts, jsonv1.ReportErrorsWithLegacySemantics(false)); where != nil {
			err = where
		}
	}
	return text, standardError(err)
}

// Unmarshal parses data, which must be one JSON value, into the variable that v points to.
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

// Valid reports whether data is one JSON value. It checks the syntax alone, so Unmarshal may
// still refuse data.
func Valid(data []byte) bool {
	return jsontext.Value(data).IsValid(syntax)
}
