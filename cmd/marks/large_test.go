package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/duolite/duolite/cmd/internal/output"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/google/go-cmp/cmp"
)

var large = flag.Int("large", 0, "the number of bookmarks of a large collection; the default is 10,000, or 2,000 with -short")

// largeCollection returns a large collection.
func largeCollection() []bookmark {
	switch {
	case *large > 0:
		return generate(*large)
	case testing.Short():
		return generate(2_000)
	default:
		return generate(10_000)
	}
}

var words = strings.Fields(`a the of SQLite query planner index Go goroutine "quoted" <b>bold</b> R&D naïve café
	ZÜRICH Ελλάδα Москва עברית العربية हिन्दी 日本語 한국어 👩‍👩‍👧 🏳️‍🌈 e\u0301 c++ 100% back\slash {json} ; DROP TABLE`)

// generate returns n bookmarks such as an export has them, the same ones each time.
func generate(n int) []bookmark {
	r := rand.New(rand.NewPCG(1, 2))
	some := func(n int) []string {
		picked := make([]string, n)
		for i := range picked {
			picked[i] = words[r.IntN(len(words))]
		}
		return picked
	}
	bookmarks := make([]bookmark, n)
	for i := range bookmarks {
		b := &bookmarks[i]
		created := time.UnixMilli(1_000_000_000_000 + r.Int64N(780_000_000_000))
		b.ID, b.URL = int64(i+1), fmt.Sprintf("https://example.org/%d?q=a%%20b#f", i)
		b.Title, b.Notes = strings.Join(some(r.IntN(9)), " "), strings.Join(some(r.IntN(40)), "\n")
		b.Tags.V = distinct(some(r.IntN(5)))
		slices.SortFunc(b.Tags.V, func(a, b string) int { return strings.Compare(foldTag(a), foldTag(b)) })
		b.Metadata = dbtype.JSON(fmt.Sprintf(`{"n":%d,"nested":{"list":[true,"<>&"]}}`, r.IntN(1e6)))
		b.Archived, b.VisitCount = r.IntN(10) == 0, r.Int64N(1000)
		b.CreatedAt, b.UpdatedAt = dbtype.NewTime(created), dbtype.NewTime(created.Add(time.Hour))
		if i%1000 == 711 {
			b.Title, b.Archived = fmt.Sprintf("needle%d", i), false
		}
		if i%500 == 499 {
			data := []byte(strings.Repeat("\x00\xff", r.IntN(25_000)))
			b.Attachments = []attachment{
				{"data.bin", "application/octet-stream", int64(len(data)), b.CreatedAt, data},
				{"empty", "text/plain", 0, b.CreatedAt, nil},
			}
		}
	}
	return bookmarks
}

// exportOf returns the export of bookmarks.
func exportOf(bookmarks []bookmark) string {
	var s strings.Builder
	l := layoutOf(output.JSON)
	s.WriteString(l.head)
	for i, b := range bookmarks {
		if i > 0 {
			s.WriteString(l.between)
		}
		if err := l.write(&s, b); err != nil {
			panic(err)
		}
	}
	s.WriteString(l.foot)
	return s.String()
}

// TestLargeImport imports and exports a large collection in both of its forms.
func TestLargeImport(t *testing.T) {
	t.Parallel()
	bookmarks := largeCollection()
	want, n := exportOf(bookmarks), len(bookmarks)
	file := writeFile(t, "large.json", want)
	eachDatabase(t, func(t *testing.T, d dbtest.Database) {
		s := newShell(t, d)
		s.says(fmt.Sprintf("%d bookmarks: %d new, 0 changed, 0 as they were; ", n, n), "import", file)
		wantText(t, "export", want, s.must("export"))
		s.says(fmt.Sprintf("%d bookmarks: 0 new, 0 changed, %d as they were; tags given: 0\n", n, n), "import", file)
		wantText(t, "export after the second import", want, s.must("export"))
		if rows := s.must("list", "--all", "--limit", "0", "--format", "ndjson"); strings.Count(rows, "\n") != n {
			t.Errorf("list prints %d bookmarks, want %d", strings.Count(rows, "\n"), n)
		}
		if found := s.must("search", "needle711", "--format", "ndjson"); strings.Count(found, "\n") != 1 {
			t.Errorf("search for needle711 found:\n%s", found)
		}

		inHTML := s.must("export", "--format", "html")
		second := shellOn(t, filepath.Join(t.TempDir(), "second.db"))
		second.must("import", writeFile(t, "large.html", inHTML))
		wantText(t, "HTML of the second database", inHTML, second.must("export", "--format", "html"))
	})
}

// says runs a command that has to succeed with a message that begins with want.
func (s shell) says(want string, args ...string) {
	s.Helper()
	if r := s.run("", args...); r.Code != 0 || !strings.HasPrefix(r.Stderr, want) {
		s.Errorf("marks %.200q: exit code %d and\n%swant\n%s", args, r.Code, r.Stderr, want)
	}
}

// wantText compares line by line; a difference of all lines would be unreadable.
func wantText(t testing.TB, name, want, got string) {
	t.Helper()
	if want == got {
		return
	}
	wantLines, gotLines := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(wantLines), len(gotLines)) {
		if diff := cmp.Diff(wantLines[i], gotLines[i]); diff != "" {
			t.Fatalf("%s, line %d (-want +got):\n%s", name, i+1, diff)
		}
	}
	t.Fatalf("%s: %d lines, want %d", name, len(gotLines), len(wantLines))
}

// TestRequests counts the requests of commands to a server that is 40 ms away. To open the
// database takes 3 of them, and to close it 1.
func TestRequests(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	address := startProxy(t, dbtest.StartServer(t).URL(), func(forward http.Handler, w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		time.Sleep(40 * time.Millisecond)
		forward.ServeHTTP(w, r)
	})
	bookmarks := generate(2000)
	s := shellOn(t, address)
	s.must("list")
	for _, test := range []struct {
		most int64
		args []string
	}{
		{12, []string{"import", writeFile(t, "large.json", exportOf(bookmarks))}},
		{3 + 1 + 1, []string{"list"}},
		{3 + 1 + 1, []string{"stats"}},
		// Each of the 5 pages and of the 8 attachments is a request.
		{3 + 5 + 8 + 1, []string{"export", "-o", filepath.Join(t.TempDir(), "export.json")}},
	} {
		requests.Store(0)
		s.must(test.args...)
		if n := requests.Load(); n > test.most {
			t.Errorf("marks %s is %d requests, want at most %d", test.args[0], n, test.most)
		}
	}
}
