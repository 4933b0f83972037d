package netscape

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func unix(sec int64) time.Time { return time.Unix(sec, 0).UTC() }

// parse returns the bookmarks of a file that can be read.
func parse(t *testing.T, file string) []Bookmark {
	t.Helper()
	bookmarks, err := Parse([]byte(file))
	if err != nil {
		t.Fatalf("%v in:\n%s", err, file)
	}
	return bookmarks
}

// read returns the content of a file.
func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestDialects(t *testing.T) {
	for file, want := range map[string][]Bookmark{
		"chrome.html": {
			{URL: "https://go.dev/", Title: "The Go Programming Language", Added: unix(1600000000), Line: 10},
			{URL: "https://pkg.go.dev/", Title: "Go Packages", Folders: []string{"Dev & Ops", "Go"}, Added: unix(1600000001), Line: 15},
			{URL: "javascript:alert('hi')", Title: "Bookmarklet", Folders: []string{"Dev & Ops"}, Added: unix(1600000002), Line: 17},
			{URL: "https://example.com/?a=1&b=2", Added: unix(1600000003), Line: 20},
		},
		"firefox.html": {
			{URL: "https://www.mozilla.org/", Title: "Mozilla", Added: unix(1500000000), Modified: unix(1500000100), Visited: unix(1500000200), Line: 12},
			{
				URL: "https://www.sqlite.org/", Title: "SQLite <Home>", Notes: "Small. Fast. Reliable.\n\n  Choose any three — “really”.",
				Folders: []string{"Databases"}, Tags: []string{"sql", "embedded db"}, Added: unix(1500000003), Line: 17,
			},
			{URL: "https://www.postgresql.org/", Title: "PostgreSQL", Folders: []string{"Databases"}, Added: unix(1500000004), Line: 22},
			{URL: "https://developer.mozilla.org/", Title: "MDN", Added: unix(1500000006), Line: 27},
			{URL: "https://example.org/", Title: "日本語のページ", Added: unix(1500000007), Line: 31},
		},
		"safari.html": {
			{URL: "https://www.apple.com/", Title: "Apple", Folders: []string{"Favorites"}, Line: 7},
			{URL: "https://www.icloud.com/", Title: "iCloud", Folders: []string{"Favorites"}, Line: 8},
			{URL: "https://webkit.org/", Title: "WebKit", Line: 11},
		},
		"pinboard.html": {
			{
				URL: "https://lwn.net/", Title: "LWN.net", Notes: "News from the source.\nSubscribers only, at first.",
				Tags: []string{"linux", "news"}, Added: unix(1400000000), Line: 5,
			},
			{URL: "https://xkcd.com/", Title: "xkcd", Tags: []string{"comics"}, Added: unix(1400000001), Line: 9},
		},
	} {
		if diff := cmp.Diff(want, parse(t, read(t, "testdata/"+file))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

const doctype = "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n"

// list returns a bookmark file with items in its root list.
func list(items string) string { return doctype + "<DL><p>\n" + items + "\n</DL><p>\n" }

func TestMarkup(t *testing.T) {
	x, y := Bookmark{URL: "x:", Title: "X", Line: 3}, Bookmark{URL: "y:", Title: "Y", Line: 3}
	with := func(b Bookmark, change func(*Bookmark)) Bookmark {
		change(&b)
		return b
	}
	at := func(b Bookmark, line int) Bookmark { return with(b, func(b *Bookmark) { b.Line = line }) }
	notes := func(b Bookmark, notes string) Bookmark { return with(b, func(b *Bookmark) { b.Notes = notes }) }
	in := func(b Bookmark, folder string) Bookmark {
		return with(b, func(b *Bookmark) { b.Folders = []string{folder} })
	}
	for _, tt := range []struct {
		name, file string
		want       []Bookmark
	}{
		{"empty list", list(""), nil},
		{"empty Safari file", doctype + "<HTML><H1>Bookmarks</H1></HTML>", nil},
		{
			"lower case, unquoted, closed tags", list(`<dt><a href=x:?a=b&c tags=t>X</a></dt><dd>n</dd>`),
			[]Bookmark{{URL: "x:?a=b&c", Title: "X", Notes: "n", Tags: []string{"t"}, Line: 3}},
		},
		{
			"CRLF", strings.ReplaceAll(list("<DT><A\nHREF=\"x:\">X\nY</A>\n<DD>a\nb\n<DT><A HREF=y:>Y</A>"), "\n", "\r\n"),
			[]Bookmark{{URL: "x:", Title: "X Y", Notes: "a\nb", Line: 3}, at(y, 8)},
		},
		{"HTML not closed", "<HTML>\n" + list("<DT><A HREF=x:>X</A>"), []Bookmark{at(x, 4)}},
		{
			"A not closed", list("<DT><A HREF=x:>X\n<DT><A HREF=y:>Y\n<DD>n\n<HR><A HREF=x:>X"),
			[]Bookmark{x, notes(at(y, 4), "n"), at(x, 6)},
		},
		{"H3 not closed", list("<DT><H3>F<DL><DT><A HREF=x:>X</A></DL>"), []Bookmark{in(x, "F")}},
		{"H3 without a list", list("<DT><H3>F</H3><DT><A HREF=x:>X</A><DL><DT><A HREF=y:>Y</A></DL>"), []Bookmark{x, y}},
		{"description of a folder", list("<DT><H3>F</H3><DD>d<DL><DT><A HREF=x:>X</A></DL>"), []Bookmark{in(x, "F")}},
		{"one /DL too many", list("<DT><A HREF=x:>X</A></DL></DL>"), []Bookmark{x}},
		{
			"markup in a title", list("<DT><A HREF=x:>The <b>new</b><br>&lt;title&gt; <title>tag</A><DT><A HREF=y:>Y</A>"),
			[]Bookmark{{URL: "x:", Title: "The new <title> tag", Line: 3}, y},
		},
		{
			"white space", list("<DT><H3> A\u3000\n B </H3><DL><A HREF=' x:\ny\t' TAGS=',a \t b,, c ,'>\u00a0X &nbsp; Y\n</A><DD>\n\n  n\n m \n\n</DL>"),
			[]Bookmark{{URL: "x:y", Title: "X Y", Notes: "n\n m", Folders: []string{"A B"}, Tags: []string{"a b", "c"}, Line: 4}},
		},
		{"notes in parts", list("<DT><A HREF=x:>X</A><DD>a<br>b <i>c</i><DD>d</DD><DD>e</DD>not this"), []Bookmark{notes(x, "a\nb c\nd\ne")}},
		{"link in notes", list("<DT><A HREF=x:>X</A><DD>see <A HREF=y:>Y</A>"), []Bookmark{notes(x, "see"), y}},
		{
			"special folders", list(`<DT><H3 PERSONAL_TOOLBAR_FOLDER>Bar</H3><DL><DT><H3 BOOKMARKS_MENU="false">F</H3><DL><A HREF=x:>X</A></DL></DL>`),
			[]Bookmark{in(x, "F")},
		},
		{"saved searches", list(`<DT><A HREF="PLACE:sort=8" ADD_DATE=x>Most visited</A><DD>n<DT><A HREF=x:>X</A>`), []Bookmark{x}},
		{"no link", list("<DT><A>X</A>"), []Bookmark{{Title: "X", Line: 3}}},
		{"self-closing", list(`<DT><A HREF="x:"/>X</A><HR/>`), []Bookmark{x}},
		{
			"odd dates", list(`<DT><A HREF=x: ADD_DATE="soon" LAST_VISIT="&#27;[31m" LAST_MODIFIED=1>X</A>`),
			[]Bookmark{{URL: "x:", Title: "X", Modified: unix(1), Line: 3, Warnings: []string{`ADD_DATE "soon" is no date`, `LAST_VISIT "\x1b[31m" is no date`}}},
		},
	} {
		if diff := cmp.Diff(tt.want, parse(t, tt.file)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// TestDeep nests more folders than there may be names.
func TestDeep(t *testing.T) {
	deep := parse(t, list(strings.Repeat("<H3>f</H3><DL>", 1000)+"<A HREF=x:>X</A>"+strings.Repeat("</DL>", 1000)))
	if len(deep) != 1 || len(deep[0].Folders) != maxDepth-1 {
		t.Errorf("got %d bookmarks, the first in %d folders", len(deep), len(deep[0].Folders))
	}
}

func TestErrors(t *testing.T) {
	for file, want := range map[string]error{
		"":                 errNotBookmarks,
		`{"title":"<DL>"}`: errNotBookmarks,
		"<!DOCTYPE html>\n<html><a href=/>x</a><dl><dt>x</dl></html>": errNotBookmarks,
		doctype + "<H1>Bookmarks</H1>":                                errCut,
		doctype + "<DL><DL>\n<DT><A HREF=x:>X</A>\n</DL>\n":           errCut,
		doctype + "<DL>\n<A HREF=\"x:>\n</DL>\n":                      errCut,
		doctype + "<HTML>\n<DT><A HREF=x:>X</A>":                      errCut,
	} {
		if _, err := Parse([]byte(file)); err != want {
			t.Errorf("%q: error %v, want %v", file, err, want)
		}
	}
}

// TestTruncated cuts each file at every byte. A cut before the end of the list is an error.
func TestTruncated(t *testing.T) {
	for file, closing := range map[string]string{
		"chrome.html": "</DL>", "firefox.html": "</DL>", "pinboard.html": "</DL>", "safari.html": "</HTML>",
	} {
		data := []byte(read(t, "testdata/"+file))
		end := bytes.LastIndex(data, []byte(closing)) + len(closing)
		for i := range data {
			if _, err := Parse(data[:i]); i < end && err == nil || i > end && err != nil {
				t.Fatalf("%s cut at byte %d: %v", file, i, err)
			}
		}
	}
}

func TestParseDate(t *testing.T) {
	const sec = 1500000000 // 2017-07-14T02:40:00Z
	for s, want := range map[string]int64{
		" 1 ": 1, "1500000000": sec, "253402300799": maxSeconds,
		"1500000000123": sec, "1500000000123456": sec, "1500000000123456789": sec,
		"13144473600123456": sec, "11644473601000000": 1, // Chrome's
		"1.5e9": sec, "1500000000.99": sec, "1.5E+12": sec, "+1500000000": sec,
		"2017-07-14T02:40:00Z": sec, "2017-07-14T04:40:00.5+02:00": sec, "2017-07-14 02:40:00": sec, "2017-07-14T02:40": sec,
		"2017-07-14": 1499990400,
	} {
		if got, ok := parseDate(s); !got.Equal(unix(want)) || !ok {
			t.Errorf("parseDate(%q) is %v, %t, want %v", s, got, ok, unix(want))
		}
	}
	for _, s := range []string{"", "0", " ", "0.0"} {
		if got, ok := parseDate(s); !got.IsZero() || !ok {
			t.Errorf("parseDate(%q) is %v, %t, want no date", s, got, ok)
		}
	}
	for _, s := range []string{
		"-1", "-1.5e9", "253402300800", "999999999999", "15000000001234", "999999999999999", "11644473600000000", "100000000000000000",
		"99999999999999999999", "1e300", "NaN", "Inf", "0x10", "1,5", "soon", "\x00", "14/07/2017", "2017-02-30", "50000-01-01",
		"1969-12-31", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-01:00", "--", "e",
	} {
		if got, ok := parseDate(s); ok {
			t.Errorf("parseDate(%q) is %v, want none", s, got)
		}
	}
}

// TestExampleFile checks the file that the project offers for a first try.
func TestExampleFile(t *testing.T) {
	bookmarks := parse(t, read(t, "../../../../examples/bookmarks.html"))
	seen, foreign, depth := map[string]bool{}, 0, 0
	for _, b := range bookmarks {
		if year := b.Added.Year(); seen[b.URL] || !strings.HasPrefix(b.URL, "https://") || b.Title == "" || year < 2012 || year > 2026 {
			t.Errorf("bad bookmark %+v", b)
		}
		seen[b.URL] = true
		depth = max(depth, len(b.Folders))
		if strings.ContainsFunc(b.Title, func(r rune) bool { return r > 0x024f }) {
			foreign++
		}
	}
	if len(bookmarks) < 60 || depth < 3 || foreign < 10 {
		t.Errorf("got %d bookmarks, folders %d deep, %d titles beyond Latin letters", len(bookmarks), depth, foreign)
	}
}
