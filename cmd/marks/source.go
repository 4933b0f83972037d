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

// A source reads the bookmarks of a file, one at each call, until io.EOF. Its error is
// a recordError for one bookmark that can't be used, after which it can go on, or else
// final: the file as a whole can't be.
type source func() (record, error)

// A record is a bookmark and the line where it stands.
type record struct {
	bookmark
	line        int
	fromBrowser bool
	written     string   // the URL as the file has it
	warnings    []string // what of it can't be used, without which it can
}

// A recordError says what is wrong with one bookmark of a file.
type recordError struct {
	line    int
	problem string
	// known: it is none of ours, and left out in any case.
	known bool
}

func (e *recordError) Error() string {
	return fmt.Sprintf("line %d: %s", e.line, e.problem)
}

// A fileFormat is a form of the files that import reads and export writes.
type fileFormat string

const (
	formatAuto   fileFormat = "auto"
	formatHTML   fileFormat = "html"
	formatJSON   fileFormat = "json"
	formatNDJSON fileFormat = "ndjson"
)

// detectFormat tells the format from the first character.
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

// newSource returns the bookmarks of a file. What has no date was added now, and what is relative is
// relative to base, which may be nil.
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
	// encoding/json would replace what isn't UTF-8 without a word.
	if at := invalidUTF8(data); at >= 0 {
		return nil, badInput("line %d: not valid UTF-8", lineAt(data, at))
	}
	if format == formatJSON {
		return cleaned(jsonSource(withoutBOM(data), now)), nil
	}
	return cleaned(ndjsonSource(withoutBOM(data), now)), nil
}

// cleaned puts each bookmark into the form in which it is saved.
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

// bookmarkOfEntry makes folders tags.
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

// lineAt returns the 1-based line of an offset.
func lineAt(data []byte, offset int) int {
	return 1 + bytes.Count(data[:min(max(offset, 0), len(data))], []byte("\n"))
}

// invalidUTF8 returns where data stops being UTF-8, or -1.
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
