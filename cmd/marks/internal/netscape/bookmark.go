package netscape

import (
	"strings"
	"time"
)

// A Bookmark is one entry of a bookmark file.
type Bookmark struct {
	// URL is the address, without the white space around it and the line
	// breaks and tabs within it, which browsers ignore. It isn't checked
	// further: it may be relative or a bookmarklet ("javascript:").
	URL string

	// Title is the name of the bookmark, on one line. It may be empty.
	Title string

	// Notes is the text of the <DD> which follows the bookmark. It may have
	// several lines.
	Notes string

	// Folders names the folders which hold the bookmark, outermost first.
	// Folders without a name, and those which the browser makes itself, are
	// left out.
	Folders []string

	// Tags are the tags, in the order of the file.
	Tags []string

	// Added, Modified and Visited are in UTC, with a resolution of a second.
	// They are zero if the file has no date or an unreadable one.
	Added, Modified, Visited time.Time

	// Warnings say which attributes can't be read, each on one line. The bookmark is of
	// use without them. An Encoder ignores them.
	Warnings []string

	// Line is the 1-based number of the line where the <A> tag starts.
	// An Encoder ignores it.
	Line int
}

// lineBreaks removes line breaks and tabs, as the URL standard demands.
var lineBreaks = strings.NewReplacer("\n", "", "\r", "", "\t", "")

// cleanURL returns s as a browser reads it from an HREF attribute.
func cleanURL(s string) string {
	return strings.TrimSpace(lineBreaks.Replace(s))
}

// isQuery reports whether url is one of Firefox's saved searches.
func isQuery(url string) bool {
	const scheme = "place:"
	return len(url) >= len(scheme) && strings.EqualFold(url[:len(scheme)], scheme)
}

// collapse makes each run of white space in s one space and trims its ends.
func collapse(s string) string {
	return strings.Join(strings.Fields(s), " ")
}

// splitTags returns the tags in the value of a TAGS attribute.
func splitTags(s string) []string {
	var tags []string
	for tag := range strings.SplitSeq(s, ",") {
		if tag = collapse(tag); tag != "" {
			tags = append(tags, tag)
		}
	}
	return tags
}
