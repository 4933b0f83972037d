package netscape

import (
	"bytes"
	"io"
	"strings"

	"golang.org/x/net/html"
)

// maxLength limits, in bytes, each tag and text of a file and the names of the
// folders around a bookmark. The longest thing that browsers write is an icon
// in an ICON attribute, well below 1 MiB.
const maxLength = 4 << 20

// A Decoder reads bookmarks from a bookmark file.
type Decoder struct {
	z    *html.Tokenizer
	line int   // line of the current token
	next int   // line of the token after it
	err  error // io.EOF or a final error; Next returns it again

	folders path   // the open <DL> elements
	folder  string // name of the folder which the next <DL> opens
	entry   *entry // the bookmark being read, nil between bookmarks

	scope scope
	text  []byte // text of the element which scope names
	start int    // line where that element starts

	outline outline
}

// A scope is the element whose text the Decoder is collecting.
type scope int

const (
	nowhere scope = iota // text is ignored
	inFolder
	inTitle
	inNotes
)

// NewDecoder returns a Decoder which reads from r. It may read beyond the end
// of the bookmarks.
func NewDecoder(r io.Reader) *Decoder {
	z := html.NewTokenizer(newTextReader(r))
	z.SetMaxBuf(maxLength)
	return &Decoder{z: z, next: 1}
}

// Next returns the next bookmark of the file, or io.EOF after the last.
//
// If the error is a [*BookmarkError] the bookmark can't be used, but the next
// call of Next goes on with the one after it. Any other error is final, and
// further calls return it again. It is a [*SyntaxError] if the file can't be
// read as bookmarks, or else the error of the underlying reader.
//
// A file which is cut short is only known to be so at its end, when Next has
// returned the bookmarks before the cut. Callers which must not use half a file
// should keep the bookmarks until Next returns io.EOF.
func (d *Decoder) Next() (Bookmark, error) {
	for d.err == nil {
		if e := d.advance(); e != nil && !isQuery(e.URL) {
			return e.result()
		}
	}
	return Bookmark{}, d.err
}

// advance reads one token. It returns the entry which the token completes, if
// any.
func (d *Decoder) advance() *entry {
	token := d.z.Next()
	// The lines are counted first, as decoding a text overwrites its raw form.
	d.line = d.next
	d.next += bytes.Count(d.z.Raw(), []byte("\n"))

	switch token {
	case html.ErrorToken:
		return d.end()
	case html.DoctypeToken:
		d.outline.setDoctype(string(d.z.Text()))
	case html.TextToken:
		d.addText(d.z.Text())
	case html.StartTagToken, html.SelfClosingTagToken:
		// A <TITLE> or <SCRIPT> in a title which wasn't escaped must not
		// turn the rest of the file into its text.
		d.z.NextIsNotRawText()
		return d.openTag()
	case html.EndTagToken:
		return d.closeTag()
	}
	return nil
}

func (d *Decoder) openTag() *entry {
	name, _ := d.z.TagName()
	switch string(name) {
	case "html":
		d.outline.openHTML(d.line)
	case "dl":
		return d.openList()
	case "dt", "hr":
		return d.take()
	case "h3":
		return d.openFolder()
	case "a":
		return d.openBookmark()
	case "dd":
		d.openNotes()
	case "br":
		d.addText([]byte("\n"))
	}
	return nil
}

func (d *Decoder) closeTag() *entry {
	name, _ := d.z.TagName()
	switch string(name) {
	case "html":
		d.outline.closeHTML()
		return d.take()
	case "dl":
		e := d.take()
		d.folders.pop()
		return e
	case "h3":
		d.leave(inFolder)
	case "a":
		d.leave(inTitle)
	case "dd":
		d.leave(inNotes)
	}
	return nil
}

// openList opens a folder, named by the <H3> before it.
func (d *Decoder) openList() *entry {
	d.leave(d.scope)
	name := d.folder
	e := d.take()
	d.outline.list = true
	d.err = d.folders.push(folder{name, d.line})
	return e
}

func (d *Decoder) openFolder() *entry {
	e := d.take()
	d.outline.addItem(len(d.folders))
	special := false
	d.attrs(func(name string, value []byte) {
		special = special || isSpecial(name, value)
	})
	if !special {
		d.enter(inFolder)
	}
	return e
}

func (d *Decoder) openBookmark() *entry {
	e := d.take()
	d.outline.addItem(len(d.folders))
	if !d.outline.known {
		// A web page has links as well.
		d.err = &SyntaxError{d.line, notBookmarks}
		return e
	}
	d.entry = &entry{Bookmark: Bookmark{Folders: d.folders.names(), Line: d.line}}
	d.attrs(d.entry.set)
	d.enter(inTitle)
	return e
}

// openNotes starts the notes of the bookmark, or adds a line to them if there
// are some. A <DD> after an <H3> describes the folder and is ignored.
func (d *Decoder) openNotes() {
	d.leave(d.scope)
	switch {
	case d.entry == nil:
	case d.entry.noted:
		d.scope = inNotes
		d.text = append(bytes.TrimSpace(d.text), '\n')
	default:
		d.entry.noted = true
		d.enter(inNotes)
	}
}

// attrs calls f for each attribute of the current tag.
func (d *Decoder) attrs(f func(name string, value []byte)) {
	for more := true; more; {
		var name, value []byte
		name, value, more = d.z.TagAttr()
		f(string(name), value)
	}
}

// enter starts to collect the text of an element.
func (d *Decoder) enter(s scope) {
	d.scope = s
	d.start = d.line
	d.text = d.text[:0]
}

// addText adds to the text of the current element.
func (d *Decoder) addText(text []byte) {
	if d.scope == nowhere {
		return
	}
	if len(d.text)+len(text) > maxLength {
		d.err = &SyntaxError{d.start, tooLong}
		return
	}
	d.text = append(d.text, text...)
}

// leave stores the text of the current element, if s is the current element.
// Notes are left to take, as there may be more of them.
func (d *Decoder) leave(s scope) {
	if s != d.scope {
		return
	}
	switch s {
	case inFolder:
		d.folder = collapse(string(d.text))
	case inTitle:
		d.entry.Title = collapse(string(d.text))
	}
	d.scope = nowhere
}

// take completes the item being read and returns its entry, which is nil if the
// item isn't a bookmark.
func (d *Decoder) take() *entry {
	d.leave(d.scope)
	e := d.entry
	if e != nil && e.noted {
		e.Notes = strings.TrimSpace(string(d.text))
	}
	d.entry = nil
	d.folder = ""
	return e
}
