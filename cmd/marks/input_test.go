package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/google/go-cmp/cmp"
)

// newFileShell returns a shell on a new SQLite file that holds a few bookmarks.
func newFileShell(t testing.TB) shell {
	t.Helper()
	s := shellOn(t, filepath.Join(t.TempDir(), "marks.db"))
	fill(s)
	return s
}

// fill saves a few bookmarks of all sorts.
func fill(s shell) {
	s.Helper()
	file := writeFile(s, "fill.ndjson", `
{"url":"https://a.example/","title":"A","tags":["x","y"],"metadata":{"k":1},"attachments":[{"name":"a","mime_type":"text/plain","data":"aGk="}]}
{"url":"https://b.example/","title":"B","archived":true,"visit_count":3,"visited_at":"2020-01-01T00:00:00.000Z"}
{"url":"https://c.example/","notes":"several\nlines"}
`)
	s.must("import", file)
}

// refuses runs a command that must fail with an exit code and exactly one line, which
// has want in it, and change nothing.
func (s shell) refuses(code int, want string, args ...string) {
	s.Helper()
	before := s.must("export")
	s.fails(code, want, args...)
	if diff := cmp.Diff(before, s.must("export")); diff != "" {
		s.Errorf("marks %.200q changed the database (-before +after):\n%s", args, diff)
	}
}

// fails is refuses for a database that can't be looked at.
func (s shell) fails(code int, want string, args ...string) {
	s.Helper()
	r := s.run(args...)
	if r.Code != code || r.Stdout != "" || strings.Count(r.Stderr, "\n") != 1 || !strings.Contains(r.Stderr, want) {
		s.Errorf("marks %.200q: exit code %d, want %d and one line with %q\nstdout: %.500s\nstderr: %.1000s",
			args, r.Code, code, want, r.Stdout, r.Stderr)
	}
}

// bookmarkFile is a browser's file with items in its list.
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

