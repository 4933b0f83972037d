package netscape

import (
	"errors"
	"fmt"
)

// A BookmarkError reports one bookmark which can't be used. It says nothing
// about the others: the Decoder or Encoder which returned it can go on.
type BookmarkError struct {
	Line    int    // line of the <A> tag; 0 if unknown, as when encoding
	URL     string // address of the bookmark, if it has one
	Problem string // the problem, on one line
}

// Error returns the problem on one line, after the line number and the URL
// where they are known.
func (e *BookmarkError) Error() string {
	s := e.Problem
	if e.URL != "" {
		s = fmt.Sprintf("%.200q: %s", e.URL, s)
	}
	if e.Line > 0 {
		s = fmt.Sprintf("line %d: %s", e.Line, s)
	}
	return s
}

// A SyntaxError reports that the file as a whole can't be read: it isn't a
// bookmark file, is cut short, or isn't UTF-8 text.
type SyntaxError struct {
	Line    int    // 1-based line where the problem was found
	Problem string // the problem, on one line
}

// Error returns the line number and the problem, on one line.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d: %s", e.Line, e.Problem)
}

// errClosed is returned by an Encoder which has been closed.
var errClosed = errors.New("netscape: Encode called after Close")
