package netscape

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"
)

const (
	header = `<!DOCTYPE NETSCAPE-Bookmark-file-1>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
<TITLE>Bookmarks</TITLE>
<H1>Bookmarks</H1>
<DL><p>
`
	footer = "</DL><p>\n"
)

// An Encoder writes a bookmark file.
//
// A Decoder reads back the same bookmarks in the same order. Three things are
// lost: the white space which the package documentation says is dropped,
// fractions of seconds, and folders. The bookmarks are written as one flat list.
// Callers turn folders into tags when they read a file. If the folders were
// written too, importing an export again would add tags.
type Encoder struct {
	w       *bufio.Writer
	started bool
	err     error // returned by all further calls of Encode
}

// NewEncoder returns an Encoder which writes to w.
func NewEncoder(w io.Writer) *Encoder {
	return &Encoder{w: bufio.NewWriter(w)}
}

// Encode writes one bookmark, after the header of the file if it is the first.
//
// The error is a [*BookmarkError] if the format can't hold the bookmark: if it
// has no URL, a "place:" URL, a comma in a tag, a date before 1970 or after
// 9999, or text which isn't UTF-8, has a NUL byte or is longer than a Decoder
// accepts. Nothing is written then and the Encoder can go on. Any other error
// is final: the underlying writer failed, or Encode was called after Close.
func (e *Encoder) Encode(b Bookmark) error {
	if e.err != nil {
		return e.err
	}
	item, problem := format(b)
	if problem != "" {
		return &BookmarkError{URL: b.URL, Problem: problem}
	}
	e.start()
	e.write(item)
	return e.err
}

// Close completes the file, which has a header even if it has no bookmarks. It
// doesn't close the underlying writer. Calling it again has no effect.
func (e *Encoder) Close() error {
	if e.err == errClosed {
		return nil
	}
	e.start()
	e.write(footer)
	if e.err != nil {
		return e.err
	}
	if e.err = e.w.Flush(); e.err != nil {
		return e.err
	}
	e.err = errClosed
	return nil
}

func (e *Encoder) start() {
	if !e.started {
		e.started = true
		e.write(header)
	}
}

// write writes s, unless an earlier write failed.
func (e *Encoder) write(s string) {
	if e.err == nil {
		_, e.err = e.w.WriteString(s)
	}
}

// format returns the markup of a bookmark, or a problem if the format can't hold it.
func format(b Bookmark) (item, problem string) {
	var s strings.Builder
	s.WriteString("    <DT><A")
	for _, f := range []func(*strings.Builder, Bookmark) string{writeURL, writeDates, writeTags} {
		if problem := f(&s, b); problem != "" {
			return "", problem
		}
	}
	fmt.Fprintf(&s, ">%s</A>\n", html.EscapeString(collapse(b.Title)))
	if notes := strings.TrimSpace(b.Notes); notes != "" {
		fmt.Fprintf(&s, "    <DD>%s\n", html.EscapeString(notes))
	}
	return s.String(), checkText(s.String())
}

func writeURL(s *strings.Builder, b Bookmark) (problem string) {
	url := cleanURL(b.URL)
	switch {
	case url == "":
		return "no URL"
	case isQuery(url):
		return "a saved search of Firefox, not a bookmark"
	}
	writeAttr(s, "HREF", url)
	return ""
}

func writeDates(s *strings.Builder, b Bookmark) (problem string) {
	dates := []struct {
		name string
		time time.Time
	}{
		{"ADD_DATE", b.Added},
		{"LAST_MODIFIED", b.Modified},
		{"LAST_VISIT", b.Visited},
	}
	for _, d := range dates {
		value, err := formatDate(d.time)
		if err != nil {
			return fmt.Sprintf("%s %v", d.name, err)
		}
		writeAttr(s, d.name, value)
	}
	return ""
}

func writeTags(s *strings.Builder, b Bookmark) (problem string) {
	var tags []string
	for _, tag := range b.Tags {
		if strings.Contains(tag, ",") {
			return fmt.Sprintf("the tag %.60q has a comma", tag)
		}
		if tag = collapse(tag); tag != "" {
			tags = append(tags, tag)
		}
	}
	writeAttr(s, "TAGS", strings.Join(tags, ","))
	return ""
}

// writeAttr writes an attribute, unless its value is empty.
func writeAttr(s *strings.Builder, name, value string) {
	if value != "" {
		fmt.Fprintf(s, ` %s="%s"`, name, html.EscapeString(value))
	}
}

// checkText returns the reason for which a Decoder would refuse a text, or "".
func checkText(s string) (problem string) {
	switch {
	case !utf8.ValidString(s):
		return invalidUTF8
	case strings.ContainsRune(s, 0):
		return "a NUL byte"
	case len(s) >= maxLength:
		return "too long"
	}
	return ""
}
