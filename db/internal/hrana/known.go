package hrana

import "github.com/duolite/duolite/db/internal/engine"

const (
	// maxKnown bounds how many lists of columns a connection keeps.
	maxKnown = 128
	// maxKnownText bounds, in bytes, how long each may be.
	maxKnownText = 8 << 10
)

// knownColumns are columns by the text that a reply tells them in. A statement has the
// same ones each time, so they are made once; nobody changes them. A nil map knows none
// and keeps none.
type knownColumns map[string][]engine.Column

// columns reads the columns of a statement.
func (s *scanner) columns() ([]engine.Column, error) {
	if s.known == nil {
		return s.newColumns()
	}
	start := *s
	if err := s.skip(); err != nil {
		return nil, err
	}
	text := s.data[start.pos:s.pos]
	if found, ok := s.known[string(text)]; ok {
		return found, nil
	}
	*s = start
	columns, err := s.newColumns()
	if err == nil && len(text) <= maxKnownText {
		s.known.keep(string(text), columns)
	}
	return columns, err
}

func (k knownColumns) keep(text string, columns []engine.Column) {
	if len(k) >= maxKnown {
		for other := range k { // whichever comes first
			delete(k, other)
			break
		}
	}
	k[text] = columns
}
