package hrana

import (
	"errors"
	"unicode/utf16"
	"unicode/utf8"
)

// errSyntax is the error of text that isn't the JSON that was to come. It quotes
// nothing: replies hold the program's data.
var errSyntax = errors.New("its answer is not the JSON of the protocol")

// maxDepth bounds how deep unknown fields may be nested; replies need less than ten.
const maxDepth = 64

// A scanner reads JSON in one pass, without building a tree: most of a reply is rows,
// which are read when they are asked for.
type scanner struct {
	data  []byte
	pos   int
	depth int
	// known has columns of earlier replies; it may be nil.
	known *knownColumns
	// spare has memory for values; it may be nil.
	spare *spare
}

// A span is a part of the data: of a string, what is between the quotes. A large reply has
// one for each value, so it is small: nothing that is held is longer than maxHeld.
type span struct {
	start, end uint32
	escaped    bool
}

// peek returns the first byte of what comes next, or 0 at the end.
func (s *scanner) peek() byte {
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// take consumes c, and reports whether it came next.
func (s *scanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.pos++
	return true
}

// end checks that nothing follows.
func (s *scanner) end() error {
	s.peek()
	if s.pos != len(s.data) {
		return errSyntax
	}
	return nil
}

// object calls field for each field, which consumes its value. The key is as it is
// written: those of the protocol have no escapes.
func (s *scanner) object(field func(key []byte) error) error {
	if !s.take('{') {
		return errSyntax
	}
	if s.depth++; s.depth > maxDepth {
		return errSyntax
	}
	if s.take('}') {
		s.depth--
		return nil
	}
	for {
		key, err := s.text()
		if err != nil {
			return err
		}
		if !s.take(':') {
			return errSyntax
		}
		if err := field(s.data[key.start:key.end]); err != nil {
			return err
		}
		if s.take('}') {
			s.depth--
			return nil
		}
		if !s.take(',') {
			return errSyntax
		}
	}
}

// array calls element for each element, which consumes it.
func (s *scanner) array(element func() error) error {
	if !s.take('[') {
		return errSyntax
	}
	if s.depth++; s.depth > maxDepth {
		return errSyntax
	}
	if s.take(']') {
		s.depth--
		return nil
	}
	for {
		if err := element(); err != nil {
			return err
		}
		if s.take(']') {
			s.depth--
			return nil
		}
		if !s.take(',') {
			return errSyntax
		}
	}
}

// text consumes a string.
func (s *scanner) text() (span, error) {
	if !s.take('"') {
		return span{}, errSyntax
	}
	found := span{start: uint32(s.pos)}
	for i := s.pos; i < len(s.data); i++ {
		switch c := s.data[i]; {
		case c == '"':
			s.pos, found.end = i+1, uint32(i)
			return found, nil
		case c == '\\':
			found.escaped = true
			i++ // whatever it is, it doesn't end the string
		case c < ' ':
			return span{}, errSyntax
		}
	}
	return span{}, errSyntax
}

// number consumes a number. What makes one is left to strconv.
func (s *scanner) number() (span, error) {
	if c := s.peek(); c != '-' && (c < '0' || c > '9') {
		return span{}, errSyntax
	}
	start := s.pos
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; {
		case '0' <= c && c <= '9', c == '-', c == '+', c == '.', c == 'e', c == 'E':
			s.pos++
		default:
			return span{start: uint32(start), end: uint32(s.pos)}, nil
		}
	}
	return span{start: uint32(start), end: uint32(s.pos)}, nil
}

// literal consumes true, false or null, and reports whether it came next.
func (s *scanner) literal(word string) bool {
	s.peek()
	if end := s.pos + len(word); end <= len(s.data) && string(s.data[s.pos:end]) == word {
		s.pos = end
		return true
	}
	return false
}

// skip consumes any value: a peer must ignore fields that it doesn't know.
func (s *scanner) skip() error {
	switch c := s.peek(); {
	case c == '{':
		return s.object(func([]byte) error { return s.skip() })
	case c == '[':
		return s.array(s.skip)
	case c == '"':
		_, err := s.text()
		return err
	case s.literal("null"), s.literal("true"), s.literal("false"):
		return nil
	default:
		_, err := s.number()
		return err
	}
}

// string returns the string of a span.
func (s *scanner) string(found span) (string, error) {
	return unquote(s.data[found.start:found.end], found.escaped)
}

// unquote returns the string that is written as text.
func unquote(text []byte, escaped bool) (string, error) {
	if !escaped {
		return string(text), nil
	}
	plain := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		if text[i] != '\\' {
			plain = append(plain, text[i])
			i++
			continue
		}
		r, size := unescape(text[i:])
		if size == 0 {
			return "", errSyntax
		}
		plain = utf8.AppendRune(plain, r)
		i += size
	}
	return string(plain), nil
}

// unescape reads the escape that text begins with. Its size is 0 if it is none.
func unescape(text []byte) (r rune, size int) {
	if len(text) < 2 {
		return 0, 0
	}
	switch c := text[1]; c {
	case '"', '\\', '/':
		return rune(c), 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	}
	first, ok := codeUnit(text)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(first) {
		return first, 6
	}
	if second, ok := codeUnit(text[6:]); ok {
		if r := utf16.DecodeRune(first, second); r != utf8.RuneError {
			return r, 12
		}
	}
	return utf8.RuneError, 6
}

// codeUnit reads a \u and its four digits.
func codeUnit(text []byte) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range text[2:6] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
