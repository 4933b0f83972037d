// Package jsonv1 is encoding/json as it was up to Go 1.26, so that what is stored doesn't
// depend on the Go that a program was built with: since 1.27 encoding/json is a layer over
// encoding/json/v2, and writes some values in another form, reads some others, and reads
// more in struct tags.
//
// All other files are Go 1.26.8's, less what isn't used here, and are changed in nothing else:
// a fault in them is to be fixed, and kept when it is a stored form. LICENSE is theirs.
// Errors, [json.Number] and the interfaces are the standard library's own, so that a
// program that looks for them finds them.
package jsonv1

import "encoding/json"

type (
	Marshaler             = json.Marshaler
	Unmarshaler           = json.Unmarshaler
	Number                = json.Number
	MarshalerError        = json.MarshalerError
	UnsupportedTypeError  = json.UnsupportedTypeError
	UnsupportedValueError = json.UnsupportedValueError
	UnmarshalTypeError    = json.UnmarshalTypeError
	InvalidUnmarshalError = json.InvalidUnmarshalError
)

// Marshal returns v as compact JSON, with <, > and & as they are, or escaped.
func Marshal(v any, escapeHTML bool) ([]byte, error) {
	e := newEncodeState()
	defer encodeStatePool.Put(e)
	if err := e.marshal(v, encOpts{escapeHTML: escapeHTML}); err != nil {
		return nil, err
	}
	return append([]byte(nil), e.Bytes()...), nil
}

// Unmarshal reads data, which must be one JSON value, into what v points to.
func Unmarshal(data []byte, v any) error {
	var d decodeState
	if err := checkValid(data, &d.scan); err != nil {
		return err
	}
	d.init(data)
	return d.unmarshal(v)
}
