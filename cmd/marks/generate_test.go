package main

import (
	"cmp"
	"fmt"
	"html"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/duolite/duolite/db/dbtype"
)

// generate returns n bookmarks as a person with that many would have them, the same
// ones each time, as an export would write them.
func generate(n int) []bookmark {
	g := generator{rand.New(rand.NewPCG(1, 2))}
	bookmarks := make([]bookmark, n)
	for i := range bookmarks {
		bookmarks[i] = g.bookmark(i)
	}
	return bookmarks
}

type generator struct {
	*rand.Rand
}

var (
	hosts = []string{"example.org", "www.example.com", "xn--bcher-kva.example", "xn--wgv71a.example", "localhost:8080"}
	words = strings.Fields(`a the of SQLite query planner index Go goroutine channel select "quoted" <b>bold</b> R&D
		naïve café ZÜRICH Straße Ærø Łódź Ελλάδα Москва עברית العربية हिन्दी ไทย 日本語 中文 한국어 👩‍👩‍👧 🏳️‍🌈 é e\u0301 c++ 100% it's
		back\slash $HOME {json} [array] -- ; DROP TABLE`)
	tagWords = strings.Fields("go sql database Web linux Überblick 日本 reading later tools work music maths history food")
)

func (g generator) bookmark(i int) bookmark {
	created := time.UnixMilli(1_000_000_000_000 + g.Int64N(780_000_000_000))
	b := bookmark{
		URL:       fmt.Sprintf("https://%s/%d", pick(g, hosts), i),
		Title:     g.words(g.IntN(9)),
		Tags:      g.tags(),
		Metadata:  dbtype.JSON("{}"),
		Archived:  g.IntN(10) == 0,
		CreatedAt: dbtype.NewTime(created),
		UpdatedAt: dbtype.NewTime(created.Add(time.Duration(g.IntN(1e9)) * time.Millisecond)),
	}
	if i%1000 == 711 {
		b.Title = fmt.Sprintf("needle%d", i)
	}
	if g.IntN(8) == 0 {
		b.URL += "?q=a%20b&n=" + pick(g, tagWords) + "#f"
		b.Notes = g.notes()
	}
	if g.IntN(4) == 0 {
		visited := dbtype.NewTime(created.Add(time.Duration(g.IntN(1e9)) * time.Millisecond))
		b.VisitedAt, b.VisitCount = &visited, 1+g.Int64N(1000)
	}
	if g.IntN(8) == 0 {
		b.Metadata = dbtype.JSON(fmt.Sprintf(`{"author":%s,"n":%d,"nested":{"list":[true,%g,"<>&"]}}`,
			marshal(g.words(2)), g.IntN(1e6), float64(g.IntN(1e4))/16))
	}
	if i%500 == 499 {
		b.Attachments = g.attachments()
	}
	return b
}

func pick(g generator, from []string) string { return from[g.IntN(len(from))] }

func (g generator) words(n int) string {
	picked := make([]string, n)
	for i := range picked {
		picked[i] = pick(g, words)
	}
	return strings.Join(picked, " ")
}

// notes returns one to five lines, now and then as many characters as there may be.
func (g generator) notes() string {
	if g.IntN(400) == 0 {
		return strings.Repeat("é", maxNotes)
	}
	lines := make([]string, 1+g.IntN(5))
	for i := range lines {
		lines[i] = g.words(1 + g.IntN(30))
	}
	return strings.Join(lines, "\n")
}

// tags returns up to four, in the order of the database's collation.
func (g generator) tags() []string {
	tags := []string{}
	for range g.IntN(5) {
		tags = append(tags, fmt.Sprintf("%s %d", pick(g, tagWords), g.IntN(20)))
	}
	return sortTags(tags)
}

func sortTags(tags []string) []string {
	slices.SortFunc(tags, func(a, b string) int { return strings.Compare(foldTag(a), foldTag(b)) })
	return slices.Compact(tags)
}

func (g generator) attachments() []attachment {
	data := make([]byte, g.IntN(50_000))
	for i := range data {
		data[i] = byte(g.Uint32())
	}
	added := dbtype.NewTime(time.UnixMilli(1_500_000_000_000 + g.Int64N(1e9)))
	return []attachment{
		{Name: "data.bin", MIMEType: "application/octet-stream", Size: int64(len(data)), CreatedAt: added, Data: data},
		{Name: "empty", MIMEType: "text/plain", CreatedAt: added},
	}
}

