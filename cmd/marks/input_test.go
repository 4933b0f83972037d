package main

import (
	"encoding/base64"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/google/go-cmp/cmp"
)

// bookmarkFile returns a browser's file with items in its list.
func bookmarkFile(items string) string {
	return "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>\n" + items + "\n</DL><p>\n"
}

// many returns n copies of a format with the numbers from 1 to n.
func many(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i+1)
	}
	return b.String()
}

// TestBadFiles imports files with a mistake in the whole, or in one of their bookmarks.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1<<20)
	const good = `{"url":"https://good.example/"}`
	of := func(fields string) string { return `{"url":"https://a.example/",` + fields + `}` }
	s := newFileShell(t)
	s.unchanged(func() {
		for _, tt := range []struct{ content, want string }{
			{"", "the file is empty"},
			{"\ufeff \r\n\t", "the file is empty"},
			{"\x89PNG\r\n\x1a\n\x00", "line 1: not a text in UTF-8"},
			{"\xff\xfe<\x00D\x00L\x00>\x00", "line 1: not a text in UTF-8"},
			{"https://example.org/\n", "this is neither a browser's HTML file nor JSON nor NDJSON"},

			{"<!DOCTYPE html><html><body><a href='https://example.org/'>x</a></body></html>", "not a bookmark file"},
			{bookmarkFile("<DL>"), "the file is cut short"},
			{bookmarkFile(`<DT><A HREF="https://a.example/">` + "\xff</A>"), "line 3: not a text in UTF-8"},
			{bookmarkFile("<DT><A HREF=https://a.example/>\x00</A>"), "line 3: not a text in UTF-8"},
			{bookmarkFile("<DT><A HREF=https://a.example/>" + long + "</A>"), "line 3: the title has 1048576 characters; 4096 are the most"},
			{bookmarkFile("<DT><H3>" + long[:101] + "</H3>\n<DL><DT><A HREF=https://a.example/>x</A></DL>"), "line 4: the tag"},
			{bookmarkFile("\n<DT><A HREF='https:'>x</A>"), `line 4: "https:" names no page`},
			{bookmarkFile("<DT><A>Nameless</A>"), "line 3: the URL is empty"},

			{`[` + good + `,{"url":"https://b.ex`, "the file is cut short: its JSON isn't closed"},
			{"[" + good + "\n", "the file is cut short"},
			{"[", "the file is cut short"},
			{good + "\n" + good[:20], "the file is cut short"},
			{"[]\n[]", "not valid JSON after the begin of line 2: something follows the bookmarks"},
			{"[\n" + good + "\n,\n{\n'url':1}]", "not valid JSON after the begin of line 3: "},
			{"[\n" + good + "\n\n\n" + good + "]", "not valid JSON after the begin of line 5: "},
			{good + "\nurl\n" + good, "not valid JSON after the begin of line 2: "},
			{strings.Repeat("[", 20000), "not valid JSON after the begin of line 1: "},
			{"[\n{\"url\":\"https://a.example/\",\"title\":\"\xff\"}]", "line 2: not a text in UTF-8"},
			{`[1]`, "bookmark 1: a bookmark can't be a JSON number"},
			{"[null]", "bookmark 1: the URL is empty"},
			{"[" + good + ",\n" + good + "]", "bookmark 2: https://good.example/ stands twice in the file"},
			{good + "\n\n" + good, "bookmark 2: https://good.example/ stands twice in the file"},

			{of(`"color":"red"`), `bookmark 1: unknown field "color"`},
			{of(`"` + long + `":1`), `bookmark 1: unknown field "xxxx`},
			{of(`"title":5`), "bookmark 1: title can't be a JSON number"},
			{of(`"tags":"a,b"`), "bookmark 1: "},
			{of(`"archived":1`), "bookmark 1: archived can't be a JSON number"},
			{of(`"visit_count":1.5`), "bookmark 1: visit_count can't be a JSON number 1.5"},
			{of(`"visit_count":-1`), "bookmark 1: visit_count -1 is not between 0 and 2147483647"},
			{of(`"metadata":[1]`), "bookmark 1: metadata is not a JSON object"},
			{of(`"metadata":null`), "bookmark 1: metadata is not a JSON object"},
			{of(`"created_at":"today"`), `bookmark 1: "today" isn't a time; want the form 2006-01-02T15:04:05.000Z`},
			{of(`"visited_at":"9999-12-31T23:59:59-01:00"`), "bookmark 1: visited_at is out of range: its year is outside 0 to 9999"},
			{of(`"updated_at":"0000-01-01T00:00:00+01:00"`), "bookmark 1: updated_at is out of range"},
			{of(`"notes":"` + long + `"`), "bookmark 1: the text of the notes has 1048576 characters; 65536 are the most"},
			{of(`"tags":[" , "]`), `bookmark 1: the tag " , " has no name`},
			{of(`"title":"a\u0000b"`), "bookmark 1: the title has a NUL character in it"},
			{`{"url":"https://a.example/\u001b[31m"}`, `bookmark 1: the URL "https://a.example/\x1b[31m" has a control character in it`},
			{of(`"attachments":[{"name":"../../etc/passwd","mime_type":"text/plain","data":""}]`), `bookmark 1: an attachment can't be named "../../etc/passwd"`},
			{of(`"attachments":[{"name":"a","data":""}]`), `bookmark 1: "" is not a MIME type`},
			{of(`"attachments":[{"name":"a","mime_type":"text/plain","data":"%"}]`), "bookmark 1: illegal base64 data"},
			{of(`"attachments":[{"name":"a","mime_type":"text/plain","size":2}]`), `bookmark 1: the attachment "a" has size 2 and 0 bytes of data`},
		} {
			r := s.run(tt.content, "import", "-")
			if r.Code != exitInput || r.Stdout != "" || strings.Count(r.Stderr, "\n") != 1 ||
				!strings.HasPrefix(r.Stderr, "marks: -: "+tt.want) || len(r.Stderr) > 600 {
				t.Errorf("%.100q: exit code %d, want %d and one line with %q\nstderr: %.1000s", tt.content, r.Code, exitInput, tt.want, r.Stderr)
			}
		}
		s.fails(exitNotFound, "/nowhere/file.html: no such file", "import", "/nowhere/file.html")
		s.fails(exitInput, ": is a directory", "import", t.TempDir())
		s.fails(exitInput, "file.json: this is neither", "import", writeFile(t, "file.json", "text"))
		s.fails(exitInput, `"https://exa mple.org/" is not a URL`, "edit", "1", "--url", "https://exa mple.org/")
		s.fails(exitInput, "the title is not valid UTF-8", "add", "https://d.example/", "--title", "\xff")
		s.fails(exitInput, "the title has 4097 characters; 4096 are the most", "edit", "1", "--title", strings.Repeat("é", 4097))
	})
}

