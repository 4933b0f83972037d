package netscape

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func encodeAll(bookmarks ...Bookmark) (string, error) {
	var s strings.Builder
	e := NewEncoder(&s)
	for _, b := range bookmarks {
		if err := e.Encode(b); err != nil {
			return "", err
		}
	}
	err := e.Close()
	return s.String(), err
}

func TestEncode(t *testing.T) {
	got, err := encodeAll(
		Bookmark{
			URL: "https://example.com/?a=1&b=\"2\"", Title: " A <b>\nB ", Notes: "one\n  two\n",
			Folders: []string{"F"}, Tags: []string{" x ", "", "y z"},
			Added:    time.Date(2020, 1, 2, 3, 4, 5, 6, time.FixedZone("", 3600)),
			Modified: unix(1600000000), Visited: unix(253402300799), Line: 7,
		},
		Bookmark{URL: "x:", Added: unix(0)},
	)
	if err != nil {
		t.Fatal(err)
	}
	want := header + `    <DT><A HREF="https://example.com/?a=1&amp;b=&#34;2&#34;" ADD_DATE="1577930645" LAST_MODIFIED="1600000000" LAST_VISIT="253402300799" TAGS="x,y z">A &lt;b&gt; B</A>
    <DD>one
  two
    <DT><A HREF="x:"></A>
` + footer
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}
}

func TestEncodeEmpty(t *testing.T) {
	got, err := encodeAll()
	if err != nil || got != header+footer {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestEncodeErrors(t *testing.T) {
	tests := []struct {
		name    string
		b       Bookmark
		problem string
	}{
		{"no URL", Bookmark{URL: " \n"}, "no URL"},
		{"saved search", Bookmark{URL: "Place:x"}, "a saved search of Firefox, not a bookmark"},
		{"comma", Bookmark{URL: "x:", Tags: []string{"a,b"}}, `the tag "a,b" has a comma`},
		{"early", Bookmark{URL: "x:", Added: unix(-1)}, "ADD_DATE 1969-12-31T23:59:59Z is out of range"},
		{"late", Bookmark{URL: "x:", Visited: unix(maxSeconds + 1)}, "LAST_VISIT 10000-01-01T00:00:00Z is out of range"},
		{"not UTF-8", Bookmark{URL: "x:", Title: "\xff"}, invalidUTF8},
		{"NUL", Bookmark{URL: "x:", Notes: "\x00"}, "a NUL byte"},
		{"long", Bookmark{URL: "x:", Notes: strings.Repeat("x", maxLength)}, "too long"},
	}
	var s strings.Builder
	e := NewEncoder(&s)
	for _, tt := range tests {
		err := e.Encode(tt.b)
		want := &BookmarkError{URL: tt.b.URL, Problem: tt.problem}
		var got *BookmarkError
		if !errors.As(err, &got) || *got != *want {
			t.Errorf("%s: got error %v, want %v", tt.name, err, want)
		}
	}
	if err := e.Close(); err != nil || s.String() != header+footer {
		t.Errorf("after errors: got %q, %v", s.String(), err)
	}
}

// TestEncodeLongest checks that a Decoder accepts the longest texts which an
// Encoder writes.
func TestEncodeLongest(t *testing.T) {
	long := strings.Repeat("x", maxLength-50)
	for _, b := range []Bookmark{
		{URL: "x:", Title: "X", Notes: long},
		{URL: "x:", Title: long},
		{URL: long, Title: "X"},
	} {
		file, err := encodeAll(b)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := decodeAll(strings.NewReader(file)); err != nil {
			t.Error(err)
		}
	}
}

func TestClose(t *testing.T) {
	var s strings.Builder
	e := NewEncoder(&s)
	for range 2 {
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Encode(Bookmark{URL: "x:"}); err == nil {
		t.Error("Encode after Close succeeded")
	}
	if s.String() != header+footer {
		t.Errorf("got %q", s.String())
	}
}

// A failWriter fails after n bytes.
type failWriter struct{ n int }

func (w *failWriter) Write(p []byte) (int, error) {
	if w.n -= len(p); w.n < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

func TestWriteErrors(t *testing.T) {
	long := Bookmark{URL: "x:", Notes: strings.Repeat("x", 10000)}
	e := NewEncoder(&failWriter{})
	for range 2 {
		if err := e.Encode(long); err != io.ErrShortWrite {
			t.Errorf("Encode returned %v", err)
		}
	}
	if err := e.Close(); err != io.ErrShortWrite {
		t.Errorf("Close returned %v", err)
	}
	if err := NewEncoder(&failWriter{}).Close(); err != io.ErrShortWrite {
		t.Errorf("Close of an empty file returned %v", err)
	}
}
