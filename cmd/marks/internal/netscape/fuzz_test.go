package netscape

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// FuzzDecode checks that decoding ends, and with an error of a known type.
func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/*.html")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("<DL><DT><A HREF=x: ADD_DATE=-1 TAGS=,>&#13;<title></A><DD>\r<DD>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d := NewDecoder(bytes.NewReader(data))
		// Each result takes at least an "<a>".
		for range len(data)/3 + 1 {
			b, err := d.Next()
			var syntax *SyntaxError
			var bookmark *BookmarkError
			switch {
			case err == nil:
				checkBookmark(t, b)
			case errors.As(err, &bookmark):
				checkMessage(t, err)
			case errors.As(err, &syntax):
				checkMessage(t, err)
				return
			case err == io.EOF:
				return
			default:
				t.Fatalf("unexpected error: %v", err)
			}
		}
		t.Error("more bookmarks than the file can hold")
	})
}

func checkMessage(t *testing.T, err error) {
	if msg := err.Error(); !utf8.ValidString(msg) || strings.ContainsAny(msg, "\n\r") {
		t.Errorf("the message isn't one line of text: %q", msg)
	}
}

// checkBookmark checks what a Decoder promises about each bookmark, and that an
// Encoder accepts it.
func checkBookmark(t *testing.T, b Bookmark) {
	if b.URL == "" || b.URL != cleanURL(b.URL) || b.Title != collapse(b.Title) || b.Line < 1 {
		t.Errorf("bad bookmark %+v", b)
	}
	for _, s := range append(append([]string{b.URL, b.Title, b.Notes}, b.Tags...), b.Folders...) {
		if !utf8.ValidString(s) {
			t.Errorf("%q isn't UTF-8", s)
		}
	}
	if _, err := encodeAll(b); err != nil {
		t.Errorf("the Encoder doesn't accept %+v: %v", b, err)
	}
}

// FuzzRoundTrip checks that what an Encoder writes is what a Decoder reads.
func FuzzRoundTrip(f *testing.F) {
	f.Add("https://example.com/?a=1&copy=2", "Title", "Notes\n\n with <DD> & lines", "a,b c")
	f.Add("x:'\"<>", "&amp; &#38; &lt", "</DL>", "&,<")
	f.Add("x:", "<!--", "-->", "\u3000,é\u0301")
	f.Fuzz(func(t *testing.T, url, title, notes, tags string) {
		for _, s := range []string{url, title, notes, tags} {
			if !isText(s) {
				t.Skip()
			}
		}
		first := Bookmark{URL: url, Title: title, Notes: notes, Tags: strings.Split(tags, ","), Added: unix(1)}
		second := Bookmark{URL: "x:", Title: "Second", Line: 3}
		if cleanURL(url) == "" || isQuery(cleanURL(url)) {
			t.Skip()
		}
		file, err := encodeAll(first, second)
		if err != nil {
			t.Fatal(err)
		}
		first.URL = cleanURL(url)
		first.Title = collapse(title)
		first.Notes = strings.TrimSpace(notes)
		first.Tags = splitTags(tags)
		first.Line = 1 + strings.Count(header, "\n")
		second.Line = first.Line + 1
		if first.Notes != "" {
			second.Line += 1 + strings.Count(first.Notes, "\n")
		}
		got, bad, err := decodeAll(strings.NewReader(file))
		if err != nil || bad != nil {
			t.Fatalf("got errors %v, %v from:\n%s", bad, err, file)
		}
		if diff := cmp.Diff([]Bookmark{first, second}, got); diff != "" {
			t.Errorf("bookmarks (-want +got):\n%s", diff)
		}
	})
}

// isText reports whether s is UTF-8 without control characters other than
// newlines.
func isText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n'
	})
}
