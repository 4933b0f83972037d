package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/duolite/duolite/cmd/marks/internal/netscape"
	"github.com/duolite/duolite/db/dbtype"
)

// A record is a bookmark of a file.
type record struct {
	bookmark
	place       string // of the bookmark in the file
	fromBrowser bool
	problem     error    // the reason why it can't be used, or nil
	warnings    []string // unreadable values that were omitted
}

// readRecords returns the bookmarks of a file, which must be in UTF-8. A bookmark without a date
// gets the time now.
func readRecords(data []byte, now dbtype.Time) (records []record, err error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if err := checkUTF8(data); err != nil {
		return nil, err
	}
	switch text := bytes.TrimSpace(data); {
	case len(text) == 0:
		return nil, badInput("the file is empty")
	case text[0] == '<':
		records, err = htmlRecords(data, now)
	case text[0] == '[', text[0] == '{':
		records, err = jsonRecords(data, text[0] == '[', now)
	default:
		return nil, badInput("this is neither a browser's HTML file nor JSON nor NDJSON")
	}
	for i := range records {
		if r := &records[i]; r.problem == nil {
			r.problem = r.clean()
		}
	}
	return records, err
}

func checkUTF8(data []byte) error {
	line := 0
	for text := range bytes.Lines(data) {
		line++
		if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
			return badInput("line %d: not a text in UTF-8; convert it first, for example by iconv", line)
		}
	}
	return nil
}

func htmlRecords(data []byte, now dbtype.Time) ([]record, error) {
	entries, err := netscape.Parse(data)
	if err != nil {
		return nil, badInput("%v", err)
	}
	records := make([]record, len(entries))
	for i, entry := range entries {
		records[i] = record{
			bookmark: bookmarkOf(entry, now), place: fmt.Sprintf("line %d", entry.Line),
			fromBrowser: true, warnings: entry.Warnings,
		}
	}
	return records, nil
}

// bookmarkOf converts an entry of a browser's file. Its folders become tags.
func bookmarkOf(entry netscape.Bookmark, now dbtype.Time) (b bookmark) {
	b.URL, b.Title, b.Notes = entry.URL, entry.Title, entry.Notes
	b.Tags.V = slices.Concat(entry.Folders, entry.Tags)
	b.CreatedAt = timeOr(entry.Added, now)
	b.UpdatedAt = timeOr(entry.Modified, b.CreatedAt)
	if !entry.Visited.IsZero() {
		b.VisitedAt = new(dbtype.NewTime(entry.Visited))
	}
	return b
}

func timeOr(t time.Time, other dbtype.Time) dbtype.Time {
	if t.IsZero() {
		return other
	}
	return dbtype.NewTime(t)
}

// jsonRecords reads a JSON array of objects, or objects one after the other, as in NDJSON.
func jsonRecords(data []byte, isArray bool, now dbtype.Time) ([]record, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	if isArray {
		decoder.Token()
	}
	var records []record
	for decoder.More() {
		var object json.RawMessage
		if err := decoder.Decode(&object); err != nil {
			return nil, jsonError(data, decoder, err)
		}
		r := record{place: fmt.Sprintf("bookmark %d", len(records)+1)}
		r.problem = r.parse(object, now)
		records = append(records, r)
	}
	if isArray {
		if _, err := decoder.Token(); err != nil {
			return nil, jsonError(data, decoder, err)
		}
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, jsonError(data, decoder, cmp.Or(err, errors.New("something follows the bookmarks")))
	}
	return records, nil
}

func jsonError(data []byte, decoder *json.Decoder, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return badInput("the file is cut short: its JSON isn't closed")
	}
	line := 1 + bytes.Count(data[:decoder.InputOffset()], []byte("\n"))
	return badInput("not valid JSON after the begin of line %d: %v", line, err)
}

// parse parses a bookmark in the form that export writes. An unknown field is an error, since
// its value would be lost.
func (r *record) parse(object []byte, now dbtype.Time) error {
	decoder := json.NewDecoder(bytes.NewReader(object))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&r.bookmark)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		field := strings.TrimPrefix(wrong.Field, "TaggedBookmark.")
		return badInput("%s can't be a JSON %.60s", cmp.Or(field, "a bookmark"), wrong.Value)
	}
	if err != nil {
		return badInput("%.200s", strings.TrimPrefix(err.Error(), "json: "))
	}
	r.CreatedAt = timeOr(r.CreatedAt.Time, now)
	r.UpdatedAt = timeOr(r.UpdatedAt.Time, r.CreatedAt)
	for i := range r.Attachments {
		f := &r.Attachments[i]
		f.CreatedAt = timeOr(f.CreatedAt.Time, now)
		// The output of show omits the data. Importing it would save an empty attachment.
		if f.Size != 0 && f.Size != int64(len(f.Data)) {
			return badInput("the attachment %.60q has size %d and %d bytes of data", f.Name, f.Size, len(f.Data))
		}
		if err := f.clean(); err != nil {
			return err
		}
	}
	return nil
}

// collect returns the usable bookmarks of a file, each URL once. A browser's file may have one
// page in several folders. Here that is one bookmark with several tags. An export has each URL
// once, so a repeated URL is an error. collect calls warn with the reason for each omission. If
// skipInvalid is false, an invalid bookmark is an error.
func collect(records []record, skipInvalid bool, warn func(string)) ([]bookmark, error) {
	var bookmarks []bookmark
	first := map[string]int{} // the index of the bookmark with a URL
	for _, r := range records {
		at, twice := first[r.URL]
		if r.problem == nil && twice && !r.fromBrowser {
			r.problem = badInput("%.200s stands twice in the file", r.URL)
		}
		switch {
		case r.problem != nil && skipInvalid:
			warn(fmt.Sprintf("left out: %s: %v", r.place, r.problem))
			continue
		case r.problem != nil:
			return nil, badInput("%s: %v; nothing is imported (--skip-invalid leaves it out)", r.place, r.problem)
		case twice:
			bookmarks[at].merge(r.bookmark)
		default:
			first[r.URL] = len(bookmarks)
			bookmarks = append(bookmarks, r.bookmark)
		}
		for _, warning := range r.warnings {
			warn(r.place + ": " + warning)
		}
	}
	return bookmarks, nil
}