// TestBadFiles imports files that can't be: as a whole, or in one of their bookmarks.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1<<20)
	const good = `{"url":"https://good.example/"}`
	tests := []struct {
		name, content, want string
	}{
		{"empty", "", "the file is empty"},
		{"white space", "\ufeff \r\n\t", "the file is empty"},
		{"binary", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "this is a binary file, not bookmarks in HTML, JSON or NDJSON"},
		{"UTF-16 cut", "\xff\xfe<\x00D\x00L\x00>\x00\n\x00a", "line 2: the file is cut short: its UTF-16 ends within a character"},
		{"UTF-16 broken", "\xfe\xff\x00<\x00\n\xd8\x00\x00a", "line 2: not valid UTF-16"},
		{"UTF-16 NUL", "\xff\xfe<\x00\x00\x00", "this is a binary file"},
		{"UTF-32", "\xff\xfe\x00\x00<\x00\x00\x00", "this is a binary file"},
		{"encoding broken", "<DL>\n<META CHARSET=Shift_JIS>\n<DT><A HREF=https://a.example/>\x93</A></DL>", "line 3: not valid shift_jis, which the file says it is in"},
		{"encoding unknown", "<DL>\n<META HTTP-EQUIV=Content-Type CONTENT='text/html; charset=klingon'>\n\xff</DL>", `the file says that it is in "klingon", which isn't known here; save it as UTF-8`},
		{"encoding said wrongly", "<DL>\n<META CHARSET=UTF-8>\n\xff</DL>", "line 3: invalid UTF-8"},
		{"text", "https://example.org/\n", "this is neither a browser's HTML file nor JSON nor NDJSON"},

		{"HTML page", "<!DOCTYPE html><html><body><a href='https://example.org/'>x</a></body></html>", "line 1: not a bookmark file"},
		{"HTML invalid UTF-8", bookmarkFile(`<DT><A HREF="https://a.example/">` + "\xff</A>"), "line 3: invalid UTF-8"},
		{"HTML NUL", bookmarkFile("<DT><A HREF=https://a.example/>\x00</A>"), "this is a binary file"},
		{"HTML long title", bookmarkFile("<DT><A HREF=https://a.example/>" + long + "</A>"), "line 3: the title has 1048576 characters; 4096 are the most"},
		{"HTML long tag", bookmarkFile(`<DT><A HREF="https://a.example/" TAGS="` + long[:101] + `">x</A>`), `line 3: the tag "xxxxxxxxxxxxxxxxxxxx"… has more than 100 characters`},
		{"HTML long folder", bookmarkFile("<DT><H3>" + long[:101] + "</H3>\n<DL><DT><A HREF=https://a.example/>x</A></DL>"), "line 4: the tag"},
		{"HTML no page", bookmarkFile("\n<DT><A HREF='https:'>x</A>"), `line 4: "https:" names no page`},
		{"HTML no URL", bookmarkFile("<DT><A>Nameless</A>"), `line 3: the bookmark "Nameless" has no HREF`},

		{"JSON cut", `[` + good + `,{"url":"https://b.ex`, "line 1: the file is cut short: its JSON isn't closed"},
		{"JSON array cut", "[" + good + "\n", "line 2: the file is cut short"},
		{"JSON opening alone", "[", "line 1: the file is cut short"},
		{"JSON with more", "[]\n[]", "line 2: something follows the array of bookmarks"},
		{"JSON syntax", "[\n" + good + "\n,\n{\n'url':1}]", "line 5: not valid JSON: invalid character '\\''"},
		{"JSON syntax far behind", "[\n" + many(1000, "{\"url\":\"https://%d.example/\"}\n\n,\n\n\n") + "x]", "line 5002: not valid JSON: invalid character 'x'"},
		{"JSON without a comma", "[\n" + good + "\n\n\n" + good + "]", "line 5: not valid JSON: expected comma after array element"},
		{"JSON too deep", strings.Repeat("[", 20000), "line 1: not valid JSON: invalid character '[' exceeded max depth"},
		{"JSON invalid UTF-8", "[\n{\"url\":\"https://a.example/\",\"title\":\"\xff\"}]", "line 2: not valid UTF-8"},
		{"JSON element of no object", `[1]`, "line 1: a bookmark is a JSON object, not a JSON number"},
		{"JSON null", "[null]", "line 1: the URL is empty"},
		{"JSON twice", "[" + good + ",\n" + good + "]", "line 2: https://good.example/ stands twice in the file, first in line 1"},

		{"NDJSON broken line", good + "\n{\"url\":\n" + good, "line 2: not valid JSON; the file is cut short, or no NDJSON"},
		{"NDJSON cut", good + "\n" + good[:20], "line 2: not valid JSON; the file is cut short, or no NDJSON"},
		{"NDJSON over lines", "{\n\"url\": \"https://a.example/\"\n}", "line 1: not valid JSON"},
		{"NDJSON twice", good + "\n\n" + good, "line 3: https://good.example/ stands twice in the file, first in line 1"},
		{"NDJSON invalid UTF-8", good + "\n{\"url\":\"https://\xff\"}", "line 2: not valid UTF-8"},

		{"unknown field", `{"url":"https://a.example/","color":"red"}`, `line 1: unknown field "color"`},
		{"wrong type of title", `{"url":"https://a.example/","title":5}`, "line 1: title can't be a JSON number"},
		{"wrong type of tags", `{"url":"https://a.example/","tags":"a,b"}`, "line 1: tags can't be a JSON string"},
		{"wrong type of a tag", `{"url":"https://a.example/","tags":[["a"]]}`, "line 1: tags can't be a JSON array"},
		{"wrong type of archived", `{"url":"https://a.example/","archived":1}`, "line 1: archived can't be a JSON number"},
		{"fraction of a visit", `{"url":"https://a.example/","visit_count":1.5}`, "line 1: visit_count can't be a JSON number 1.5"},
		{"visits below 0", `{"url":"https://a.example/","visit_count":-1}`, "line 1: visit_count -1 is not between 0 and 2147483647"},
		{"visits beyond counting", `{"url":"https://a.example/","visit_count":9223372036854775807}`, "line 1: visit_count 9223372036854775807 is not between"},
		{"metadata of no object", `{"url":"https://a.example/","metadata":[1]}`, "line 1: metadata is not a JSON object"},
		{"metadata null", `{"url":"https://a.example/","metadata":null}`, "line 1: metadata is not a JSON object"},
		{"metadata too deep", `{"url":"https://a.example/","metadata":` + strings.Repeat(`{"a":`, 900) + "1" + strings.Repeat("}", 901), "line 1: metadata is nested more than 500 deep"},
		{"date of letters", `{"url":"https://a.example/","created_at":"today"}`, `line 1: "today" isn't a time; want the form 2006-01-02T15:04:05.000Z`},
		{"date of a number", `{"url":"https://a.example/","created_at":1433160000}`, "line 1: a time in JSON is a string, not 1433160000"},
		{"date beyond 9999", `{"url":"https://a.example/","created_at":"12026-01-01T00:00:00Z"}`, `line 1: "12026-01-01T00:00:00Z" isn't a time`},
		{"date beyond 9999 in UTC", `{"url":"https://a.example/","visited_at":"9999-12-31T23:59:59-01:00"}`, "line 1: visited_at is out of range: its year is outside 0 to 9999"},
		{"date before 0 in UTC", `{"url":"https://a.example/","updated_at":"0000-01-01T00:00:00+01:00"}`, "line 1: updated_at is out of range"},
		{"long URL", `{"url":"https://a.example/` + long[:8192] + `"}`, "line 1: the URL has 8210 characters; 8192 are the most"},
		{"long title", `{"url":"https://a.example/","title":"` + long + `"}`, "line 1: the title has 1048576 characters; 4096 are the most"},
		{"long notes", `{"url":"https://a.example/","notes":"` + long + `"}`, "line 1: the text of the notes has 1048576 characters; 65536 are the most"},
		{"long tag", `{"url":"https://a.example/","tags":["` + long + `"]}`, `line 1: the tag "xxxxxxxxxxxxxxxxxxxx"… has more than 100 characters`},
		{"long field", `{"url":"https://a.example/","` + long + `":1}`, `line 1: unknown field "xxxx`},
		{"tag of nothing", `{"url":"https://a.example/","tags":[" , "]}`, `line 1: the tag " , " has no name`},
		{"NUL in a title", `{"url":"https://a.example/","title":"a\u0000b"}`, "line 1: the title has a NUL character in it"},
		{"no scheme", `{"url":"a.example"}`, `line 1: "a.example" has no scheme; did you mean https://a.example?`},
		{"no URL", `{"title":"x"}`, "line 1: the URL is empty"},
		{"control character in a URL", `{"url":"https://a.example/\u001b[31m"}`, `line 1: the URL "https://a.example/\x1b[31m" has a control character in it`},
		{"attachment without a name", `{"url":"https://a.example/","attachments":[{"mime_type":"text/plain","data":""}]}`, `line 1: an attachment can't be named ""`},
		{"attachment with a path", `{"url":"https://a.example/","attachments":[{"name":"../../etc/passwd","mime_type":"text/plain","data":""}]}`, `line 1: an attachment can't be named "../../etc/passwd"`},
		{"attachment without a type", `{"url":"https://a.example/","attachments":[{"name":"a","data":""}]}`, `line 1: "" is not a MIME type`},
		{"attachment not in base64", `{"url":"https://a.example/","attachments":[{"name":"a","mime_type":"text/plain","data":"%"}]}`, "line 1: illegal base64 data"},
		{"attachment without data", `{"url":"https://a.example/","attachments":[{"name":"a","mime_type":"text/plain","size":2}]}`, `line 1: the attachment "a" has size 2 and 0 bytes of data`},
	}
	s := newFileShell(t)
	before := s.must("export")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := shell{t, s.environ, ""}
			file := writeFile(t, "bad", tt.content)
			r := s.run("import", file)
			if r.Code != exitInput || r.Stdout != "" || strings.Count(r.Stderr, "\n") != 1 ||
				!strings.HasPrefix(r.Stderr, "marks: "+file+": "+tt.want) || len(r.Stderr) > 600+len(file) {
				t.Errorf("exit code %d, want %d and one line with %q\nstderr: %.1000s", r.Code, exitInput, tt.want, r.Stderr)
			}
			if piped := s.runWith(tt.content, "import", "-"); piped.Stderr != strings.ReplaceAll(r.Stderr, file, "-") {
				t.Errorf("from standard input it says\n%swhere the file's error is\n%s", piped.Stderr, r.Stderr)
			}
			if diff := cmp.Diff(before, s.must("export")); diff != "" {
				t.Errorf("the database has changed (-before +after):\n%s", diff)
			}
		})
	}
	t.Run("no file", func(t *testing.T) {
		s := shell{t, s.environ, ""}
		s.refuses(exitNotFound, "/nowhere/file.html: no such file", "import", "/nowhere/file.html")
	})
	t.Run("folder", func(t *testing.T) {
		s := shell{t, s.environ, ""}
		s.refuses(exitInput, ": is a directory", "import", t.TempDir())
	})
	t.Run("no URL", func(t *testing.T) {
		s := shell{t, s.environ, ""}
		s.refuses(exitInput, `"example.org" has no scheme; did you mean https://example.org?`, "add", "example.org")
		s.refuses(exitInput, `"https://exa mple.org/" is not a URL`, "edit", "1", "--url", "https://exa mple.org/")
		s.refuses(exitInput, "the title is not valid UTF-8", "add", "https://d.example/", "--title", "\xff")
		s.refuses(exitInput, "the text of the notes has 65537 characters; 65536 are the most", "edit", "1", "--notes", strings.Repeat("é", 65537))
	})
}

