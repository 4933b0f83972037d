package main

import (
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db/dbtest"
	"github.com/google/go-cmp/cmp"
)

var large = flag.Int("large", 0, "how many bookmarks a large collection has; by default 10,000, or 2,000 with -short, or 1,000 with -race")

// raceDetector says whether this binary has it. With it SQLite, which is Go here, takes
// some 20 times as long.
var raceDetector bool

// largeCollection returns a large collection.
func largeCollection() []bookmark {
	switch {
	case *large > 0:
		return generate(*large)
	case raceDetector:
		return generate(1_000)
	case testing.Short():
		return generate(2_000)
	default:
		return generate(10_000)
	}
}

// TestLargeImport takes a large collection in and out again, in both of its forms, on
// each kind of database.
func TestLargeImport(t *testing.T) {
	t.Parallel()
	bookmarks := largeCollection()
	t.Run("json", func(t *testing.T) {
		t.Parallel()
		testLargeImport(t, writeFile(t, "large.json", exportOf(bookmarks)), bookmarks)
	})
	t.Run("html", func(t *testing.T) {
		t.Parallel()
		file, held := htmlOf(bookmarks)
		testLargeImport(t, writeFile(t, "large.html", file), held)
	})
}

// testLargeImport imports a file that holds the bookmarks want.
func testLargeImport(t *testing.T, file string, want []bookmark) {
	n := len(want)
	wantExport, wantList := exportOf(want), listOf(want)
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		s := newShell(t, d)
		clock := startClock(t)
		wantLine(s, fmt.Sprintf("%d bookmarks: %d new, 0 changed, 0 as they were", n, n), "import", file)
		clock.lap("import")
		wantText(t, "list", wantList, s.must("list", "--all", "--limit", "0", "--format", "ndjson"))
		clock.lap("list")
		checkSearch(s, want)
		clock.lap("search")
		wantText(t, "export", wantExport, s.must("export"))
		clock.lap("export")

		// Again: nothing changes.
		wantLine(s, fmt.Sprintf("%d bookmarks: 0 new, 0 changed, %d as they were", n, n), "import", file)
		clock.lap("import again")
		wantText(t, "export after the second import", wantExport, s.must("export"))

		// What marks has written, marks reads. Where it came from makes no difference.
		if d.Name == "file" {
			second := shellOn(t, filepath.Join(t.TempDir(), "second.db"))
			second.must("import", writeFile(t, "export.json", wantExport))
			wantText(t, "export of the second database", wantExport, second.must("export"))
		}
	})
}

// wantLine runs a command that has to say just that.
func wantLine(s shell, want string, args ...string) {
	s.Helper()
	if diff := cmp.Diff(result{0, "", want + "\n"}, s.run(args...)); diff != "" {
		s.Errorf("marks %q (-want +got):\n%s", args, diff)
	}
}

// wantText compares line by line; a difference of all lines would be unreadable.
func wantText(t testing.TB, what, want, got string) {
	t.Helper()
	if want == got {
		return
	}
	wantLines, gotLines := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(wantLines), len(gotLines)) {
		if diff := cmp.Diff(wantLines[i], gotLines[i]); diff != "" {
			t.Fatalf("%s, line %d (-want +got):\n%s", what, i+1, diff)
		}
	}
	t.Fatalf("%s: %d lines, want %d", what, len(gotLines), len(wantLines))
}

// checkSearch finds single ones in the heap.
func checkSearch(s shell, want []bookmark) {
	s.Helper()
	for _, b := range want {
		if !strings.HasPrefix(b.Title, "needle") {
			continue
		}
		out := s.must("search", b.Title, "--all", "--format", "ndjson")
		if strings.Count(out, "\n") != 1 || !strings.Contains(out, `"title":"`+b.Title+`"`) {
			s.Errorf("search for %s found:\n%s", b.Title, out)
		}
	}
}

// A clock logs how long things take.
type clock struct {
	testing.TB
	start time.Time
}

func startClock(t testing.TB) *clock { return &clock{t, time.Now()} }

func (c *clock) lap(what string) {
	c.Helper()
	c.Logf("%-12s %v", what, time.Since(c.start).Round(time.Millisecond))
	c.start = time.Now()
}
