package netscape

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestHTML(t *testing.T) {
	first := Bookmark{
		URL: "https://example.com/?a=1&b=\"2\"", Title: "A <b>", Notes: "one\n  two",
		Folders: []string{"F"}, Tags: []string{"x", "y z"},
		Added:    time.Date(2020, 1, 2, 3, 4, 5, 6, time.FixedZone("", 3600)),
		Modified: unix(1600000000), Visited: unix(253402300799), Line: 7,
	}
	got := Header + first.HTML() + Bookmark{URL: "x:", Added: unix(0), Modified: unix(-1), Visited: unix(maxSeconds + 1)}.HTML() + Footer
	want := Header + `    <DT><A HREF="https://example.com/?a=1&amp;b=&#34;2&#34;" ADD_DATE="1577930645" LAST_MODIFIED="1600000000" LAST_VISIT="253402300799" TAGS="x,y z">A &lt;b&gt;</A>
    <DD>one
  two
    <DT><A HREF="x:"></A>
</DL><p>
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}
}

// FuzzRoundTrip reads the items that Bookmark.HTML has written.
func FuzzRoundTrip(f *testing.F) {
	f.Add("https://example.com/?a=1&copy=2", "Title", "Notes\n\n with <DD> & lines", "a,b c")
	f.Add("x:'\"<>", "&amp; &#38; &lt", "</DL>", "&,<")
	f.Add("x:", "<!--", "-->", "\u3000,é\u0301")
	f.Fuzz(func(t *testing.T, url, title, notes, tags string) {
		for _, s := range []string{url, title, notes, tags} {
			if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) {
				t.Skip()
			}
		}
		first := Bookmark{
			URL: strings.TrimSpace(lineBreaks.Replace(url)), Title: collapse(title), Notes: strings.TrimSpace(notes),
			Added: unix(1), Line: 1 + strings.Count(Header, "\n"),
		}
		for tag := range strings.SplitSeq(tags, ",") {
			if tag = collapse(tag); tag != "" {
				first.Tags = append(first.Tags, tag)
			}
		}
		second := Bookmark{URL: "x:", Title: "Second", Line: first.Line + strings.Count(first.HTML(), "\n")}
		if isSavedSearch(first) {
			t.Skip()
		}
		got := parse(t, Header+first.HTML()+second.HTML()+Footer)
		if diff := cmp.Diff([]Bookmark{first, second}, got); diff != "" {
			t.Errorf("bookmarks (-want +got):\n%s", diff)
		}
	})
}