// TestSkipInvalid leaves out unusable bookmarks, reports the reason for each, and imports the
// others.
func TestSkipInvalid(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ content, stderr, urls string }{
		{
			`{"url":"https://1.example/"}
{"url":"no-scheme"}
{"url":"https://2.example/","tags":["ok"," "]}
5
{"url":"https://3.example/","colour":1}
{"url":"https://1.example/"}
{"url":"https://6.example/","title":"last"}`,
			`-: left out: bookmark 2: "no-scheme" has no scheme; did you mean https://no-scheme?
-: left out: bookmark 3: the tag " " has no name
-: left out: bookmark 4: a bookmark can't be a JSON number
-: left out: bookmark 5: unknown field "colour"
-: left out: bookmark 6: https://1.example/ stands twice in the file
2 bookmarks: 2 new, 0 changed, 0 as they were; tags given: 0
`, "https://1.example/\nhttps://6.example/\n",
		},
		{
			bookmarkFile(`<DT><A HREF="https://1.example/" ADD_DATE="1000000000">1</A>
<DT><A HREF="https://2.example/" ADD_DATE="-5">2</A>
<DT><A>3</A>
<DT><A HREF="https://1.example/">1 again</A>
<DT><A HREF="https://5.example/">5</A>`),
			`-: line 4: ADD_DATE "-5" is no date
-: left out: line 5: the URL is empty
3 bookmarks: 3 new, 0 changed, 0 as they were; tags given: 0
`, "https://1.example/\nhttps://2.example/\nhttps://5.example/\n",
		},
		{`[{"url":""}]`, "-: left out: bookmark 1: the URL is empty\n0 bookmarks: 0 new, 0 changed, 0 as they were; tags given: 0\n", ""},
	} {
		s := shellOn(t, filepath.Join(t.TempDir(), "marks.db"))
		if diff := cmp.Diff(result{0, "", tt.stderr}, s.run(tt.content, "import", "--skip-invalid", "-")); diff != "" {
			t.Errorf("result (-want +got):\n%s", diff)
		}
		urls := ""
		for id := range strings.Count(tt.urls, "\n") {
			urls += s.must("visit", fmt.Sprint(id+1))
		}
		if diff := cmp.Diff(tt.urls, urls); diff != "" {
			t.Errorf("imported (-want +got):\n%s", diff)
		}
	}
}

// TestLargeAttachment keeps 6 MB in a file. A server refuses them.
func TestLargeAttachment(t *testing.T) {
	t.Parallel()
	data := strings.Repeat("0123456789abcde\n", 6<<20/16)
	file := writeFile(t, "large.txt", data)
	export := writeFile(t, "large.ndjson", fmt.Sprintf(
		`{"url":"https://b.example/","title":"changed","attachments":[{"name":"f","mime_type":"text/plain","data":%q}]}`,
		base64.StdEncoding.EncodeToString([]byte(data))))
	s := newFileShell(t)
	s.must("attach", "1", file)
	s.must("import", export)
	if s.must("cat", "1", "large.txt") != data || s.must("cat", "https://b.example/", "f") != data {
		t.Error("a file isn't the same as before")
	}
	s = shellOn(t, dbtest.StartServer(t).URL())
	fill(s)
	s.unchanged(func() {
		const limit = "a file is too big for the database: a libSQL server takes 5,000,000 bytes"
		s.fails(exitInput, limit, "attach", "1", file)
		s.fails(exitInput, limit, "import", export)
	})
}
