package wire

import (
	"database/sql/driver"
	"encoding/base64"
	"math"
	"strconv"

	"github.com/duolite/duolite/db/internal/engine"
)

// A Value is the place of a value in the data of a reply.
type Value struct {
	text span // or the 64 bits of kindInt64 and kindFloat64, the lower ones first
	kind byte // a kind… constant
}

const (
	kindNone byte = iota
	kindNull
	kindInteger
	kindFloat
	kindInfinite
	kindText
	kindBlob
	// Of protobuf. A kindRaw… is in the data as it is.
	kindInt64
	kindFloat64
	kindRawText
	kindRawBlob
)

// inline reports whether the value is in the span itself.
func (v Value) inline() bool { return v.kind == kindInt64 || v.kind == kindFloat64 }

// value reads the kind and the place of a value. [Value.read] decodes it.
func (s *scanner) value() (Value, error) {
	if v, ok := s.plainValue(); ok {
		return v, nil
	}
	var kind byte
	var text Value // the field "value" or "base64"; its kind is its JSON type
	err := s.object(func(key []byte) (err error) {
		switch string(key) {
		case "type":
			var name span
			name, err = s.text()
			kind = kindOfName(s.data[name.start:name.end])
		case "value", "base64":
			text, err = s.scalar()
		default:
			err = s.skip()
		}
		return err
	})
	if err != nil {
		return Value{}, err
	}
	switch {
	case kind == kindNull,
		kind == kindInteger && text.kind == kindText,
		kind == kindFloat && text.kind == kindFloat,
		kind == kindText && text.kind == kindText,
		kind == kindBlob && text.kind == kindText:
		return Value{text.text, kind}, nil
	case kind == kindFloat && text.kind == kindNull:
		// JSON has no infinity; the server's JSON library writes null for it.
		return Value{text.text, kindInfinite}, nil
	default:
		return Value{}, ErrSyntax
	}
}

// plainValue reads a value in the form that all known servers send: type first, no white space.
// It is faster than value. It consumes nothing if the value has another form.
func (s *scanner) plainValue() (v Value, ok bool) {
	start := s.pos
	var err error
	switch {
	case s.literal(`{"type":"integer","value":`):
		v.kind = kindInteger
		v.text, err = s.text()
	case s.literal(`{"type":"text","value":`):
		v.kind = kindText
		v.text, err = s.text()
	case s.literal(`{"type":"null"`):
		v.kind = kindNull
	case s.literal(`{"type":"float","value":`):
		v.kind = kindFloat
		v.text, err = s.number()
	default:
		return v, false
	}
	if err != nil || !s.take('}') {
		s.pos = start
		return Value{}, false
	}
	return v, true
}

func kindOfName(name []byte) byte {
	switch string(name) {
	case "null":
		return kindNull
	case "integer":
		return kindInteger
	case "float":
		return kindFloat
	case "text":
		return kindText
	case "blob":
		return kindBlob
	default:
		return kindNone
	}
}

// scalar reads a string, a number or null.
func (s *scanner) scalar() (v Value, err error) {
	switch {
	case s.peek() == '"':
		v.kind = kindText
		v.text, err = s.text()
	case s.literal("null"):
		v.kind = kindNull
	default:
		v.kind = kindFloat
		v.text, err = s.number()
	}
	return v, err
}

// ReadRow decodes values, whose places are in data, into dest. The shorter of dest and values
// bounds the count. It fails with [ErrSyntax], or an [*engine.Error] for an infinite float.
func ReadRow(dest []driver.Value, values []Value, data []byte) (err error) {
	for i := range min(len(dest), len(values)) {
		if dest[i], err = values[i].read(data); err != nil {
			return err
		}
	}
	return nil
}

// read decodes the value. Strings and blobs are copies.
func (v Value) read(data []byte) (driver.Value, error) {
	bits := uint64(v.text.end)<<32 | uint64(v.text.start)
	switch v.kind {
	case kindInt64:
		return int64(bits), nil
	case kindFloat64:
		return finite(math.Float64frombits(bits))
	}
	text := data[v.text.start:v.text.end]
	switch v.kind {
	case kindRawText:
		return string(text), nil
	case kindRawBlob:
		return append(make([]byte, 0, len(text)), text...), nil
	case kindNull:
		return nil, nil
	case kindInteger:
		n, err := strconv.ParseInt(string(text), 10, 64)
		if err != nil {
			return nil, ErrSyntax
		}
		return n, nil
	case kindFloat:
		f, err := strconv.ParseFloat(string(text), 64)
		if err != nil {
			return nil, ErrSyntax
		}
		return f, nil
	case kindInfinite:
		return nil, errInfinite()
	case kindText:
		s, err := unquote(text, v.text.escaped)
		if err != nil {
			return nil, err
		}
		return s, nil
	default:
		return v.readBlob(text)
	}
}

// errInfinite returns the error of an infinite value. It is an error in protobuf as well, which could
// hold it: the encoding that a server has must make no difference.
func errInfinite() *engine.Error {
	return &engine.Error{Message: "a value of the result is an infinite float, which a server can't send in JSON", Err: engine.ErrUnsendable}
}

// finite returns f, or an error. SQLite has no NaN.
func finite(f float64) (driver.Value, error) {
	switch {
	case math.IsInf(f, 0):
		return nil, errInfinite()
	case math.IsNaN(f):
		return nil, ErrSyntax
	}
	return f, nil
}

// readBlob decodes base64 with or without padding.
func (v Value) readBlob(text []byte) (driver.Value, error) {
	if v.text.escaped { // a slash may be escaped
		s, err := unquote(text, true)
		if err != nil {
			return nil, err
		}
		text = []byte(s)
	}
	for len(text) > 0 && text[len(text)-1] == '=' {
		text = text[:len(text)-1]
	}
	blob := make([]byte, 0, base64.RawStdEncoding.DecodedLen(len(text)))
	blob, err := base64.RawStdEncoding.AppendDecode(blob, text)
	if err != nil {
		return nil, ErrSyntax
	}
	return blob, nil
}
