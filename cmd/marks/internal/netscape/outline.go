package netscape

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html"
)

const (
	notBookmarks = "not a bookmark file: it has no <!DOCTYPE NETSCAPE-Bookmark-file-1> and no list of bookmarks"
	tooLong      = "a tag or text is too long for a bookmark file"
)

// An outline records the elements that a Decoder has seen in the whole file. It
// tells whether the file is a bookmark file, and whether the file is complete.
type outline struct {
	known bool // the file is known to hold bookmarks
	list  bool // there was a <DL>
	loose bool // there was an item outside all <DL> elements, as Safari writes
	html  int  // line of the open <HTML>, 0 if none
	ended bool // there was an </HTML>
}

func (o *outline) setDoctype(s string) {
	const doctype = "netscape-bookmark-file-1"
	if strings.HasPrefix(strings.ToLower(s), doctype) {
		o.known = true
	}
}

func (o *outline) openHTML(line int) { o.html = line }

func (o *outline) closeHTML() { o.html, o.ended = 0, true }

// addItem records a folder or bookmark within the given number of folders.
func (o *outline) addItem(depth int) {
	if depth == 0 {
		o.loose = true
		return
	}
	o.known = true
}

// end is called when there are no more tokens. It sets d.err and returns the
// last entry, if it wasn't returned yet.
func (d *Decoder) end() *entry {
	err := d.z.Err()
	if errors.Is(err, html.ErrBufferExceeded) {
		err = &SyntaxError{d.line, tooLong}
	}
	if problem := d.missing(); err == io.EOF && problem != "" {
		err = &SyntaxError{d.line, problem}
	}
	d.err = err
	if err != io.EOF {
		return nil
	}
	return d.take()
}

// missing returns a problem if the file ends too early, or "".
func (d *Decoder) missing() string {
	const open = "the file is cut short: the %s of line %d is not closed"
	o := &d.outline
	switch {
	case !o.known:
		return notBookmarks
	case len(d.z.Raw()) > 0:
		return "the file is cut short: it ends inside a tag"
	case d.scope == inTitle:
		return fmt.Sprintf(open, "<A>", d.start)
	case d.scope == inFolder:
		return fmt.Sprintf(open, "<H3>", d.start)
	case len(d.folders) > 0:
		return fmt.Sprintf(open, "<DL>", d.folders[len(d.folders)-1].line)
	case o.html > 0 && o.loose:
		// Only the </HTML> ends loose items. In other files the last
		// </DL> ends them, and the </HTML> may be missing.
		return fmt.Sprintf(open, "<HTML>", o.html)
	case !o.list && !o.loose && !o.ended:
		return "the file is cut short: it ends before the list of bookmarks"
	}
	return ""
}
