package netscape_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/cmd/marks/internal/netscape"
)

func ExampleDecoder() {
	const file = `<!DOCTYPE NETSCAPE-Bookmark-file-1>
<DL><p>
    <DT><H3>Programming</H3>
    <DL><p>
        <DT><A HREF="https://go.dev/" ADD_DATE="1433160000" TAGS="go,docs">Go</A>
        <DT><A HREF="https://www.sqlite.org/" ADD_DATE="yesterday">SQLite</A>
        <DT><A>Nameless</A>
    </DL><p>
</DL><p>
`
	d := netscape.NewDecoder(strings.NewReader(file))
	for {
		b, err := d.Next()
		if err == io.EOF {
			break
		}
		if bad, ok := errors.AsType[*netscape.BookmarkError](err); ok {
			fmt.Println("skipped:", bad)
			continue
		}
		if err != nil {
			log.Fatal(err)
		}
		for _, warning := range b.Warnings {
			fmt.Printf("line %d: %s\n", b.Line, warning)
		}
		fmt.Println(b.Title, b.URL, b.Folders, b.Tags, b.Added.Format(time.DateOnly))
	}
	// Output:
	// Go https://go.dev/ [Programming] [go docs] 2015-06-01
	// line 6: ADD_DATE "yesterday" is no date
	// SQLite https://www.sqlite.org/ [Programming] [] 0001-01-01
	// skipped: line 7: the bookmark "Nameless" has no HREF
}

func ExampleEncoder() {
	e := netscape.NewEncoder(os.Stdout)
	err := e.Encode(netscape.Bookmark{
		URL:   "https://go.dev/",
		Title: "Go",
		Notes: "Start with the tour.",
		Tags:  []string{"go", "docs"},
		Added: time.Unix(1433160000, 0),
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := e.Close(); err != nil {
		log.Fatal(err)
	}
	// Output:
	// <!DOCTYPE NETSCAPE-Bookmark-file-1>
	// <META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
	// <TITLE>Bookmarks</TITLE>
	// <H1>Bookmarks</H1>
	// <DL><p>
	//     <DT><A HREF="https://go.dev/" ADD_DATE="1433160000" TAGS="go,docs">Go</A>
	//     <DD>Start with the tour.
	// </DL><p>
}

// TestExampleFile checks the file which the project offers for a first try.
func TestExampleFile(t *testing.T) {
	f, err := os.Open("../../../../examples/bookmarks.html")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()

	var count, foreign, depth int
	seen := map[string]int{}
	d := netscape.NewDecoder(f)
	for {
		b, err := d.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if line := seen[b.URL]; line > 0 {
			t.Errorf("line %d: %s is on line %d as well", b.Line, b.URL, line)
		}
		seen[b.URL] = b.Line
		if u, err := url.Parse(b.URL); err != nil || u.Scheme != "https" || u.Host == "" {
			t.Errorf("line %d: bad URL %s", b.Line, b.URL)
		}
		if y := b.Added.Year(); b.Title == "" || y < 2012 || y > 2026 {
			t.Errorf("line %d: bad bookmark %+v", b.Line, b)
		}
		count++
		depth = max(depth, len(b.Folders))
		if strings.ContainsFunc(b.Title, func(r rune) bool { return r > 0x024f }) {
			foreign++
		}
	}
	if count < 60 || depth < 3 || foreign < 10 {
		t.Errorf("got %d bookmarks, folders %d deep, %d titles beyond Latin letters", count, depth, foreign)
	}
}
