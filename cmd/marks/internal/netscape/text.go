package netscape

import (
	"io"
	"unicode/utf8"
)

// A textReader reads UTF-8 text and ends with a *SyntaxError at the first
// invalid byte. The tokenizer doesn't check this: it passes invalid bytes
// through.
//
// The bytes of a character cut in two by the end of a read are returned before
// it is known to be valid. This is harmless, as a Decoder uses no text before
// it has read the markup which ends it.
type textReader struct {
	r    io.Reader
	line int               // line of the next byte
	part []byte            // start of a character cut in two
	buf  [utf8.UTFMax]byte // backs part
	err  error
}

func newTextReader(r io.Reader) *textReader {
	t := &textReader{r: r, line: 1}
	t.part = t.buf[:0]
	return t
}

// Read implements io.Reader.
func (t *textReader) Read(p []byte) (int, error) {
	if t.err != nil {
		return 0, t.err
	}
	n, err := t.r.Read(p)
	for i, c := range p[:n] {
		if problem := t.check(c); problem != "" {
			t.err = &SyntaxError{Line: t.line, Problem: problem}
			return i, t.err
		}
	}
	if err == io.EOF && len(t.part) > 0 {
		err = &SyntaxError{Line: t.line, Problem: invalidUTF8}
	}
	t.err = err
	return n, err
}

const (
	invalidUTF8 = "invalid UTF-8"
	nulByte     = "a NUL byte: this is not a text file"
)

// check takes the next byte and returns a problem if the byte is invalid, or "".
func (t *textReader) check(c byte) (problem string) {
	if c < utf8.RuneSelf && len(t.part) == 0 {
		switch c {
		case '\n':
			t.line++
		case 0:
			return nulByte
		}
		return ""
	}
	t.part = append(t.part, c)
	if !utf8.FullRune(t.part) {
		return ""
	}
	if r, size := utf8.DecodeRune(t.part); r == utf8.RuneError && size <= 1 {
		return invalidUTF8
	}
	t.part = t.part[:0]
	return ""
}
