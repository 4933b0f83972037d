package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/db/dbtype"
)

// The maximum lengths of texts, in characters. The CHECK constraints in schema/ have the
// same limits.
const (
	maxURL   = 8192
	maxTitle = 4096
	maxNotes = 65536
	maxTag   = 100
)

const (
	maxDepth  = 500       // maximum nesting of metadata; SQLite's limit for JSON is 1000
	maxVisits = 1<<31 - 1 // so that the sum of all counts can't overflow
)

// A bookmark is a bookmark in the form that marks prints, exports and imports.
type bookmark struct {
	ID          int64        `json:"id,omitempty"` // not in exports, since ids belong to one database
	URL         string       `json:"url"`
	Title       string       `json:"title"`
	Notes       string       `json:"notes"`
	Tags        []string     `json:"tags"`
	Metadata    dbtype.JSON  `json:"metadata"`
	Archived    bool         `json:"archived"`
	VisitCount  int64        `json:"visit_count"`
	CreatedAt   dbtype.Time  `json:"created_at"`
	UpdatedAt   dbtype.Time  `json:"updated_at"`
	VisitedAt   *dbtype.Time `json:"visited_at"`
	Attachments []attachment `json:"attachments,omitempty"`
}

func bookmarkOf(row dbsqlc.TaggedBookmark) (bookmark, error) {
	tags, err := parseTags(row.Tags)
	return bookmark{
		ID: row.ID, URL: row.URL, Title: row.Title, Notes: row.Notes, Tags: tags,
		Metadata: row.Metadata, Archived: row.Archived, VisitCount: row.VisitCount,
		CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt, VisitedAt: row.VisitedAt,
	}, err
}

func bookmarksOf(rows []dbsqlc.TaggedBookmark) ([]bookmark, error) {
	bookmarks := make([]bookmark, len(rows))
	for i, row := range rows {
		var err error
		if bookmarks[i], err = bookmarkOf(row); err != nil {
			return nil, err
		}
	}
	return bookmarks, nil
}

// parseTags reads the JSON array of names that the queries return.
func parseTags(array string) ([]string, error) {
	tags := []string{}
	if err := json.Unmarshal([]byte(array), &tags); err != nil {
		return nil, fmt.Errorf("read tags: %w", err)
	}
	return tags, nil
}

// tagArray returns the JSON array of names for the queries that filter by tags. A tag that
// is given twice appears once.
func tagArray(tags []string) (string, error) {
	clean, err := cleanTags(tags)
	if err != nil {
		return "", err
	}
	array, err := json.Marshal(clean)
	return string(array), err
}

// cleanTags returns the tags in the form in which they are saved, without duplicates.
func cleanTags(tags []string) ([]string, error) {
	clean := []string{}
	seen := map[string]bool{}
	for _, tag := range tags {
		name, err := cleanTag(tag)
		if err != nil {
			return nil, err
		}
		if key := foldTag(name); !seen[key] {
			seen[key] = true
			clean = append(clean, name)
		}
	}
	return clean, nil
}

// foldTag returns the key under which two spellings of one tag are equal. It ignores the
// case of ASCII letters, as SQLite's NOCASE does.
func foldTag(tag string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, tag)
}

// cleanTag replaces each run of white space by one space. A comma becomes a space too,
// because it separates tags in a browser's file.
func cleanTag(tag string) (string, error) {
	name := strings.Join(strings.Fields(strings.ReplaceAll(tag, ",", " ")), " ")
	switch {
	case name == "":
		return "", badInput("the tag %q has no name", tag)
	case utf8.RuneCountInString(name) > maxTag:
		return "", badInput("the tag %.20q… has more than %d characters", name, maxTag)
	default:
		return name, checkText("the tag", name, maxTag)
	}
}

// clean converts the bookmark to the form in which it is saved. It returns an error if the
// bookmark is invalid.
func (b *bookmark) clean() (err error) {
	if b.URL, err = cleanURL(b.URL); err != nil {
		return err
	}
	b.Title = strings.Join(strings.Fields(b.Title), " ")
	b.Notes = strings.TrimSpace(b.Notes)
	if b.Tags, err = cleanTags(b.Tags); err != nil {
		return err
	}
	if b.Metadata == nil {
		b.Metadata = dbtype.JSON("{}")
	}
	var object map[string]any
	if json.Unmarshal(b.Metadata, &object) != nil || object == nil {
		return badInput("metadata is not a JSON object")
	}
	if depth(object) > maxDepth {
		return badInput("metadata is nested more than %d deep", maxDepth)
	}
	if b.VisitCount < 0 || b.VisitCount > maxVisits {
		return badInput("visit_count %d is not between 0 and %d", b.VisitCount, maxVisits)
	}
	if b.VisitedAt != nil {
		err = checkTime("visited_at", *b.VisitedAt)
	}
	return errors.Join(
		checkText("the title", b.Title, maxTitle),
		checkText("the text of the notes", b.Notes, maxNotes),
		checkTime("created_at", b.CreatedAt),
		checkTime("updated_at", b.UpdatedAt),
		err,
	)
}

// checkTime returns an error if the database can't represent t.
func checkTime(what string, t dbtype.Time) error {
	if _, err := t.MarshalText(); err != nil {
		return badInput("%s is out of range: its year is outside 0 to 9999", what)
	}
	return nil
}

// depth returns the nesting depth of a JSON value.
func depth(value any) int {
	deepest := 0
	switch value := value.(type) {
	case map[string]any:
		for _, inner := range value {
			deepest = max(deepest, depth(inner))
		}
	case []any:
		for _, inner := range value {
			deepest = max(deepest, depth(inner))
		}
	default:
		return 0
	}
	return deepest + 1
}

// checkText returns an error if s isn't valid UTF-8, has a NUL character, or is longer than
// most characters.
func checkText(what, s string, most int) error {
	if !utf8.ValidString(s) {
		return badInput("%s is not valid UTF-8", what)
	}
	if strings.ContainsRune(s, 0) {
		return badInput("%s has a NUL character in it", what)
	}
	if n := utf8.RuneCountInString(s); n > most {
		return badInput("%s has %d characters; %d are the most", what, n, most)
	}
	return nil
}

// tagBookmark adds tags to a bookmark. It creates the tags that don't exist.
func tagBookmark(ctx context.Context, q *dbsqlc.Queries, id int64, tags []string) error {
	for _, tag := range tags {
		if err := q.CreateTag(ctx, tag); err != nil {
			return err
		}
		if _, err := q.TagBookmark(ctx, dbsqlc.TagBookmarkParams{BookmarkID: id, Name: tag}); err != nil {
			return err
		}
	}
	return nil
}