// TestCutHTML cuts a real file short: wherever that is, none of it is imported.
func TestCutHTML(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile("../../examples/bookmarks.html")
	if err != nil {
		t.Fatal(err)
	}
	s := newFileShell(t)
	before := s.must("export")
	end := strings.LastIndex(string(whole), "</DL>") // all behind it may be missing
	const step = 101                                 // a prime: not always at the same place of a line
	for at := 0; at < end; at += step {
		for _, args := range [][]string{{"import", "-"}, {"import", "-", "--skip-invalid"}} {
			r := s.runWith(string(whole[:at]), args...)
			if r.Code != exitInput || strings.Count(r.Stderr, "\n") != 1 {
				t.Errorf("%q of the first %d bytes: exit code %d\n%s", args, at, r.Code, r.Stderr)
			}
		}
	}
	if diff := cmp.Diff(before, s.must("export")); diff != "" {
		t.Errorf("the database has changed (-before +after):\n%s", diff)
	}
	if r := s.runWith(string(whole[:end+len("</DL>")]), "import", "-"); r.Code != 0 {
		t.Errorf("the file without its last tag: %s", r.Stderr)
	}
}

// TestSkipInvalid leaves out what can't be used, says of each why, and imports the rest.
func TestSkipInvalid(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, content string
		want          string // on standard error, FILE for the file
		urls          []string
	}{
		{
			"NDJSON", `{"url":"https://1.example/"}
{"url":"no-scheme"}
{"url":"https://2.example/","tags":["ok"," "]}
5
{"url":"https://3.example/","colour":1}
{"url":"https://1.example/"}
{"url":"https://4.example/","title":["x"]}

{"url":"https://5.example/","created_at":"2020-02-30T00:00:00Z"}
{"url":"https://6.example/","title":"last"}`,
			`FILE: left out: line 2: "no-scheme" has no scheme; did you mean https://no-scheme?
FILE: left out: line 3: the tag " " has no name
FILE: left out: line 4: a bookmark is a JSON object, not a JSON number
FILE: left out: line 5: unknown field "colour"
FILE: left out: line 6: https://1.example/ stands twice in the file, first in line 1
FILE: left out: line 7: title can't be a JSON array
FILE: left out: line 9: "2020-02-30T00:00:00Z" isn't a time; want the form 2006-01-02T15:04:05.000Z
2 bookmarks: 2 new, 0 changed, 0 as they were; 7 left out
`,
			[]string{"https://1.example/", "https://6.example/"},
		},
		{
			"JSON", `[{"url":"https://1.example/"},
{"url":""},
{"url":"https://2.example/"}]`,
			`FILE: left out: line 2: the URL is empty
2 bookmarks: 2 new, 0 changed, 0 as they were; 1 left out
`,
			[]string{"https://1.example/", "https://2.example/"},
		},
		{
			"HTML", bookmarkFile(`<DT><A HREF="https://1.example/" ADD_DATE="1000000000">1</A>
<DT><A HREF="https://2.example/" ADD_DATE="-5">2</A>
<DT><A>3</A>
<DT><A HREF="relative">4</A>
<DT><A HREF="https://1.example/">1 again</A>
<DT><A HREF="https://5.example/">5</A>`),
			`FILE: line 4: ADD_DATE "-5" is no date; it counts as added today
FILE: left out: line 5: the bookmark "3" has no HREF
FILE: left out: line 6: "relative" ("4") is relative to another page; give that page by --base URL
3 bookmarks: 3 new, 0 changed, 0 as they were; 1 that stood twice joined; 2 left out
`,
			[]string{"https://1.example/", "https://2.example/", "https://5.example/"},
		},
		{"all of them", `[{"url":""}]`, "FILE: left out: line 1: the URL is empty\n0 bookmarks: 0 new, 0 changed, 0 as they were; 1 left out\n", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := shellOn(t, filepath.Join(t.TempDir(), "marks.db"))
			file := writeFile(t, "some", tt.content)
			r := s.run("import", "--skip-invalid", file)
			if diff := cmp.Diff(result{0, "", tt.want}, result{r.Code, r.Stdout, strings.ReplaceAll(r.Stderr, file, "FILE")}); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
			var urls []string
			for _, b := range s.bookmarks() {
				urls = append(urls, b.URL)
			}
			if diff := cmp.Diff(tt.urls, urls); diff != "" {
				t.Errorf("imported (-want +got):\n%s", diff)
			}
		})
	}
}

