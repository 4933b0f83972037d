//go:build !goexperiment.jsonv2

package storedjson

import (
	"encoding/json"
	"errors"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"
)

// Before Go 1.27 the module declares its own Number and error types, which differ from
// encoding/json's.

// ownTypes are the options that support encoding/json's Number.
var ownTypes = jsonv2.JoinOptions(
	jsonv2.WithMarshalers(jsonv2.JoinMarshalers(jsonv2.MarshalToFunc(writeNumber), texts)),
	jsonv2.WithUnmarshalers(jsonv2.UnmarshalFromFunc(readNumber)),
)

// writeNumber writes a number. A number that is the name of a member is written by default,
// since names are strings.
func writeNumber(to *jsontext.Encoder, n json.Number) error {
	if isName(to.StackIndex(to.StackDepth())) {
		return errors.ErrUnsupported // selects the default encoding
	}
	return jsonv1.Number(n).MarshalJSONTo(to)
}

func readNumber(from *jsontext.Decoder, n *json.Number) error {
	if isName(from.StackIndex(from.StackDepth())) {
		return errors.ErrUnsupported
	}
	own := jsonv1.Number(*n)
	err := own.UnmarshalJSONFrom(from)
	*n = json.Number(own)
	return err
}

// standardError converts err to the error type of encoding/json, so that errors.As finds it.
func standardError(err error) error {
	switch err := err.(type) {
	case *jsonv1.UnmarshalTypeError:
		return &json.UnmarshalTypeError{Value: err.Value, Type: err.Type, Offset: err.Offset, Struct: err.Struct, Field: err.Field}
	case *jsonv1.MarshalerError:
		return &json.MarshalerError{Type: err.Type, Err: standardError(err.Err)}
	case *jsonv1.UnsupportedTypeError:
		return &json.UnsupportedTypeError{Type: err.Type}
	case *jsonv1.UnsupportedValueError:
		return &json.UnsupportedValueError{Value: err.Value, Str: err.Str}
	case *jsonv1.InvalidUnmarshalError:
		return &json.InvalidUnmarshalError{Type: err.Type}
	}
	return err
}
