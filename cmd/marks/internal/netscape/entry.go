package netscape

import (
	"fmt"
	"time"
)

// An entry is a bookmark while it is being read.
type entry struct {
	Bookmark
	noted bool // it has a <DD>
}

// set stores one attribute of the <A> tag.
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
	date, ok := parseDate(string(value))
	if !ok {
		e.Warnings = append(e.Warnings, fmt.Sprintf("%s %.40q is no date", name, value))
		date = time.Time{}
	}
	*t = date
}

// result returns the bookmark or the error that Next returns for the entry.
func (e *entry) result() (Bookmark, error) {
	if e.URL == "" {
		problem := fmt.Sprintf("the bookmark %.60q has no HREF", e.Title)
		return Bookmark{}, &BookmarkError{Line: e.Line, Problem: problem}
	}
	return e.Bookmark, nil
}
