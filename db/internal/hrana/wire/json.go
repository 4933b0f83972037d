package wire

// maxDepth bounds the nesting of unknown fields. The protocol nests less than 10 deep.
const maxDepth = 64

// A scanner reads JSON in one pass and builds no tree. Most of a reply are rows, whose values are
// decoded when the program reads them.
type scanner struct {
	data  []byte
	pos   int
	depth int
	cache *ColumnCache // may be nil
}

// A span is a part of the data. The span of a string excludes the quotes. Its offsets are 32
// bits, since a large reply has a span for each value; callers bound replies below 4 GiB.
type span struct {
	start, end uint32
	escaped    bool
}

// peek skips white space and returns the next byte, or 0 at the end.
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

// take consumes c and reports true if c is the next byte.
func (s *scanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.pos++
	return true
}

// end checks that only white space is left.
func (s *scanner) end() error {
	s.peek()
	if s.pos != len(s.data) {
		return ErrSyntax
	}
	return nil
}

// object reads an object. It calls field for each field, and field consumes the value. The key is
// not unescaped, since the protocol's keys have no escapes.
func (s *scanner) object(field func(key []byte) error) error {
	return s.elements('{', '}', func() error {
		key, err := s.text()
		if err != nil {
			return err
		}
		if !s.take(':') {
			return ErrSyntax
		}
		return field(s.data[key.start:key.end])
	})
}

// array reads an array. It calls element, which consumes one element, for each of them.
func (s *scanner) array(element func() error) error { return s.elements('[', ']', element) }

func (s *scanner) elements(begin, end byte, element func() error) error {
	if !s.take(begin) {
		return ErrSyntax
	}
	if s.depth++; s.depth > maxDepth {
		return ErrSyntax
	}
	for first := true; !s.take(end); first = false {
		if !first && !s.take(',') {
			return ErrSyntax
		}
		if err := element(); err != nil {
			return err
		}
	}
	s.depth--
	return nil
}

// text consumes a string and checks only where it ends.
func (s *scanner) text() (span, error) {
	if !s.take('"') {
		return span{}, ErrSyntax
	}
	found := span{start: uint32(s.pos)}
	for i := s.pos; i < len(s.data); i++ {
		switch c := s.data[i]; {
		case c == '"':
			s.pos, found.end = i+1, uint32(i)
			return found, nil
		case c == '\\':
			found.escaped = true
			i++ // an escaped character doesn't end the string
		case c < ' ':
			return span{}, ErrSyntax
		}
	}
	return span{}, ErrSyntax
}

// number consumes the characters of a number. The caller parses them with strconv.
func (s *scanner) number() (span, error) {
	if c := s.peek(); c != '-' && (c < '0' || c > '9') {
		return span{}, ErrSyntax
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

// literal consumes word and reports true if word is next.
func (s *scanner) literal(word string) bool {
	s.peek()
	if end := s.pos + len(word); end <= len(s.data) && string(s.data[s.pos:end]) == word {
		s.pos = end
		return true
	}
	return false
}

// skip consumes any value. The protocol tells clients to ignore unknown fields.
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

// string returns the string in a span.
func (s *scanner) string(found span) (string, error) {
	plain, err := unquote(s.data[found.start:found.end], found.escaped)
	return string(plain), err
}
