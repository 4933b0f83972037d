package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/duolite/duolite/db/dbtype"
)

// add adds a bookmark. A browser's file may have one page in several folders. Here that is
// one bookmark with several tags. An export has each URL once, so a repeated URL is an
// error. An export of an earlier version may have two forms of a URL that are equal now, and
// these are merged.
func (c *collection) add(r record) error {
	first, twice := c.first[r.URL]
	switch {
	case !twice:
		c.first[r.URL] = place{r.line, r.written, len(c.bookmarks)}
		c.bookmarks = append(c.bookmarks, r.bookmark)
	case !r.fromBrowser && r.written == first.written:
		return &recordError{line: r.line, problem: fmt.Sprintf("%.200s stands twice in the file, first in line %d", r.URL, first.line)}
	default:
		if err := c.bookmarks[first.index].merge(r.bookmark); err != nil {
			return &recordError{line: r.line, problem: fmt.Sprintf("%.200s stands in line %d as well, and %v", r.URL, first.line, err)}
		}
		c.merged++
	}
	for _, warning := range r.warnings {
		c.warn(fmt.Sprintf("line %d: %s", r.line, warning))
	}
	return nil
}

// merge adds the values of another bookmark of the same page. The first title and notes
// stay. CreatedAt becomes the earlier time, the other times become the later one, and
// VisitCount becomes the higher count.
func (b *bookmark) merge(other bookmark) (err error) {
	if b.Title == "" {
		b.Title = other.Title
	}
	if b.Notes == "" {
		b.Notes = other.Notes
	}
	if other.CreatedAt.Before(b.CreatedAt.Time) {
		b.CreatedAt = other.CreatedAt
	}
	if other.UpdatedAt.After(b.UpdatedAt.Time) {
		b.UpdatedAt = other.UpdatedAt
	}
	if b.VisitedAt == nil || other.VisitedAt != nil && other.VisitedAt.After(b.VisitedAt.Time) {
		b.VisitedAt = other.VisitedAt
	}
	b.VisitCount = max(b.VisitCount, other.VisitCount)
	b.Archived = b.Archived || other.Archived
	if b.Metadata, err = mergeMetadata(b.Metadata, other.Metadata); err != nil {
		return err
	}
	if err := b.mergeAttachments(other.Attachments); err != nil {
		return err
	}
	b.Tags, err = cleanTags(append(b.Tags, other.Tags...))
	return err
}

// mergeMetadata returns first with the keys of other that first doesn't have.
func mergeMetadata(first, other dbtype.JSON) (dbtype.JSON, error) {
	if len(other) == 0 {
		return first, nil
	}
	var object, more map[string]json.RawMessage
	if err := json.Unmarshal(first, &object); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(other, &more); err != nil {
		return nil, err
	}
	added := false
	for key, value := range more {
		if _, has := object[key]; !has {
			object[key], added = value, true
		}
	}
	if !added {
		return first, nil // byte for byte
	}
	text, err := json.Marshal(object)
	return dbtype.JSON(text), err
}

// mergeAttachments adds attachments. Two with the same name and different content are an
// error, since one of them would be lost.
func (b *bookmark) mergeAttachments(more []attachment) error {
	for _, f := range more {
		same := slices.IndexFunc(b.Attachments, func(own attachment) bool { return own.Name == f.Name })
		switch {
		case same < 0:
			b.Attachments = append(b.Attachments, f)
		case !bytes.Equal(b.Attachments[same].Data, f.Data):
			return fmt.Errorf("their attachments named %.60q differ; give one another name", f.Name)
		}
	}
	return nil
}
