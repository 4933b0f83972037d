package netscape

import (
	"fmt"
	"html"
	"strconv"
	"strings"
	"time"

	"github.com/duolite/duolite/db/dbtype"
)

// A Bookmark is one entry of a bookmark file.
type Bookmark struct {
	// URL is the address, without the white space around it and the line breaks and tabs
	// within it, which browsers ignore. It isn't checked further: it may be empty, relative
	// or a bookmarklet ("javascript:").
	URL string
	// Title is on one line. Notes may have several lines. Both may be empty.
	Title, Notes string
	// Folders has the names of the folders around the bookmark, outermost first. It omits
	// folders that a browser makes itself, since nobody chose them as a category.
	Folders []string
	// Tags are the tags, in the order of the file.
	Tags []string
	// Added, Modified and Visited are in UTC, with a resolution of a second. They are zero if
	// the file has no date or an unreadable one.
	Added, Modified, Visited time.Time

	// Warnings has a line for each date that can't be read. [Bookmark.HTML] ignores it.
	Warnings []string
	// Line is the 1-based number of the line where the <A> tag starts.
	Line int
}

// Header and Footer are the parts of a file before and after its bookmarks.
const (
	Header = `<!DOCTYPE NETSCAPE-Bookmark-file-1>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
<TITLE>Bookmarks</TITLE>
<H1>Bookmarks</H1>
<DL><p>
`
	Footer = "</DL><p>\n"
)

// HTML returns the bookmark as an item of a file, without its folders: a program that turns
// folders into tags would add tags when it reads the file again. It omits dates before 1970 and
// after 9999, which the format can't represent.
func (b Bookmark) HTML() string {
	var s strings.Builder
	attribute := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&s, ` %s="%s"`, name, html.EscapeString(value))
		}
	}
	s.WriteString("    <DT><A")
	attribute("HREF", b.URL)
	attribute("ADD_DATE", formatDate(b.Added))
	attribute("LAST_MODIFIED", formatDate(b.Modified))
	attribute("LAST_VISIT", formatDate(b.Visited))
	attribute("TAGS", strings.Join(b.Tags, ","))
	fmt.Fprintf(&s, ">%s</A>\n", html.EscapeString(b.Title))
	if b.Notes != "" {
		fmt.Fprintf(&s, "    <DD>%s\n", html.EscapeString(b.Notes))
	}
	return s.String()
}

const (
	maxSeconds = 253402300799 // 9999-12-31T23:59:59Z
	since1601  = 11644473600  // seconds from 1601 to 1970
)

func formatDate(t time.Time) string {
	if !isDate(t) {
		return ""
	}
	return strconv.FormatInt(t.Unix(), 10)
}

func isDate(t time.Time) bool { return t.Unix() > 0 && t.Unix() <= maxSeconds }

// parseDate parses the value of a date attribute, and reports whether it is valid. The value is
// a count, or a date such as 2006-01-02T15:04:05Z. The time is zero if the value is empty or 0,
// which exporters write for "unknown".
func parseDate(s string) (t time.Time, ok bool) {
	s = strings.TrimSpace(s)
	n, err := strconv.ParseFloat(s, 64)
	switch {
	case s == "" || err == nil && n == 0:
		return time.Time{}, true
	case err == nil && n > 0 && n < 1e19:
		t = unixTime(n)
	default:
		t, _ = dbtype.ParseTime(s)
	}
	if !isDate(t) {
		return time.Time{}, false
	}
	return t.UTC().Truncate(time.Second), true
}

// unixTime returns the time of a count of seconds since 1970. Some exporters use other units,
// which the number of digits distinguishes: seconds have at most 12 digits.
func unixTime(n float64) time.Time {
	switch len(strconv.FormatFloat(n, 'f', 0, 64)) {
	case 13: // milliseconds
		n /= 1e3
	case 16: // microseconds
		n /= 1e6
	case 17: // microseconds since 1601, as Chrome stores them
		n = n/1e6 - since1601
	case 19: // nanoseconds
		n /= 1e9
	}
	return time.Unix(int64(n), 0)
}
