package main

import (
	"cmp"

	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/db/dbtype"
)

// maxVisits is the maximum number of visits. The sum of all counts can't overflow.
const maxVisits = 1<<31 - 1

// A bookmark is a bookmark in the form that marks prints, exports and imports.
type bookmark struct {
	dbsqlc.TaggedBookmark
	Attachments []attachment `json:"attachments,omitempty"`
}

// clean converts the bookmark to the form in which it is saved. It returns an error if the
// bookmark is invalid.
func (b *bookmark) clean() error {
	var badURL, badTitle, badNotes, badTags, badMetadata error
	b.URL, badURL = cleanURL(b.URL)
	b.Title, badTitle = cleanTitle(b.Title)
	b.Notes, badNotes = cleanNotes(b.Notes)
	b.Tags.V, badTags = cleanTags(b.Tags.V)
	if b.Metadata == nil {
		b.Metadata = dbtype.JSON("{}")
	}
	_, badMetadata = cleanMetadata(b.Metadata.String())
	return cmp.Or(
		badURL, badTitle, badNotes, badTags, badMetadata, b.checkVisits(),
		checkTime("created_at", b.CreatedAt), checkTime("updated_at", b.UpdatedAt),
	)
}

func (b *bookmark) checkVisits() error {
	if b.VisitCount < 0 || b.VisitCount > maxVisits {
		return badInput("visit_count %d is not between 0 and %d", b.VisitCount, maxVisits)
	}
	if b.VisitedAt == nil {
		return nil
	}
	return checkTime("visited_at", *b.VisitedAt)
}

// checkTime returns an error if the database can't represent t.
func checkTime(name string, t dbtype.Time) error {
	if _, err := t.MarshalText(); err != nil {
		return badInput("%s is out of range: its year is outside 0 to 9999", name)
	}
	return nil
}

// merge adds the values of another entry of a browser's file for the same page. The first title
// and notes stay. CreatedAt becomes the earlier time, and the other times become the later one.
func (b *bookmark) merge(other bookmark) {
	b.Title, b.Notes = cmp.Or(b.Title, other.Title), cmp.Or(b.Notes, other.Notes)
	if other.CreatedAt.Before(b.CreatedAt.Time) {
		b.CreatedAt = other.CreatedAt
	}
	if other.UpdatedAt.After(b.UpdatedAt.Time) {
		b.UpdatedAt = other.UpdatedAt
	}
	if b.VisitedAt == nil || other.VisitedAt != nil && other.VisitedAt.After(b.VisitedAt.Time) {
		b.VisitedAt = other.VisitedAt
	}
	b.Tags.V = distinct(append(b.Tags.V, other.Tags.V...))
}
