package wire

import (
	"bytes"
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

// value reads the kind and the place of a value. [Value.decode] decodes it.
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
func ReadRow(dest []driver.Value, values []Value, data []byte) error {
	for i := range min(len(dest), len(values)) {
		v, err := values[i].decode(data)
		if err != nil {
			return err
		}
		dest[i] = v.Copy()
	}
	return nil
}

// AppendRow decodes values, as ReadRow does, and appends them to row. Their bytes may belong to data.
func AppendRow(row []engine.Value, values []Value, data []byte) ([]engine.Value, error) {
	for _, value := range values {
		v, err := value.decode(data)
		if err != nil {
			return row, err
		}
		row = append(row, v)
	}
	return row, nil
}

// decode decodes the value. Its bytes may belong to data.
func (v Value) decode(data []byte) (engine.Value, error) {
	bits := uint64(v.text.end)<<32 | uint64(v.text.start)
	switch v.kind {
	case kindInt64:
		return engine.IntegerValue(int64(bits)), nil
	case kindFloat64:
		return finite(math.Float64frombits(bits))
	}
	text := data[v.text.start:v.text.end]
	switch v.kind {
	case kindRawText:
		return engine.TextValue(text), nil
	case kindRawBlob:
		return engine.BlobValue(text), nil
	case kindNull:
		return engine.Value{}, nil
	case kindInteger:
		n, err := strconv.ParseInt(string(text), 10, 64)
		if err != nil {
			return engine.Value{}, ErrSyntax
		}
		return engine.IntegerValue(n), nil
	case kindFloat:
		f, err := strconv.ParseFloat(string(text), 64)
		if err != nil {
			return engine.Value{}, ErrSyntax
		}
		return engine.RealValue(f), nil
	case kindInfinite:
		return engine.Value{}, errInfinite()
	case kindText:
		plain, err := unquote(text, v.text.escaped)
		return engine.TextValue(plain), err
	default:
		blob, err := v.decodeBlob(text)
		return engine.BlobValue(blob), err
	}
}

// errInfinite returns the error of an infinite value. It is an error in protobuf as well, which could
// hold it: the encoding that a server has must make no difference.
func errInfinite() *engine.Error {
	return &engine.Error{Message: "a value of the result is an infinite float, which a server can't send in JSON", Err: engine.ErrUnsendable}
}

// finite returns f, or an error. SQLite has no NaN.
func finite(f float64) (engine.Value, error) {
	switch {
	case math.IsInf(f, 0):
		return engine.Value{}, errInfinite()
	case math.IsNaN(f):
		return engine.Value{}, ErrSyntax
	}
	return engine.RealValue(f), nil
}

// decodeBlob decodes base64 with or without padding.
func (v Value) decodeBlob(text []byte) ([]byte, error) {
	text, err := unquote(text, v.text.escaped) // a slash may be escaped
	if err != nil {
		return nil, err
	}
	text = bytes.TrimRight(text, "=")
	blob := make([]byte, 0, base64.RawStdEncoding.DecodedLen(len(text)))
	if blob, err = base64.RawStdEncoding.AppendDecode(blob, text); err != nil {
		return nil, ErrSyntax
	}
	return blob, nil
}
