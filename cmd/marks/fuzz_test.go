package main

import (
	"database/sql"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/duolite/duolite/schema"
	"github.com/google/go-cmp/cmp"
	"github.com/schollz/progressbar/v3"
)

var fuzzTime = dbtype.NewTime(time.Unix(1_500_000_000, 0))

// FuzzRead reads any file: the errors are of bad input, and an export of the bookmarks is the
// same when it is read again.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("internal/netscape/testdata/*.html")
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
	f.Add([]byte(exportOf(generate(3))))
	f.Add([]byte("{\"url\":\"x:\\ud800\",\"metadata\":{\"\":[null,1e999]}}\r\n\n\ufeff{}\n{\"URL\":\"a:b\",\"url\":\"c:d\"}"))
	f.Add([]byte(`[{"url":"x:y","attachments":[{"name":"a","mime_type":"a/b;c=\"d\"","data":"","size":0},{"name":"a","mime_type":"a/b"}]}]`))
	f.Add([]byte(`[{"url":"x:y","created_at":"0000-01-01T00:00:00+01:00","visited_at":"9999-12-31"} , {} ] [`))
	f.Add([]byte(bookmarkFile(`<DT><H3>a,b</H3><DL><DT><A HREF="x:y" ADD_DATE="-1" TAGS=",c">t</A><A HREF='HTTP://user@B.Example:080/?a'>u</A></DL>`)))
	f.Fuzz(func(t *testing.T, data []byte) {
		want := exportOf(readUsable(t, data))
		if diff := cmp.Diff(want, exportOf(readUsable(t, []byte(want)))); diff != "" {
			t.Errorf("exported and read again (-want +got):\n%s", diff)
		}
	})
}

// readUsable returns the usable bookmarks of a file, each URL once.
func readUsable(t *testing.T, data []byte) []bookmark {
	records, err := readRecords(data, fuzzTime)
	if err != nil {
		checkLine(t, err.Error())
		if !isBadInput(err, "") {
			t.Errorf("the error %v (%T) is not one of bad input", err, err)
		}
		return nil // a file that is cut short, for example
	}
	bookmarks, err := collect(records, true, func(warning string) { checkLine(t, warning) })
	if err != nil {
		t.Error(err)
	}
	return bookmarks
}

func checkLine(t *testing.T, text string) {
	t.Helper()
	if !utf8.ValidString(text) || strings.ContainsAny(text, "\r\n") || len(text) > 2000 {
		t.Errorf("the message is not a line of text: %.3000q", text)
	}
}

// memoryPool returns a database in memory, with the tables and nothing in them.
func memoryPool(tb testing.TB) *sql.DB {
	tb.Helper()
	return dbtest.Database{URL: ":memory:"}.Open(tb, schema.FS)
}

func importAll(tb testing.TB, pool *sql.DB, bookmarks []bookmark) {
	tb.Helper()
	err := db.InTx(tb.Context(), pool, func(tx *sql.Tx) error {
		_, err := importBookmarks(tb.Context(), tx, bookmarks, progressbar.DefaultSilent(1e6))
		return err
	})
	if err != nil {
		tb.Fatalf("the database refuses %+v: %v", bookmarks, err)
	}
}

