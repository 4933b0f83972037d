package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/duolite/duolite/cmd/marks/internal/netscape"
	"github.com/duolite/duolite/db/dbtype"
)

// A source returns the next bookmark of a file at each call, and io.EOF after the last one.
// A *recordError reports one unusable bookmark, and the next call continues after it. Any
// other error is final and reports that the file is unusable.
type source func() (record, error)

// A record is a bookmark of a file, with its line.
type record struct {
	bookmark
	line        int
	fromBrowser bool
	written     string   // the URL as the file has it
	warnings    []string // unusable values that were omitted
}

// A recordError reports an unusable bookmark of a file.
type recordError struct {
	line    int
	problem string
	// known marks an entry that marks never imports, a relative link without a base URL.
	// It is omitted even if other unusable bookmarks are errors.
	known bool
}

func (e *recordError) Error() string {
	return fmt.Sprintf("line %d: %s", e.line, e.problem)
}

// A fileFormat is a format of the files that import reads and export writes.
type fileFormat string

const (
	formatAuto   fileFormat = "auto"
	formatHTML   fileFormat = "html"
	formatJSON   fileFormat = "json"
	formatNDJSON fileFormat = "ndjson"
)

// detectFormat returns the format of a file, by its first character.
func detectFormat(data []byte) (fileFormat, error) {
	switch text := bytes.TrimSpace(withoutBOM(data)); {
	case len(text) == 0:
		return "", badInput("the file is empty")
	case bytes.IndexByte(data, 0) >= 0:
		return "", badInput("this is a binary file, not bookmarks in HTML, JSON or NDJSON")
	case text[0] == '<':
		return formatHTML, nil
	case text[0] == '[':
		return formatJSON, nil
	case text[0] == '{':
		return formatNDJSON, nil
	default:
		return "", badInput("this is neither a browser's HTML file nor JSON nor NDJSON")
	}
}

func withoutBOM(data []byte) []byte {
	return bytes.TrimPrefix(data, []byte("\ufeff"))
}

// newSource returns a source for a file. A bookmark without a date gets the time now.
// Relative URLs are resolved against base, which may be nil.
func newSource(data []byte, format fileFormat, now dbtype.Time, base *url.URL) (source, error) {
	data, err := toUTF8(data)
	if err != nil {
		return nil, err
	}
	if format == formatAuto {
		if format, err = detectFormat(data); err != nil {
			return nil, err
		}
	}
	if format == formatHTML {
		return cleaned(htmlSource(data, now, base)), nil
	}
	// encoding/json would silently replace invalid UTF-8.
	if at := invalidUTF8(data); at >= 0 {
		return nil, badInput("line %d: not valid UTF-8", lineAt(data, at))
	}
	if format == formatJSON {
		return cleaned(jsonSource(withoutBOM(data), now)), nil
	}
	return cleaned(ndjsonSource(withoutBOM(data), now)), nil
}

// cleaned returns a source that converts each bookmark to the form in which it is saved.
func cleaned(next source) source {
	return func() (record, error) {
		r, err := next()
		if err != nil {
			return r, err
		}
		r.written = r.URL
		if err := r.cleanAll(); err != nil {
			return r, &recordError{line: r.line, problem: strings.ReplaceAll(err.Error(), "\n", "; ")}
		}
		return r, nil
	}
}

func (r *record) cleanAll() error {
	if err := r.clean(); err != nil {
		return err
	}
	for i := range r.Attachments {
		if err := r.Attachments[i].clean(); err != nil {
			return err
		}
	}
	return nil
}

func htmlSource(data []byte, now dbtype.Time, base *url.URL) source {
	decoder := netscape.NewDecoder(bytes.NewReader(data))
	return func() (record, error) {
		entry, err := decoder.Next()
		var bad *netscape.BookmarkError
		var broken *netscape.SyntaxError
		switch {
		case errors.As(err, &bad):
			return record{}, &recordError{line: bad.Line, problem: bad.Problem}
		case errors.As(err, &broken):
			return record{}, inputError{broken.Error()}
		case err != nil:
			return record{}, err
		}
		if isRelative(entry.URL) {
			if base == nil {
				return record{}, &recordError{line: entry.Line, known: true,
					problem: fmt.Sprintf("%.60q (%.60q) is relative to another page; give that page by --base URL", entry.URL, entry.Title)}
			}
			if u, err := base.Parse(entry.URL); err == nil {
				entry.URL = u.String()
			}
		}
		r := record{bookmark: bookmarkOfEntry(entry, now), line: entry.Line, fromBrowser: true}
		for _, warning := range entry.Warnings {
			if strings.HasPrefix(warning, "ADD_DATE") {
				warning += "; it counts as added today"
			}
			r.warnings = append(r.warnings, warning)
		}
		return r, nil
	}
}

// bookmarkOfEntry converts an entry of a browser's file. Its folders become tags.
func bookmarkOfEntry(entry netscape.Bookmark, now dbtype.Time) bookmark {
	b := bookmark{
		URL: entry.URL, Title: entry.Title, Notes: entry.Notes,
		Tags:      slices.Concat(entry.Folders, entry.Tags),
		CreatedAt: now,
	}
	if !entry.Added.IsZero() {
		b.CreatedAt = dbtype.NewTime(entry.Added)
	}
	b.UpdatedAt = b.CreatedAt
	if !entry.Modified.IsZero() {
		b.UpdatedAt = dbtype.NewTime(entry.Modified)
	}
	if !entry.Visited.IsZero() {
		visited := dbtype.NewTime(entry.Visited)
		b.VisitedAt = &visited
	}
	return b
}

// lineAt returns the 1-based number of the line at an offset.
func lineAt(data []byte, offset int) int {
	return 1 + bytes.Count(data[:min(max(offset, 0), len(data))], []byte("\n"))
}

// invalidUTF8 returns the offset of the first invalid UTF-8 byte, or -1.
func invalidUTF8(data []byte) int {
	for at := 0; at < len(data); {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return -1
}
