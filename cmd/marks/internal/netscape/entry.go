package netscape

import (
	"fmt"
	"time"
)

// An entry is a bookmark while it is being read.
type entry struct {
	Bookmark
	noted   bool   // it has a <DD>
	problem string // the first problem of its attributes, if any
}

// set takes in one attribute of the <A> tag.
func (e *entry) set(name string, value []byte) {
	switch name {
	case "href":
		e.URL = cleanURL(string(value))
	case "tags":
		e.Tags = splitTags(string(value))
	case "add_date":
		e.setDate(&e.Added, "ADD_DATE", value)
	case "last_modified":
		e.setDate(&e.Modified, "LAST_MODIFIED", value)
	case "last_visit":
		e.setDate(&e.Visited, "LAST_VISIT", value)
	}
}

func (e *entry) setDate(t *time.Time, name string, value []byte) {
	date, err := parseDate(string(value))
	if err != nil && e.problem == "" {
		e.problem = fmt.Sprintf("%s %v", name, err)
	}
	*t = date
}

// result returns what Next reports for the entry.
func (e *entry) result() (Bookmark, error) {
	if e.URL == "" {
		problem := fmt.Sprintf("the bookmark %.60q has no HREF", e.Title)
		return Bookmark{}, &BookmarkError{Line: e.Line, Problem: problem}
	}
	if e.problem != "" {
		return Bookmark{}, &BookmarkError{Line: e.Line, URL: e.URL, Problem: e.problem}
	}
	return e.Bookmark, nil
}