// FuzzImport imports bookmarks with any texts: the database takes the accepted ones, and returns
// them unchanged.
func FuzzImport(f *testing.F) {
	f.Add("https://example.org/", "Title", "two\nlines", "tag", `{"a":1}`, "2020-01-02T03:04:05.678Z")
	f.Add("x:<&>\u2028", "\x1b[31m\u202e", " \u00a0\v", "\u3000a,\u2003b", `{"":{"\u0000":"<\ud800"},"a":-0.0e+1}`, "0000-01-01")
	f.Add("javascript:'", "\u0085\u200b", "\ufeff", "A'\"\\", `{"a":1,"a":2}`, "9999-12-31T23:59:59.9999Z")
	f.Add("a:b", strings.Repeat("é", maxTitle), strings.Repeat("\U0001F600", 100), strings.Repeat("日", maxTag), `{"a":[[[[]]]],"b":1E400}`, "2020-02-29 12:00:00+05:30")
	pool := memoryPool(f)
	f.Fuzz(func(t *testing.T, url, title, notes, tag, metadata, created string) {
		object, err := json.Marshal(map[string]any{"url": url, "title": title, "notes": notes, "tags": []string{tag}, "created_at": created, "visited_at": created})
		if err != nil {
			t.Fatal(err)
		}
		if json.Valid([]byte(metadata)) && utf8.ValidString(metadata) {
			object = append(object[:len(object)-1], `,"metadata":`+metadata+"}"...)
		}
		want := readUsable(t, object)
		importAll(t, pool, want)
		var got []bookmark
		err = eachBookmark(t.Context(), pool, true, func(b bookmark) error {
			got = append(got, b)
			_, err := dbsqlc.New(pool).DeleteBookmarks(t.Context(), []int64{b.ID})
			return err
		})
		if _, err := dbsqlc.New(pool).DeleteUnusedTags(t.Context()); err != nil {
			t.Error(err) // a tag would keep its spelling
		}
		for i := range min(len(want), len(got)) {
			want[i].ID = got[i].ID
		}
		if diff := cmp.Diff(exportOf(want), exportOf(got)); err != nil || diff != "" {
			t.Errorf("%v, kept (-want +got):\n%s", err, diff)
		}
	})
}

// FuzzFTSQuery searches for any words: the query is always valid.
func FuzzFTSQuery(f *testing.F) {
	for _, words := range [][2]string{
		{"go", "lang*"}, {`"query planner"`, `a"b`}, {"AND", "NEAR(a b, 3)"}, {"title:x", "{a b}:c"}, {"^a", "-b"},
		{"*", "**"}, {"é\u0301", "日本*"}, {"\x00", "a\x00b"}, {"\xff", "a\xff"}, {"\U0001E900", "\ue000"}, {"²", "Ⅷ"}, {"'", ";--"}, {"a*b*", "_"},
	} {
		f.Add(words[0], words[1])
	}
	pool := memoryPool(f)
	importAll(f, pool, generate(20))
	queries := dbsqlc.New(pool)
	f.Fuzz(func(t *testing.T, first, second string) {
		for _, words := range [][]string{{first}, {first, second}, {first + "*", "a"}} {
			query := ftsQuery(words)
			if query == "" {
				continue
			}
			_, err := queries.SearchBookmarks(t.Context(), dbsqlc.SearchBookmarksParams{Query: query, Tags: "[]", PageSize: 5})
			if err != nil {
				t.Errorf("%q gives the query %q: %v", words, query, err)
			}
		}
	})
}

// FuzzCleanURL wants one form for one page, and an unchanged path.
func FuzzCleanURL(f *testing.F) {
	f.Add("HTTP", "User@", "B\u00fccher.example", ":80", "/A/../%7e?B#C")
	f.Add("https", "", "[::1]", ":0443", "")
	f.Add("ws", "a:b@", "under_score\u3002x", ":", "?//@:")
	f.Fuzz(func(t *testing.T, scheme, user, host, port, rest string) {
		raw := scheme + "://" + user + host + port + rest
		got, err := cleanURL(raw)
		if err != nil {
			return
		}
		if again, err := cleanURL(got); again != got || err != nil {
			t.Errorf("%q becomes %q, and then %q (%v)", raw, got, again, err)
		}
		before, err := url.Parse(strings.TrimSpace(raw))
		if err != nil {
			return // a bookmarklet
		}
		after, err := url.Parse(got)
		if err != nil || after.User.String() != before.User.String() || after.EscapedPath() != before.EscapedPath() ||
			after.RawQuery != before.RawQuery || after.EscapedFragment() != before.EscapedFragment() || after.Opaque != before.Opaque {
			t.Errorf("%q becomes %q (%v)", raw, got, err)
		}
	})
}
