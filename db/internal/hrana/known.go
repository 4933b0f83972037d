package hrana

import (
	"bytes"

	"github.com/duolite/duolite/db/internal/engine"
)

const (
	// maxKnown bounds how many lists of columns a connection keeps.
	maxKnown = 128
	// maxKnownText bounds, in bytes, how long each may be.
	maxKnownText = 8 << 10
)

// knownColumns are columns by the text that a reply tells them in. A statement has the
// same ones each time, so they are made once; nobody changes them.
type knownColumns struct {
	byText map[string]*toldColumns
	// last are the last ones, which are often the next: then nobody has to look for
	// their end.
	last *toldColumns
}

type toldColumns struct {
	text    string
	columns []engine.Column
}

func newKnownColumns() *knownColumns {
	return &knownColumns{make(map[string]*toldColumns), &toldColumns{}}
}

// columns reads the columns of a statement.
func (s *scanner) columns() ([]engine.Column, error) {
	known := s.known
	if known == nil {
		return s.newColumns()
	}
	// What begins with all of an array is that array.
	if n := len(known.last.text); n > 0 && n <= len(s.data)-s.pos && string(s.data[s.pos:s.pos+n]) == known.last.text {
		s.pos += n
		return known.last.columns, nil
	}
	start := *s
	if err := s.skip(); err != nil {
		return nil, err
	}
	text := bytes.TrimLeft(s.data[start.pos:s.pos], " \t\r\n")
	if found, ok := known.byText[string(text)]; ok {
		known.last = found
		return found.columns, nil
	}
	*s = start
	columns, err := s.newColumns()
	if err == nil && len(columns) > 0 && len(text) <= maxKnownText {
		known.keep(&toldColumns{string(text), columns})
	}
	return columns, err
}

func (k *knownColumns) keep(c *toldColumns) {
	if len(k.byText) >= maxKnown {
		for other := range k.byText { // whichever comes first
			delete(k.byText, other)
			break
		}
	}
	k.byText[c.text] = c
	k.last = c
}
