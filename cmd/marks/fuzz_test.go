package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/duolite/duolite/schema"
	"github.com/google/go-cmp/cmp"
)

// FuzzSource reads any file in any format: that ends, with errors of the known kinds,
// and an export of what it accepts is the same when it is read again.
func FuzzSource(f *testing.F) {
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
	f.Add([]byte("\xff\xfe<\x00D\x00L\x00>\x00<\x00A\x00 \x00H\x00R\x00E\x00F\x00=\x00X\x00:\x00y\x00>\x00\xe9\x00<\x00/\x00A\x00>\x00<\x00/\x00D\x00L\x00>\x00"))
	f.Add([]byte("<DL><META CHARSET=shift_jis><A HREF='HTTP://user@B\x81\x40.Example:080/?a'>\x93\xfa</A><A HREF=?note>n</A></DL>"))
	f.Add([]byte(`[{"url":"HTTP://A.example:80","metadata":{"a":1}},{"url":"http://a.example","metadata":{"a":2,"b":3},"visit_count":4}]`))
	f.Add([]byte(`<DL><DT><H3>a,b</H3><DL><DT><A HREF="x:y" ADD_DATE="-1" TAGS=",c">t</A></DL></DL>`))
	now := dbtype.NewTime(time.Unix(1_500_000_000, 0))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, format := range []fileFormat{formatAuto, formatHTML, formatJSON, formatNDJSON} {
			bookmarks := readSource(t, data, format, now)
			if len(bookmarks) == 0 {
				continue
			}
			again := readSource(t, []byte(exportOf(bookmarks)), formatAuto, now)
			if diff := cmp.Diff(bookmarks, again); diff != "" {
				t.Errorf("%s: exported and read again (-want +got):\n%s", format, diff)
			}
		}
	})
}

// readSource returns the bookmarks of a file that can be used, each URL once.
func readSource(t *testing.T, data []byte, format fileFormat, now dbtype.Time) []bookmark {
	next, err := newSource(data, format, now, nil)
	if err != nil {
		checkInputError(t, err)
		return nil
	}
	c := collection{skipInvalid: true, warn: func(warning string) { checkLine(t, errors.New(warning)) }}
	calls := 0
	err = c.readAll(func() (record, error) {
		// Each takes a character at least.
		if calls++; calls > len(data)+1 {
			t.Fatalf("%s: more bookmarks than the file can hold", format)
		}
		r, err := next()
		var invalid *recordError
		if err != nil && err != io.EOF && !errors.As(err, &invalid) {
			checkInputError(t, err)
		}
		return r, err
	})
	if err != nil {
		return nil // that of a file cut short: nothing of it is used
	}
	return c.bookmarks
}

func checkInputError(t *testing.T, err error) {
	t.Helper()
	if !errors.As(err, new(inputError)) {
		t.Errorf("the error %v (%T) is not one of bad input", err, err)
	}
	checkLine(t, err)
}

func checkLine(t *testing.T, err error) {
	t.Helper()
	if text := err.Error(); !utf8.ValidString(text) || strings.ContainsAny(text, "\r\n") || len(text) > 2000 {
		t.Errorf("the message is not a line of text: %.3000q", text)
	}
}

// memoryPool returns a database in memory, with the tables and nothing in them.
func memoryPool(tb testing.TB) *sql.DB {
	tb.Helper()
	return dbtest.Database{URL: ":memory:"}.Open(tb, schema.FS)
}

// FuzzImport has bookmarks of any texts: what is accepted, the database takes and gives
// back as it was.
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
			object = append(object[:len(object)-1], `,"metadata":`+strings.ReplaceAll(metadata, "\n", " ")+"}"...)
		}
		want := readSource(t, object, formatNDJSON, dbtype.NewTime(time.Unix(1_500_000_000, 0)))
		if len(want) == 0 {
			return
		}
		tx, err := pool.Begin()
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		if _, err := importBookmarks(t.Context(), tx, want, func(int) {}); err != nil {
			t.Fatalf("the database refuses %+v: %v", want, err)
		}
		got := ""
		err = eachBookmark(t.Context(), tx, true, func(b bookmark) error {
			got += exportOf([]bookmark{b})
			return nil
		})
		if diff := cmp.Diff(exportOf(want), got); err != nil || diff != "" {
			t.Errorf("%v, kept (-want +got):\n%s", err, diff)
		}
	})
}

// FuzzFTSQuery searches for any words: whatever they are, the query is one.
func FuzzFTSQuery(f *testing.F) {
	for _, words := range [][2]string{
		{"go", "lang*"}, {`"query planner"`, `a"b`}, {"AND", "NEAR(a b, 3)"}, {"title:x", "{a b}:c"}, {"^a", "-b"},
		{"*", "**"}, {"é\u0301", "日本*"}, {"\x00", "a\x00b"}, {"\xff", "a\xff"}, {"\U0001E900", "\ue000"}, {"²", "Ⅷ"}, {"'", ";--"}, {"a*b*", "_"},
	} {
		f.Add(words[0], words[1])
	}
	pool := memoryPool(f)
	if err := inTx(context.Background(), pool, func(tx *sql.Tx) error {
		_, err := importBookmarks(context.Background(), tx, generate(20), func(int) {})
		return err
	}); err != nil {
		f.Fatal(err)
	}
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
