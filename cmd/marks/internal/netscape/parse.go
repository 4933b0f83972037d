package netscape

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// The errors of [Parse].
var (
	errNotBookmarks = errors.New("not a bookmark file: it has no <!DOCTYPE NETSCAPE-Bookmark-file-1>")
	errCut          = errors.New("the file is cut short: the end of its list of bookmarks is missing")
)

// maxDepth is the maximum number of folders within folders; the inner ones are ignored. Nobody
// makes so many.
const maxDepth = 256

// Parse returns the bookmarks of a file, which must be in UTF-8. It returns an error if the file
// isn't a bookmark file, or if it is cut short.
//
// Runs of white space in titles, folder names and tags become one space. Notes keep their
// lines; <BR> starts a new one, and other markup in them is dropped. An <A> inside notes is a
// bookmark of its own, as it is for Firefox, since losing a bookmark is worse than gaining one.
// Firefox's saved searches, which have a "place:" URL, and separators are skipped.
func Parse(file []byte) ([]Bookmark, error) {
	z := html.NewTokenizer(bytes.NewReader(file))
	p := parser{line: 1}
	for {
		kind := z.Next()
		// The lines are counted first, as decoding a text overwrites its raw form.
		lines := bytes.Count(z.Raw(), []byte("\n"))
		token := z.Token()
		switch kind {
		case html.DoctypeToken:
			p.known = p.known || strings.HasPrefix(strings.ToLower(token.Data), "netscape-bookmark-file-1")
		case html.TextToken:
			p.text.WriteString(token.Data)
		case html.StartTagToken, html.SelfClosingTagToken:
			// A <TITLE> or <SCRIPT> in a title that wasn't escaped must not turn the rest of
			// the file into its text.
			z.NextIsNotRawText()
			p.openTag(token)
		case html.EndTagToken:
			p.closeTag(token.Data)
		case html.ErrorToken:
			p.leave()
			return slices.DeleteFunc(p.bookmarks, isSavedSearch), p.problem()
		}
		p.line += lines
	}
}

func isSavedSearch(b Bookmark) bool {
	return strings.HasPrefix(strings.ToLower(b.URL), "place:")
}

type parser struct {
	line      int // line of the current token
	bookmarks []Bookmark

	known bool // there was the format's <!DOCTYPE>
	list  bool // there was a <DL> or an </HTML>
	open  bool // there is an open <HTML>
	loose bool // there was an item outside all <DL> elements, as Safari writes

	folders []string // names of the open <DL> elements, empty for those that nobody named
	name    string   // name of the next <DL>
	current bool     // a <DD> belongs to the last bookmark

	scope string // the element whose text is collected: h3, a, dd or none
	text  strings.Builder
}

// problem returns the error of a whole file.
func (p *parser) problem() error {
	switch {
	case !p.known:
		return errNotBookmarks
	case len(p.folders) > 0, p.open && p.loose, !p.list:
		return errCut
	}
	return nil
}

func (p *parser) openTag(token html.Token) {
	switch token.Data {
	case "dt", "hr", "h3", "a":
		p.endItem()
		p.loose = p.loose || len(p.folders) == 0
	}
	switch token.Data {
	case "html":
		p.open = true
	case "dl":
		p.openList()
	case "h3":
		if !slices.ContainsFunc(token.Attr, isSpecial) {
			p.enter("h3")
		}
	case "a":
		p.openBookmark(token.Attr)
	case "dd":
		p.leave()
		if p.current { // otherwise it describes a folder
			p.enter("dd")
		}
	case "br":
		p.text.WriteString("\n")
	}
}

func (p *parser) closeTag(name string) {
	switch name {
	case p.scope:
		p.leave()
	case "html":
		p.list, p.open = true, false
		p.endItem()
	case "dl":
		p.endItem()
		// Some exporters write one </DL> too many.
		p.folders = p.folders[:max(0, len(p.folders)-1)]
	}
}

// openList opens a folder, named by the <H3> before it.
func (p *parser) openList() {
	p.leave()
	p.folders = append(p.folders, p.name)
	p.endItem()
	p.list = true
}

func (p *parser) openBookmark(attributes []html.Attribute) {
	b := Bookmark{Line: p.line}
	for _, name := range p.folders[:min(len(p.folders), maxDepth)] {
		if name != "" {
			b.Folders = append(b.Folders, name)
		}
	}
	for _, attribute := range attributes {
		b.set(attribute)
	}
	p.bookmarks = append(p.bookmarks, b)
	p.current = true
	p.enter("a")
}

// lineBreaks removes line breaks and tabs from a URL, as the URL standard demands.
var lineBreaks = strings.NewReplacer("\n", "", "\r", "", "\t", "")

// set stores one attribute of the <A> tag.
func (b *Bookmark) set(a html.Attribute) {
	switch a.Key {
	case "href":
		b.URL = strings.TrimSpace(lineBreaks.Replace(a.Val))
	case "tags":
		for tag := range strings.SplitSeq(a.Val, ",") {
			if tag = collapse(tag); tag != "" {
				b.Tags = append(b.Tags, tag)
			}
		}
	case "add_date":
		b.Added = b.date(a)
	case "last_modified":
		b.Modified = b.date(a)
	case "last_visit":
		b.Visited = b.date(a)
	}
}

func (b *Bookmark) date(a html.Attribute) time.Time {
	date, ok := parseDate(a.Val)
	if !ok {
		b.Warnings = append(b.Warnings, fmt.Sprintf("%s %.40q is no date", strings.ToUpper(a.Key), a.Val))
	}
	return date
}

// enter starts to collect the text of an element.
func (p *parser) enter(scope string) {
	p.scope = scope
	p.text.Reset()
}

// leave stores the text of the current element, if there is one.
func (p *parser) leave() {
	text := p.text.String()
	switch p.scope {
	case "h3":
		p.name = collapse(text)
	case "a":
		p.bookmarks[len(p.bookmarks)-1].Title = collapse(text)
	case "dd":
		notes := &p.bookmarks[len(p.bookmarks)-1].Notes
		*notes = strings.TrimSpace(*notes + "\n" + strings.TrimSpace(text))
	}
	p.scope = ""
}

// endItem ends a bookmark with its notes, or the name of a folder that has no list.
func (p *parser) endItem() {
	p.leave()
	p.current, p.name = false, ""
}

// isSpecial reports whether an attribute of an <H3> marks a folder that the browser makes
// itself. The presence of the attribute is enough, as it is for Firefox. The value "false" is
// an exception and marks none.
func isSpecial(a html.Attribute) bool {
	switch a.Key {
	case "personal_toolbar_folder", "unfiled_bookmarks_folder",
		"mobile_bookmarks_folder", "bookmarks_menu", "places_root":
		return a.Val != "false"
	}
	return false
}

// collapse makes each run of white space in s one space and trims its ends.
func collapse(s string) string {
	return strings.Join(strings.Fields(s), " ")
}