// TestLargeAttachment keeps 6 MB where that can be, and says why where it can't.
func TestLargeAttachment(t *testing.T) {
	t.Parallel()
	data := strings.Repeat("0123456789abcde\n", 6<<20/16)
	file := writeFile(t, "large.txt", data)
	export := writeFile(t, "large.ndjson", fmt.Sprintf(
		`{"url":"https://b.example/","title":"changed","attachments":[{"name":"f","mime_type":"text/plain","data":%q}]}`,
		base64.StdEncoding.EncodeToString([]byte(data))))
	t.Run("file", func(t *testing.T) {
		s := newFileShell(t)
		s.must("attach", "1", file)
		s.must("import", export)
		for _, args := range [][]string{{"cat", "1", "large.txt"}, {"cat", "https://b.example/", "f"}} {
			if s.must(args...) != data {
				t.Errorf("marks %q: the file isn't what it was", args)
			}
		}
	})
	t.Run("server", func(t *testing.T) {
		s := shellOn(t, dbtest.StartServer(t).URL())
		fill(s)
		const limit = "6.0 MiB, more than the database takes (a libSQL server: 5,000,000 bytes)"
		s.refuses(exitInput, "large.txt has "+limit, "attach", "1", file)
		s.refuses(exitInput, "f has "+limit, "import", export)
	})
}
