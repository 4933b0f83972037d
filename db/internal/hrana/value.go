package hrana

import (
	"database/sql/driver"
	"encoding/base64"
	"strconv"

	"github.com/duolite/duolite/db/internal/engine"
)

// A value is where a value is in the reply.
type value struct {
	text span
	kind byte // one of the kind… constants
}

const (
	kindNone byte = iota
	kindNull
	kindInteger
	kindFloat
	kindInfinite
	kindText
	kindBlob
)

// value reads where a value is. What is in it is looked at by [value.read].
func (s *scanner) value() (value, error) {
	if v, ok := s.plainValue(); ok {
		return v, nil
	}
	var kind byte
	var text value // the field that isn't the type: its kind tells how it is written
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
		return value{}, err
	}
	switch {
	case kind == kindNull,
		kind == kindInteger && text.kind == kindText,
		kind == kindFloat && text.kind == kindFloat,
		kind == kindText && text.kind == kindText,
		kind == kindBlob && text.kind == kindText:
		return value{text.text, kind}, nil
	case kind == kindFloat && text.kind == kindNull:
		// JSON has no infinity: what the server's library writes for it is null.
		return value{text.text, kindInfinite}, nil
	default:
		return value{}, errSyntax
	}
}

// plainValue reads a value that is written in the way of all servers, with its type first:
// most of a large reply is such. Of another it reads nothing.
func (s *scanner) plainValue() (v value, ok bool) {
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
		return value{}, false
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
func (s *scanner) scalar() (v value, err error) {
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

// read returns the value.
func (v value) read(data []byte) (driver.Value, error) {
	text := data[v.text.start:v.text.end]
	switch v.kind {
	case kindNull:
		return nil, nil
	case kindInteger:
		n, err := strconv.ParseInt(string(text), 10, 64)
		if err != nil {
			return nil, notServer(errSyntax)
		}
		return n, nil
	case kindFloat:
		f, err := strconv.ParseFloat(string(text), 64)
		if err != nil {
			return nil, notServer(errSyntax)
		}
		return f, nil
	case kindInfinite:
		return nil, &engine.Error{Message: "a value of the result is an infinite float, which a server can't send"}
	case kindText:
		s, err := unquote(text, v.text.escaped)
		if err != nil {
			return nil, notServer(err)
		}
		return s, nil
	default:
		return v.readBlob(text)
	}
}

// readBlob reads base64, with padding or without.
func (v value) readBlob(text []byte) (driver.Value, error) {
	if v.text.escaped { // a slash may be
		s, err := unquote(text, true)
		if err != nil {
			return nil, notServer(err)
		}
		text = []byte(s)
	}
	for len(text) > 0 && text[len(text)-1] == '=' {
		text = text[:len(text)-1]
	}
	blob := make([]byte, 0, base64.RawStdEncoding.DecodedLen(len(text)))
	blob, err := base64.RawStdEncoding.AppendDecode(blob, text)
	if err != nil {
		return nil, notServer(errSyntax)
	}
	return blob, nil
}