// exportOf is what marks export writes of bookmarks.
func exportOf(bookmarks []bookmark) string {
	var s strings.Builder
	sink := newArraySink(&s)
	for _, b := range bookmarks {
		if err := sink.write(b); err != nil {
			panic(err)
		}
	}
	sink.close()
	return s.String()
}

// listOf is what marks list --all --format ndjson prints of bookmarks that were saved in
// that order.
func listOf(bookmarks []bookmark) string {
	listed := slices.Clone(bookmarks)
	for i := range listed {
		listed[i].ID = int64(i + 1)
		listed[i].Attachments = nil
	}
	slices.SortFunc(listed, func(a, b bookmark) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt.Time), cmp.Compare(b.ID, a.ID))
	})
	var s strings.Builder
	for _, b := range listed {
		s.Write(marshal(b))
		s.WriteByte('\n')
	}
	return s.String()
}

// htmlOf is a browser's file of bookmarks, in nested folders that are named by their
// first tags, and what of the bookmarks is in it, in its order.
func htmlOf(bookmarks []bookmark) (file string, held []bookmark) {
	root := &folder{}
	for _, b := range bookmarks {
		in, rest := root.forTags(b.Tags)
		in.bookmarks = append(in.bookmarks, b)
		in.items = append(in.items, htmlItem(b, rest))
	}
	var s strings.Builder
	s.WriteString("<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<TITLE>Bookmarks</TITLE>\n<H1>Bookmarks</H1>\n")
	root.write(&s)
	for _, b := range root.all() {
		held = append(held, asHTMLHolds(b))
	}
	return s.String(), held
}

type folder struct {
	name      string
	folders   []*folder
	bookmarks []bookmark
	items     []string // of the bookmarks
}

// all returns the bookmarks of a folder, in the order of the file.
func (f *folder) all() []bookmark {
	var all []bookmark
	for _, sub := range f.folders {
		all = append(all, sub.all()...)
	}
	return append(all, f.bookmarks...)
}

// forTags returns the folder for a bookmark with these tags, which is up to three deep,
// and the tags that no folder says.
func (f *folder) forTags(tags []string) (*folder, []string) {
	depth := min(len(tags), 3)
	for _, name := range tags[:depth] {
		at := slices.IndexFunc(f.folders, func(f *folder) bool { return f.name == name })
		if at < 0 {
			at = len(f.folders)
			f.folders = append(f.folders, &folder{name: name})
		}
		f = f.folders[at]
	}
	return f, tags[depth:]
}

func (f *folder) write(s *strings.Builder) {
	s.WriteString("<DL><p>\n")
	for _, sub := range f.folders {
		fmt.Fprintf(s, "<DT><H3 ADD_DATE=\"1\">%s</H3>\n", html.EscapeString(sub.name))
		sub.write(s)
	}
	for _, item := range f.items {
		s.WriteString(item)
	}
	s.WriteString("</DL><p>\n")
}

func htmlItem(b bookmark, tags []string) string {
	var s strings.Builder
	fmt.Fprintf(&s, `<DT><A HREF="%s" ADD_DATE="%d" LAST_MODIFIED="%d"`, html.EscapeString(b.URL), b.CreatedAt.Unix(), b.UpdatedAt.Unix())
	if b.VisitedAt != nil {
		fmt.Fprintf(&s, ` LAST_VISIT="%d"`, b.VisitedAt.Unix())
	}
	if len(tags) > 0 {
		fmt.Fprintf(&s, ` TAGS="%s"`, html.EscapeString(strings.Join(tags, ",")))
	}
	fmt.Fprintf(&s, ">%s</A>\n", html.EscapeString(b.Title))
	if b.Notes != "" {
		fmt.Fprintf(&s, "<DD>%s\n", html.EscapeString(b.Notes))
	}
	return s.String()
}

// asHTMLHolds returns what of a bookmark is left in a browser's file.
func asHTMLHolds(b bookmark) bookmark {
	b.CreatedAt, b.UpdatedAt = toSecond(b.CreatedAt), toSecond(b.UpdatedAt)
	if b.VisitedAt != nil {
		visited := toSecond(*b.VisitedAt)
		b.VisitedAt = &visited
	}
	b.Metadata, b.Archived, b.VisitCount, b.Attachments = dbtype.JSON("{}"), false, 0, nil
	return b
}

func toSecond(t dbtype.Time) dbtype.Time {
	return dbtype.NewTime(t.Truncate(time.Second))
}
