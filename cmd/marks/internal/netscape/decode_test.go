package netscape

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func unix(sec int64) time.Time { return time.Unix(sec, 0).UTC() }

// decodeAll returns the bookmarks which r holds, and the errors of those which
// can't be used. The last error is the final one, nil instead of io.EOF.
func decodeAll(r io.Reader) (bookmarks []Bookmark, bad []*BookmarkError, err error) {
	d := NewDecoder(r)
	for {
		b, err := d.Next()
		var be *BookmarkError
		switch {
		case err == nil:
			bookmarks = append(bookmarks, b)
		case errors.As(err, &be):
			bad = append(bad, be)
		case err == io.EOF:
			return bookmarks, bad, nil
		default:
			return bookmarks, bad, err
		}
	}
}

func TestDialects(t *testing.T) {
	tests := []struct {
		file string
		want []Bookmark
	}{
		{"chrome.html", []Bookmark{
			{URL: "https://go.dev/", Title: "The Go Programming Language", Added: unix(1600000000), Line: 10},
			{URL: "https://pkg.go.dev/", Title: "Go Packages", Folders: []string{"Dev & Ops", "Go"}, Added: unix(1600000001), Line: 15},
			{URL: "javascript:alert('hi')", Title: "Bookmarklet", Folders: []string{"Dev & Ops"}, Added: unix(1600000002), Line: 17},
			{URL: "https://example.com/?a=1&b=2", Added: unix(1600000003), Line: 20},
		}},
		{"firefox.html", []Bookmark{
			{
				URL: "https://www.mozilla.org/", Title: "Mozilla",
				Added: unix(1500000000), Modified: unix(1500000100), Visited: unix(1500000200),
				Line: 12,
			},
			{
				URL: "https://www.sqlite.org/", Title: "SQLite <Home>",
				Notes:   "Small. Fast. Reliable.\n\n  Choose any three — “really”.",
				Folders: []string{"Databases"}, Tags: []string{"sql", "embedded db"},
				Added: unix(1500000003), Line: 17,
			},
			{URL: "https://www.postgresql.org/", Title: "PostgreSQL", Folders: []string{"Databases"}, Added: unix(1500000004), Line: 22},
			{URL: "https://developer.mozilla.org/", Title: "MDN", Added: unix(1500000006), Line: 27},
			{URL: "https://example.org/", Title: "日本語のページ", Added: unix(1500000007), Line: 31},
		}},
		{"safari.html", []Bookmark{
			{URL: "https://www.apple.com/", Title: "Apple", Folders: []string{"Favorites"}, Line: 7},
			{URL: "https://www.icloud.com/", Title: "iCloud", Folders: []string{"Favorites"}, Line: 8},
			{URL: "https://webkit.org/", Title: "WebKit", Line: 11},
		}},
		{"pinboard.html", []Bookmark{
			{
				URL: "https://lwn.net/", Title: "LWN.net",
				Notes: "News from the source.\nSubscribers only, at first.",
				Tags:  []string{"linux", "news"}, Added: unix(1400000000), Line: 5,
			},
			{URL: "https://xkcd.com/", Title: "xkcd", Tags: []string{"comics"}, Added: unix(1400000001), Line: 9},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			f, err := os.Open("testdata/" + tt.file)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			got, bad, err := decodeAll(f)
			if err != nil || bad != nil {
				t.Fatalf("got errors %v, %v", bad, err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("bookmarks (-want +got):\n%s", diff)
			}
		})
	}
}

// list returns a bookmark file with the given items in its root list.
func list(items string) string {
	return "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>\n" + items + "\n</DL><p>\n"
}

func TestMarkup(t *testing.T) {
	tests := []struct {
		name, in string
		want     []Bookmark
	}{
		{"empty list", list(""), nil},
		{"empty Safari file", "<!DOCTYPE NETSCAPE-Bookmark-file-1><HTML><H1>Bookmarks</H1></HTML>", nil},
		{
			"byte order mark", "\ufeff" + list(`<DT><A HREF="x:">X</A>`),
			[]Bookmark{{URL: "x:", Title: "X", Line: 3}},
		},
		{
			"lower case, unquoted, closed tags", list(`<dt><a href=x:?a=b&c tags=t>X</a></dt><dd>n</dd>`),
			[]Bookmark{{URL: "x:?a=b&c", Title: "X", Notes: "n", Tags: []string{"t"}, Line: 3}},
		},
		{
			"CRLF", strings.ReplaceAll(list("<DT><A\nHREF=\"x:\">X\nY</A>\n<DD>a\nb\n<DT><A HREF=y:>Y</A>"), "\n", "\r\n"),
			[]Bookmark{
				{URL: "x:", Title: "X Y", Notes: "a\nb", Line: 3},
				{URL: "y:", Title: "Y", Line: 8},
			},
		},
		{
			"no doctype", "<DL><DT><A HREF=x:>X</A></DL>",
			[]Bookmark{{URL: "x:", Title: "X", Line: 1}},
		},
		{
			"loose items, no HTML", "<!doctype netscape-bookmark-file-1>\n<DT><A HREF=x:>X</A>\n<DD>n",
			[]Bookmark{{URL: "x:", Title: "X", Notes: "n", Line: 2}},
		},
		{
			"HTML not closed", "<HTML>\n" + list("<DT><A HREF=x:>X</A>"),
			[]Bookmark{{URL: "x:", Title: "X", Line: 4}},
		},
		{
			"A not closed", list("<DT><A HREF=x:>X\n<DT><A HREF=y:>Y\n<DD>n\n<HR><A HREF=z:>Z"),
			[]Bookmark{
				{URL: "x:", Title: "X", Line: 3},
				{URL: "y:", Title: "Y", Notes: "n", Line: 4},
				{URL: "z:", Title: "Z", Line: 6},
			},
		},
		{
			"H3 not closed", list("<DT><H3>F<DL><DT><A HREF=x:>X</A></DL>"),
			[]Bookmark{{URL: "x:", Title: "X", Folders: []string{"F"}, Line: 3}},
		},
		{
			"H3 without a list", list("<DT><H3>F</H3><DT><A HREF=x:>X</A><DL><DT><A HREF=y:>Y</A></DL>"),
			[]Bookmark{{URL: "x:", Title: "X", Line: 3}, {URL: "y:", Title: "Y", Line: 3}},
		},
		{
			"one /DL too many", list("<DT><A HREF=x:>X</A></DL></DL>"),
			[]Bookmark{{URL: "x:", Title: "X", Line: 3}},
		},
		{
			"markup in a title", list("<DT><A HREF=x:>The <b>new</b><br>&lt;title&gt; <title>tag</A><DT><A HREF=y:>Y</A>"),
			[]Bookmark{
				{URL: "x:", Title: "The new <title> tag", Line: 3},
				{URL: "y:", Title: "Y", Line: 3},
			},
		},
		{
			"white space", list("<DT><H3> A\u3000\n B </H3><DL><A HREF=' x:\ny\t' TAGS=',a \t b,, c ,'>\u00a0X &nbsp; Y\n</A><DD>\n\n  n\n m \n\n</DL>"),
			[]Bookmark{{URL: "x:y", Title: "X Y", Notes: "n\n m", Folders: []string{"A B"}, Tags: []string{"a b", "c"}, Line: 4}},
		},
		{
			"notes in parts", list("<DT><A HREF=x:>X</A><DD>a<br>b <i>c</i><DD>d</DD><DD>e</DD>not this"),
			[]Bookmark{{URL: "x:", Title: "X", Notes: "a\nb c\nd\ne", Line: 3}},
		},
		{
			"link in notes", list("<DT><A HREF=x:>X</A><DD>see <A HREF=y:>Y</A>"),
			[]Bookmark{{URL: "x:", Title: "X", Notes: "see", Line: 3}, {URL: "y:", Title: "Y", Line: 3}},
		},
		{
			"special folders", list(`<DT><H3 PERSONAL_TOOLBAR_FOLDER>Bar</H3><DL><DT><H3 BOOKMARKS_MENU="false">F</H3><DL><A HREF=x:>X</A></DL></DL>`),
			[]Bookmark{{URL: "x:", Title: "X", Folders: []string{"F"}, Line: 3}},
		},
		{
			"saved searches", list(`<DT><A HREF="PLACE:sort=8" ADD_DATE=x>Most visited</A><DD>n<DT><A HREF=x:>X</A>`),
			[]Bookmark{{URL: "x:", Title: "X", Line: 3}},
		},
		{
			"self-closing", list(`<DT><A HREF="x:"/>X</A><HR/>`),
			[]Bookmark{{URL: "x:", Title: "X", Line: 3}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, bad, err := decodeAll(strings.NewReader(tt.in))
			if err != nil || bad != nil {
				t.Fatalf("got errors %v, %v", bad, err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("bookmarks (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBookmarkErrors(t *testing.T) {
	in := list(`<DT><A>No link</A>
<DT><A HREF=" ">Blank</A>
<DT><A HREF="x:4">4</A>`)
	want := []*BookmarkError{
		{Line: 3, Problem: `the bookmark "No link" has no HREF`},
		{Line: 4, Problem: `the bookmark "Blank" has no HREF`},
	}
	got, bad, err := decodeAll(strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, bad); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	if len(got) != 1 || got[0].URL != "x:4" {
		t.Errorf("got bookmarks %+v, want only x:4", got)
	}
}

func TestSyntaxErrors(t *testing.T) {
	const doctype = "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n"
	huge := strings.Repeat("x", maxLength)
	half := strings.Repeat("x", maxLength/2)
	tests := []struct {
		name, in string
		want     SyntaxError
	}{
		{"empty file", "", SyntaxError{1, notBookmarks}},
		{"plain text", "a\nb\n", SyntaxError{3, notBookmarks}},
		{"JSON", `{"title":"<DL>"}`, SyntaxError{1, notBookmarks}},
		{"web page", "<!DOCTYPE html>\n<html><h3>x</h3>\n<a href=/>x</a><dl><dt>x</dl></html>", SyntaxError{3, notBookmarks}},
		{"glossary", "<!DOCTYPE html>\n<dl><dt>x<dd>y</dl>", SyntaxError{2, notBookmarks}},
		{"no list", doctype + "<H1>Bookmarks</H1>", SyntaxError{2, "the file is cut short: it ends before the list of bookmarks"}},
		{"open DL", doctype + "<DL><DL>\n<DT><A HREF=x:>X</A>\n</DL>\n", SyntaxError{5, "the file is cut short: the <DL> of line 2 is not closed"}},
		{"open A", doctype + "<DL>\n<DT><A HREF=x:>X", SyntaxError{3, "the file is cut short: the <A> of line 3 is not closed"}},
		{"open H3", doctype + "<DL>\n<DT>\n<H3>X", SyntaxError{4, "the file is cut short: the <H3> of line 4 is not closed"}},
		{"open HTML", doctype + "<HTML>\n<DT><A HREF=x:>X</A>", SyntaxError{3, "the file is cut short: the <HTML> of line 2 is not closed"}},
		{"open tag", doctype + "<DL>\n</DL\n", SyntaxError{3, "the file is cut short: it ends inside a tag"}},
		{"open attribute", doctype + "<DL>\n<A HREF=\"x:>\n</DL>\n", SyntaxError{3, "the file is cut short: it ends inside a tag"}},
		{"invalid UTF-8", doctype + "<DL>\n<DT><A HREF=x:>\xff</A>", SyntaxError{3, invalidUTF8}},
		{"overlong UTF-8", doctype + "\n\xc0\xaf", SyntaxError{3, invalidUTF8}},
		{"half a character, then ASCII", doctype + "é\xc3\n", SyntaxError{2, invalidUTF8}},
		{"half a character at the end", list("") + "\xe6\x97", SyntaxError{5, invalidUTF8}},
		{"UTF-16", "\xff\xfe<\x00!\x00", SyntaxError{1, invalidUTF8}},
		{"binary", doctype + "\n\x00", SyntaxError{3, nulByte}},
		{"long title", list("<DT>\n<A HREF=x:>" + huge + "</A>"), SyntaxError{4, tooLong}},
		{"long title in parts", list("<DT>\n<A HREF=x:>" + half + "<b>" + half + "</b>x</A>"), SyntaxError{4, tooLong}},
		{"long notes in parts", list("<A HREF=x:>X</A>\n<DD>" + half + "</DD>\n<DD>" + half), SyntaxError{4, tooLong}},
		{"long attribute", list("\n<A HREF=x: ICON=" + huge + ">X</A>"), SyntaxError{4, tooLong}},
		{"long path", list("<H3>" + half + "</H3><DL>\n<H3>" + half + "x</H3><DL>"), SyntaxError{4, "the names of the folders are too long"}},
		{"deep", list(strings.Repeat("<DL>\n", maxDepth)), SyntaxError{2 + maxDepth, "folders nested more than 256 deep"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := NewDecoder(strings.NewReader(tt.in))
			err := drain(d)
			var got *SyntaxError
			if !errors.As(err, &got) || *got != tt.want {
				t.Fatalf("got error %v, want %v", err, &tt.want)
			}
			if _, again := d.Next(); again != err {
				t.Errorf("the next call returned %v, want the same error", again)
			}
		})
	}
}

// drain reads to the final error, which it returns.
func drain(d *Decoder) error {
	for {
		_, err := d.Next()
		var be *BookmarkError
		if err != nil && !errors.As(err, &be) {
			return err
		}
	}
}

func TestReaders(t *testing.T) {
	data, err := os.ReadFile("testdata/firefox.html")
	if err != nil {
		t.Fatal(err)
	}
	want, _, err := decodeAll(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	readers := map[string]func(io.Reader) io.Reader{
		"one byte":  iotest.OneByteReader,
		"half":      iotest.HalfReader,
		"data, EOF": iotest.DataErrReader,
	}
	for name, reader := range readers {
		got, _, err := decodeAll(reader(bytes.NewReader(data)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: bookmarks (-want +got):\n%s", name, diff)
		}
	}
}

func TestReadError(t *testing.T) {
	broken := errors.New("broken")
	r := io.MultiReader(strings.NewReader(list("<DT><A HREF=x:>X</A>")), iotest.ErrReader(broken))
	d := NewDecoder(r)
	if b, err := d.Next(); err != nil || b.URL != "x:" {
		t.Fatalf("got %+v, %v", b, err)
	}
	for range 2 {
		if _, err := d.Next(); err != broken {
			t.Errorf("got error %v, want %v", err, broken)
		}
	}
}

func TestEOFIsFinal(t *testing.T) {
	d := NewDecoder(strings.NewReader(list("")))
	for range 2 {
		if _, err := d.Next(); err != io.EOF {
			t.Errorf("got error %v, want EOF", err)
		}
	}
}

// TestTruncated cuts each file at every byte. A cut before the end of what
// closes the list must not look like a shorter file.
func TestTruncated(t *testing.T) {
	files := map[string]string{
		"chrome.html":   "</DL>",
		"firefox.html":  "</DL>",
		"pinboard.html": "</DL>",
		"safari.html":   "</HTML>",
	}
	for file, closing := range files {
		data, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		end := bytes.LastIndex(data, []byte(closing)) + len(closing)
		for i := range data {
			err := drain(NewDecoder(bytes.NewReader(data[:i])))
			var syntax *SyntaxError
			isSyntax := errors.As(err, &syntax)
			if i < end && !isSyntax || !isSyntax && err != io.EOF {
				t.Fatalf("%s cut at byte %d: got error %v", file, i, err)
			}
		}
	}
}

func TestErrorText(t *testing.T) {
	tests := []struct {
		err  error
		want string
	}{
		{&SyntaxError{Line: 12, Problem: "p"}, "line 12: p"},
		{&BookmarkError{Line: 12, URL: "x:", Problem: "p"}, `line 12: "x:": p`},
		{&BookmarkError{Line: 12, URL: "x:\x1b\n", Problem: "p"}, `line 12: "x:\x1b\n": p`},
		{&BookmarkError{Line: 12, Problem: "p"}, "line 12: p"},
		{&BookmarkError{URL: "x:", Problem: "p"}, `"x:": p`},
	}
	for _, tt := range tests {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

func TestOddDates(t *testing.T) {
	in := list(`<DT><A HREF="x:1" ADD_DATE="soon">1</A>
<DT><A HREF="x:2" LAST_MODIFIED="-1" ADD_DATE="1500000000">2</A>
<DT><A HREF="x:3" LAST_VISIT="999999999999" ADD_DATE="2017-07-14" LAST_MODIFIED="&#27;[31m">3</A>`)
	want := []Bookmark{
		{URL: "x:1", Title: "1", Line: 3, Warnings: []string{`ADD_DATE "soon" is no date`}},
		{URL: "x:2", Title: "2", Line: 4, Added: unix(1500000000), Warnings: []string{`LAST_MODIFIED "-1" is no date`}},
		{URL: "x:3", Title: "3", Line: 5, Added: unix(1499990400), Warnings: []string{`LAST_VISIT "999999999999" is no date`, `LAST_MODIFIED "\x1b[31m" is no date`}},
	}
	got, bad, err := decodeAll(strings.NewReader(in))
	if err != nil || bad != nil {
		t.Fatal(bad, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("bookmarks (-want +got):\n%s", diff)
	}
}

func TestParseDate(t *testing.T) {
	const sec = 1500000000 // 2017-07-14T02:40:00Z
	for in, want := range map[string]int64{
		"": 0, "0": 0, " ": 0, "0.0": 0, " 1 ": 1,
		"1500000000": sec, "253402300799": maxSeconds,
		"1500000000123": sec, "1500000000123456": sec, "1500000000123456789": sec,
		"13144473600123456": sec, "11644473601000000": 1, // Chrome's
		"1.5e9": sec, "1500000000.99": sec, "1.5E+12": sec, "+1500000000": sec,
		"2017-07-14T02:40:00Z": sec, "2017-07-14T04:40:00.5+02:00": sec, "2017-07-14 02:40:00": sec, "2017-07-14T02:40": sec,
		"20170714T024000Z": sec, "20170714024000": sec, "Fri, 14 Jul 2017 02:40:00 GMT": sec, "Fri, 14 Jul 2017 04:40:00 +0200": sec,
		"2017-07-14": 1499990400,
	} {
		got, ok := parseDate(in)
		if unixOf(got) != want || !ok {
			t.Errorf("parseDate(%q) is %v, %t, want %v", in, got, ok, unix(want))
		}
	}
	for _, in := range []string{
		"-1", "-1.5e9", "253402300800", "999999999999", "15000000001234", "999999999999999", "11644473600000000", "100000000000000000",
		"99999999999999999999", "1e300", "NaN", "Inf", "0x10", "1_000", "1,5", "soon", "\x00", "14/07/2017", "2017-02-30", "50000-01-01", "50000-01-01T00:00:00Z",
		"1969-12-31", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-01:00", "--", "e",
	} {
		if got, ok := parseDate(in); ok {
			t.Errorf("parseDate(%q) is %v, want none", in, got)
		}
	}
}

// unixOf returns the seconds since 1970, 0 for no time.
func unixOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
