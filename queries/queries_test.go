// Package queries_test runs every query on each kind of database.
package queries_test

import (
	"context"
	"database/sql"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/duolite/duolite/schema"
	"github.com/google/go-cmp/cmp"
)

// caller is the DBTX under test: it notes which queries have run.
type caller struct {
	dbsqlc.DBTX
	ran map[string]bool
}

func (c caller) note(query string) {
	name, _, _ := strings.Cut(strings.TrimPrefix(query, "-- name: "), " ")
	c.ran[name] = true
}

func (c caller) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	c.note(query)
	return c.DBTX.ExecContext(ctx, query, args...)
}

func (c caller) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	c.note(query)
	return c.DBTX.QueryContext(ctx, query, args...)
}

func (c caller) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	c.note(query)
	return c.DBTX.QueryRowContext(ctx, query, args...)
}

// tests are those that together run all queries.
var tests = []struct {
	name string
	test func(*testing.T, *dbsqlc.Queries)
}{
	{"CreateAndGet", testCreateAndGet},
	{"Upsert", testUpsert},
	{"Patch", testPatch},
	{"ArchiveVisitDelete", testArchiveVisitDelete},
	{"List", testList},
	{"Metadata", testMetadata},
	{"Tags", testTags},
	{"Attachments", testAttachments},
	{"Search", testSearch},
	{"Stats", testStats},
}

// TestQueries runs the tests on each kind of database, and fails for a query
// that none of them ran.
func TestQueries(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, schema.FS)
		ran := map[string]bool{}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				empty(t, pool)
				test.test(t, dbsqlc.New(caller{pool, ran}))
			})
		}
		for name, test := range bulkTests {
			t.Run(name, func(t *testing.T) {
				empty(t, pool)
				test(t, pool, func(on dbsqlc.DBTX) *dbsqlc.Queries { return dbsqlc.New(caller{on, ran}) })
			})
		}
		querier := reflect.TypeFor[dbsqlc.Querier]()
		for i := range querier.NumMethod() {
			if name := querier.Method(i).Name; !ran[name] {
				t.Errorf("no test runs the query %s", name)
			}
		}
	})
}

// TestInTransaction: the methods do in a transaction what they do on a pool, and
// nothing of it stays after a rollback.
func TestInTransaction(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, schema.FS)
		tx, err := pool.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		q := dbsqlc.New(pool).WithTx(tx)
		create(t, q, "https://go.dev/", day(1))
		if n, err := q.CountBookmarks(t.Context()); err != nil || n != 1 {
			t.Errorf("in the transaction: %d bookmarks, %v; want 1", n, err)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		if n, err := dbsqlc.New(pool).CountBookmarks(t.Context()); err != nil || n != 0 {
			t.Errorf("after the rollback: %d bookmarks, %v; want 0", n, err)
		}
	})
}

func empty(t *testing.T, pool *sql.DB) {
	t.Helper()
	for _, table := range []string{"bookmarks", "tags"} {
		if _, err := pool.ExecContext(t.Context(), "DELETE FROM "+table); err != nil {
			t.Fatal(err)
		}
	}
}

// day returns a time on a day of January 2026.
func day(n int) dbtype.Time {
	return dbtype.NewTime(time.Date(2026, 1, n, 12, 0, 0, 123e6, time.UTC))
}

func create(t *testing.T, q *dbsqlc.Queries, url string, created dbtype.Time, tags ...string) dbsqlc.Bookmark {
	t.Helper()
	b, err := q.CreateBookmark(t.Context(), dbsqlc.CreateBookmarkParams{
		URL: url, Title: "Title of " + url, Notes: "Some notes", Metadata: dbtype.JSON(`{"lang":"en"}`), CreatedAt: created,
	})
	must(t, err)
	for _, tag := range tags {
		must(t, q.CreateTag(t.Context(), tag))
		_, err := q.TagBookmark(t.Context(), dbsqlc.TagBookmarkParams{BookmarkID: b.ID, Name: tag})
		must(t, err)
	}
	return b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// tagged is b as the queries return it that return tags.
func tagged(b dbsqlc.Bookmark, tags ...string) dbsqlc.TaggedBookmark {
	return dbsqlc.TaggedBookmark{
		ID: b.ID, URL: b.URL, Title: b.Title, Notes: b.Notes, Metadata: b.Metadata,
		Archived: b.Archived, VisitCount: b.VisitCount,
		CreatedAt: b.CreatedAt, UpdatedAt: b.UpdatedAt, VisitedAt: b.VisitedAt, Tags: dbtype.Of[[]string]{V: append([]string{}, tags...)},
	}
}

func testCreateAndGet(t *testing.T, q *dbsqlc.Queries) {
	ctx := t.Context()
	got := create(t, q, "https://go.dev/", day(1), "go", "Language")
	equal(t, "CreateBookmark", got, dbsqlc.Bookmark{
		ID: got.ID, URL: "https://go.dev/", Title: "Title of https://go.dev/", Notes: "Some notes",
		Metadata: dbtype.JSON(`{"lang":"en"}`), CreatedAt: day(1), UpdatedAt: day(1),
	})

	byID, err := q.GetBookmark(ctx, got.ID)
	must(t, err)
	equal(t, "GetBookmark", byID, tagged(got, "go", "Language"))
	byURL, err := q.GetBookmarkByURL(ctx, got.URL)
	must(t, err)
	equal(t, "GetBookmarkByURL", byURL, byID)

	_, err = q.CreateBookmark(ctx, dbsqlc.CreateBookmarkParams{URL: got.URL, Metadata: dbtype.JSON("{}"), CreatedAt: day(2)})
	if !errors.Is(err, db.ErrUnique) {
		t.Errorf("CreateBookmark of a URL that is saved: %v; want ErrUnique", err)
	}
	if _, err := q.GetBookmark(ctx, got.ID+1); !errors.Is(err, sql.ErrNoRows) {
		t.Errorf("GetBookmark of none: %v; want sql.ErrNoRows", err)
	}

	other := create(t, q, "https://sqlite.org/", day(2))
	some, err := q.GetBookmarks(ctx, []int64{other.ID, got.ID, other.ID + 1})
	must(t, err)
	equal(t, "GetBookmarks", some, []dbsqlc.Bookmark{got, other})
	none, err := q.GetBookmarks(ctx, nil)
	must(t, err)
	equal(t, "GetBookmarks of no ids", none, []dbsqlc.Bookmark{})
	n, err := q.CountBookmarks(ctx)
	must(t, err)
	equal(t, "CountBookmarks", n, int64(2))
}

func testUpsert(t *testing.T, q *dbsqlc.Queries) {
	ctx := t.Context()
	first, err := q.UpsertBookmark(ctx, dbsqlc.UpsertBookmarkParams{URL: "https://go.dev/", Title: "Go"})
	must(t, err)
	second, err := q.UpsertBookmark(ctx, dbsqlc.UpsertBookmarkParams{URL: "https://go.dev/", Title: "The Go language", Notes: "x"})
	must(t, err)
	want := first
	want.Title, want.Notes, want.UpdatedAt = "The Go language", "x", second.UpdatedAt
	equal(t, "UpsertBookmark", second, want)
	if since := time.Since(first.CreatedAt.Time); since < -time.Minute || since > time.Hour {
		t.Errorf("the time that the database gave, %v, is %v ago", first.CreatedAt, since)
	}
}

func testPatch(t *testing.T, q *dbsqlc.Queries) {
	ctx := t.Context()
	b := create(t, q, "https://go.dev/", day(1))
	title := "New"
	got, err := q.PatchBookmark(ctx, dbsqlc.PatchBookmarkParams{ID: b.ID, Title: &title, UpdatedAt: day(3)})
	must(t, err)
	b.Title, b.UpdatedAt = title, day(3)
	equal(t, "PatchBookmark of the title", got, b)

	url, nothing := "https://go.dev/doc", ""
	got, err = q.PatchBookmark(ctx, dbsqlc.PatchBookmarkParams{ID: b.ID, URL: &url, Notes: &nothing, UpdatedAt: day(4)})
	must(t, err)
	b.URL, b.Notes, b.UpdatedAt = url, nothing, day(4)
	equal(t, "PatchBookmark of URL and notes", got, b)

	metadata := `{"lang": null, "n": [1]}`
	got, err = q.PatchBookmark(ctx, dbsqlc.PatchBookmarkParams{ID: b.ID, Metadata: &metadata, UpdatedAt: day(4)})
	must(t, err)
	b.Metadata = dbtype.JSON(`{"n":[1]}`)
	equal(t, "PatchBookmark of metadata", got, b)
}

func testArchiveVisitDelete(t *testing.T, q *dbsqlc.Queries) {
	ctx := t.Context()
	a, b, c := create(t, q, "https://a.org/", day(1)), create(t, q, "https://b.org/", day(2)), create(t, q, "https://c.org/", day(3))

	n, err := q.ArchiveBookmarks(ctx, dbsqlc.ArchiveBookmarksParams{Archived: true, UpdatedAt: day(5), IDs: []int64{a.ID, c.ID, c.ID + 1}})
	must(t, err)
	equal(t, "ArchiveBookmarks", n, int64(2))
	visited := day(6)
	url, err := q.VisitBookmark(ctx, dbsqlc.VisitBookmarkParams{ID: a.ID, VisitedAt: &visited})
	must(t, err)
	equal(t, "VisitBookmark", url, a.URL)
	a.Archived, a.UpdatedAt, a.VisitCount, a.VisitedAt = true, day(5), 1, &visited
	c.Archived, c.UpdatedAt = true, day(5)
	all, err := q.GetBookmarks(ctx, []int64{a.ID, b.ID, c.ID})
	must(t, err)
	equal(t, "after archiving and a visit", all, []dbsqlc.Bookmark{a, b, c})

	deleted, err := q.DeleteBookmarks(ctx, []int64{a.ID, b.ID, c.ID + 1})
	must(t, err)
	equal(t, "DeleteBookmarks", deleted, []dbsqlc.DeleteBookmarksRow{{ID: a.ID, URL: a.URL}, {ID: b.ID, URL: b.URL}})
	n, err = q.CountBookmarks(ctx)
	must(t, err)
	equal(t, "CountBookmarks after that", n, int64(1))
}

// firstPage lists all.
func firstPage() dbsqlc.ListBookmarksParams {
	return dbsqlc.ListBookmarksParams{Tags: "[]", PageSize: 100}
}

func testList(t *testing.T, q *dbsqlc.Queries) {
	ctx := t.Context()
	// Two of the same time: the id decides.
	a := create(t, q, "https://a.org/", day(1), "x", "y")
	b := create(t, q, "https://b.org/", day(2), "X")
	c := create(t, q, "https://c.org/", day(2), "y")
	d := create(t, q, "https://d.org/", day(3))
	_, err := q.ArchiveBookmarks(ctx, dbsqlc.ArchiveBookmarksParams{Archived: true, UpdatedAt: day(5), IDs: []int64{d.ID}})
	must(t, err)
	_, err = q.VisitBookmark(ctx, dbsqlc.VisitBookmarkParams{ID: a.ID, VisitedAt: new(day(4))})
	must(t, err)

	yes, no, since := true, false, day(2)
	tests := []struct {
		name   string
		change func(*dbsqlc.ListBookmarksParams)
		want   []int64
	}{
		{"all", func(*dbsqlc.ListBookmarksParams) {}, []int64{d.ID, c.ID, b.ID, a.ID}},
		{"first page", func(p *dbsqlc.ListBookmarksParams) { p.PageSize = 2 }, []int64{d.ID, c.ID}},
		{"next page", func(p *dbsqlc.ListBookmarksParams) {
			p.PageSize, p.CreatedBefore, p.IDBefore = 2, &c.CreatedAt, &c.ID
		}, []int64{b.ID, a.ID}},
		{"last page", func(p *dbsqlc.ListBookmarksParams) { p.CreatedBefore, p.IDBefore = &a.CreatedAt, &a.ID }, []int64{}},
		{"not archived", func(p *dbsqlc.ListBookmarksParams) { p.Archived = &no }, []int64{c.ID, b.ID, a.ID}},
		{"archived", func(p *dbsqlc.ListBookmarksParams) { p.Archived = &yes }, []int64{d.ID}},
		{"since", func(p *dbsqlc.ListBookmarksParams) { p.AddedSince = &since }, []int64{d.ID, c.ID, b.ID}},
		{"one tag", func(p *dbsqlc.ListBookmarksParams) { p.Tags = `["x"]` }, []int64{b.ID, a.ID}},
		{"two tags", func(p *dbsqlc.ListBookmarksParams) { p.Tags = `["Y","x"]` }, []int64{a.ID}},
		{"no such tag", func(p *dbsqlc.ListBookmarksParams) { p.Tags = `["z"]` }, []int64{}},
		{"together", func(p *dbsqlc.ListBookmarksParams) { p.Archived, p.AddedSince, p.Tags = &no, &since, `["y"]` }, []int64{c.ID}},
		{"by title", func(p *dbsqlc.ListBookmarksParams) { p.Sort = dbsqlc.ListBookmarksSortTitle }, []int64{a.ID, b.ID, c.ID, d.ID}},
		{"by updates", func(p *dbsqlc.ListBookmarksParams) { p.Sort = dbsqlc.ListBookmarksSortUpdated }, []int64{d.ID, c.ID, b.ID, a.ID}},
		{"by visits", func(p *dbsqlc.ListBookmarksParams) { p.Sort = dbsqlc.ListBookmarksSortVisits }, []int64{a.ID, d.ID, c.ID, b.ID}},
	}
	for _, test := range tests {
		params := firstPage()
		test.change(&params)
		rows, err := q.ListBookmarks(ctx, params)
		must(t, err)
		equal(t, test.name, idsOf(rows), test.want)
	}

	page, err := q.ExportBookmarks(ctx, dbsqlc.ExportBookmarksParams{AfterID: a.ID, PageSize: 2})
	must(t, err)
	equal(t, "ExportBookmarks", page, []dbsqlc.TaggedBookmark{tagged(b, "x"), tagged(c, "y")})
}

func idsOf(rows []dbsqlc.TaggedBookmark) []int64 {
	ids := []int64{}
	for _, row := range rows {
		ids = append(ids, row.ID)
	}
	return ids
}

func testMetadata(t *testing.T, q *dbsqlc.Queries) {
	ctx := t.Context()
	b := create(t, q, "https://a.org/", day(1))
	create(t, q, "https://b.org/", day(1))

	set := func(path, value string) {
		t.Helper()
		n, err := q.SetBookmarkMetadata(ctx, dbsqlc.SetBookmarkMetadataParams{ID: b.ID, Path: path, Value: value, UpdatedAt: day(2)})
		must(t, err)
		equal(t, "SetBookmarkMetadata "+path, n, int64(1))
	}
	set(`$.author`, `"Rob"`)
	set(`$.year`, `2012`)
	set(`$."a key"`, `{"deep":[1,null]}`)
	n, err := q.RemoveBookmarkMetadata(ctx, dbsqlc.RemoveBookmarkMetadataParams{ID: b.ID, Path: `$.lang`, UpdatedAt: day(3)})
	must(t, err)
	equal(t, "RemoveBookmarkMetadata", n, int64(1))
	b.Metadata, b.UpdatedAt = dbtype.JSON(`{"author":"Rob","year":2012,"a key":{"deep":[1,null]}}`), day(3)

	for path, value := range map[string]string{`$.author`: "Rob", `$.year`: "2012", `$."a key".deep[0]`: "1"} {
		rows, err := q.ListBookmarksByMetadata(ctx, dbsqlc.ListBookmarksByMetadataParams{Path: path, Value: value, PageSize: 10})
		must(t, err)
		equal(t, "ListBookmarksByMetadata "+path, rows, []dbsqlc.Bookmark{b})
	}
}

// TestTimesCompare: the times that SQLite itself writes and those that typed methods
// store compare as text, within a day too.
func TestTimesCompare(t *testing.T) {
	const query = `SELECT
		count(*) FILTER (WHERE created_at < CURRENT_TIMESTAMP), count(*) FILTER (WHERE created_at < datetime('now')),
		count(*) FILTER (WHERE created_at > datetime('now', '-2 minutes')) FROM bookmarks`
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		pool := d.Open(t, schema.FS)
		create(t, dbsqlc.New(pool), "https://a.org/", dbtype.NewTime(time.Now().Add(-time.Minute)))
		create(t, dbsqlc.New(pool), "https://b.org/", dbtype.NewTime(time.Now().Add(time.Minute)))
		var beforeCurrent, beforeNow, afterEarlier int
		must(t, pool.QueryRowContext(t.Context(), query).Scan(&beforeCurrent, &beforeNow, &afterEarlier))
		equal(t, "a minute ago and in a minute", []int{beforeCurrent, beforeNow, afterEarlier}, []int{1, 1, 2})
	})
}

// TestListIsARange: with each set of filters a page of the list reads only its part of an index.
func TestListIsARange(t *testing.T) {
	dbtest.EachDatabase(t, func(t *testing.T, d dbtest.Database) {
		var plan explainer
		plan.DBTX = d.Open(t, schema.FS)
		yes, at, id := true, day(2), int64(1)
		for _, c := range []struct {
			params dbsqlc.ListBookmarksParams
			want   string
		}{
			{dbsqlc.ListBookmarksParams{}, "SCAN b USING INDEX bookmarks_by_created"},
			{dbsqlc.ListBookmarksParams{CreatedBefore: &at, IDBefore: &id}, "SEARCH b USING INDEX bookmarks_by_created (created_at<?)"},
			{dbsqlc.ListBookmarksParams{AddedSince: &at}, "SEARCH b USING INDEX bookmarks_by_created (created_at>?)"},
			{dbsqlc.ListBookmarksParams{AddedSince: &at, CreatedBefore: &at, IDBefore: &id}, "SEARCH b USING INDEX bookmarks_by_created (created_at>? AND created_at<?)"},
			{dbsqlc.ListBookmarksParams{Archived: &yes}, "SCAN b USING INDEX bookmarks_archived"},
			{dbsqlc.ListBookmarksParams{Archived: &yes, AddedSince: &at}, "SEARCH b USING INDEX bookmarks_archived (created_at>?)"},
		} {
			c.params.Tags, c.params.PageSize = "[]", 25
			_, err := dbsqlc.New(&plan).ListBookmarks(t.Context(), c.params)
			must(t, err)
			if !strings.Contains(plan.text, c.want) {
				t.Errorf("ListBookmarks is planned as\n%swant %s", plan.text, c.want)
			}
		}
	})
}

// explainer is a DBTX that asks for the plan of each query before it runs it.
type explainer struct {
	dbsqlc.DBTX
	text string
}

func (e *explainer) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	e.text = ""
	rows, err := e.DBTX.QueryContext(ctx, "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			return nil, err
		}
		e.text += detail + "\n"
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return e.DBTX.QueryContext(ctx, query, args...)
}

func testTags(t *testing.T, q *dbsqlc.Queries) {
	ctx := t.Context()
	a := create(t, q, "https://a.org/", day(1), "go", "db")
	create(t, q, "https://b.org/", day(1), "go")
	must(t, q.CreateTag(ctx, "GO"))
	must(t, q.CreateTag(ctx, "unused"))

	counts := func() map[string]int64 {
		t.Helper()
		rows, err := q.ListTags(ctx)
		must(t, err)
		counts := map[string]int64{}
		for _, row := range rows {
			counts[row.Tag.Name] = row.Bookmarks
		}
		return counts
	}
	equal(t, "ListTags", counts(), map[string]int64{"go": 2, "db": 1, "unused": 0})
	related, err := q.ListRelatedTags(ctx, "Go")
	must(t, err)
	equal(t, "ListRelatedTags", related, []dbsqlc.ListRelatedTagsRow{{Name: "db", Bookmarks: 1}})

	for i, want := range []int64{0, 1} {
		name := []string{"go", "unused"}[i]
		n, err := q.TagBookmark(ctx, dbsqlc.TagBookmarkParams{BookmarkID: a.ID, Name: name})
		must(t, err)
		equal(t, "TagBookmark "+name, n, want)
	}
	n, err := q.UntagBookmark(ctx, dbsqlc.UntagBookmarkParams{BookmarkID: a.ID, Name: "UNUSED"})
	must(t, err)
	equal(t, "UntagBookmark", n, int64(1))
	n, err = q.DeleteUnusedTags(ctx)
	must(t, err)
	equal(t, "DeleteUnusedTags", n, int64(1))

	if _, err := q.RenameTag(ctx, dbsqlc.RenameTagParams{Name: "db", NewName: "Go"}); !errors.Is(err, db.ErrUnique) {
		t.Errorf("RenameTag to one that there is: %v; want ErrUnique", err)
	}
	n, err = q.RenameTag(ctx, dbsqlc.RenameTagParams{Name: "DB", NewName: "databases"})
	must(t, err)
	equal(t, "RenameTag", n, int64(1))
	must(t, q.MergeTags(ctx, dbsqlc.MergeTagsParams{Name: "go", IntoName: "databases"}))
	n, err = q.DeleteTag(ctx, "go")
	must(t, err)
	equal(t, "DeleteTag", n, int64(1))
	equal(t, "after the merge", counts(), map[string]int64{"databases": 2})
}

func testAttachments(t *testing.T, q *dbsqlc.Queries) {
	ctx := t.Context()
	b, other := create(t, q, "https://a.org/", day(1)), create(t, q, "https://b.org/", day(1))
	save := func(bookmark int64, name string, data []byte) dbsqlc.SaveAttachmentRow {
		t.Helper()
		row, err := q.SaveAttachment(ctx, dbsqlc.SaveAttachmentParams{
			BookmarkID: bookmark, Name: name, MIMEType: "application/octet-stream", Data: data, CreatedAt: day(2),
		})
		must(t, err)
		return row
	}
	binary := []byte("\x00\xff\x80 any bytes")
	save(b.ID, "a.bin", []byte("first"))
	row := save(b.ID, "a.bin", binary)
	nothing := save(b.ID, "b.bin", []byte{})
	save(other.ID, "c.bin", make([]byte, 1000))

	got, err := q.GetAttachment(ctx, dbsqlc.GetAttachmentParams{BookmarkID: b.ID, Name: "a.bin"})
	must(t, err)
	equal(t, "GetAttachment", got, dbsqlc.Attachment{
		ID: row.ID, BookmarkID: b.ID, Name: "a.bin", MIMEType: "application/octet-stream",
		Data: binary, Size: int64(len(binary)), CreatedAt: day(2),
	})
	list, err := q.ListAttachments(ctx, b.ID)
	must(t, err)
	equal(t, "ListAttachments", list, []dbsqlc.ListAttachmentsRow{dbsqlc.ListAttachmentsRow(row), dbsqlc.ListAttachmentsRow(nothing)})
	exported, err := q.ExportAttachments(ctx, dbsqlc.ExportAttachmentsParams{AfterID: b.ID - 1, PageSize: 1})
	must(t, err)
	equal(t, "ExportAttachments", exported, []dbsqlc.ExportAttachmentsRow{
		{BookmarkID: b.ID, Name: "a.bin", Size: int64(len(binary))}, {BookmarkID: b.ID, Name: "b.bin"},
	})
	imported := dbsqlc.ImportAttachmentParams{URL: b.URL, Name: "b.bin", MIMEType: "application/octet-stream", Data: binary, CreatedAt: day(2)}
	for url, want := range map[string]int64{b.URL: 1, "https://none.org/": 0} {
		imported.URL = url
		n, err := q.ImportAttachment(ctx, imported)
		must(t, err)
		equal(t, "ImportAttachment", n, want)
	}
	got, err = q.GetAttachment(ctx, dbsqlc.GetAttachmentParams{BookmarkID: b.ID, Name: "b.bin"})
	must(t, err)
	equal(t, "GetAttachment of an imported file", string(got.Data), string(binary))
	largest, err := q.ListLargestAttachments(ctx, 1)
	must(t, err)
	equal(t, "ListLargestAttachments", largest, []dbsqlc.ListLargestAttachmentsRow{
		{Bookmark: other, Name: "c.bin", MIMEType: "application/octet-stream", Size: 1000},
	})

	n, err := q.DeleteAttachment(ctx, dbsqlc.DeleteAttachmentParams{BookmarkID: b.ID, Name: "b.bin"})
	must(t, err)
	equal(t, "DeleteAttachment", n, int64(1))
	_, err = q.DeleteBookmarks(ctx, []int64{b.ID})
	must(t, err)
	if _, err := q.GetAttachment(ctx, dbsqlc.GetAttachmentParams{BookmarkID: b.ID, Name: "a.bin"}); !errors.Is(err, sql.ErrNoRows) {
		t.Errorf("GetAttachment of a bookmark that was removed: %v; want sql.ErrNoRows", err)
	}
}

func testSearch(t *testing.T, q *dbsqlc.Queries) {
	ctx := t.Context()
	save := func(url, title, notes string) int64 {
		t.Helper()
		b, err := q.UpsertBookmark(ctx, dbsqlc.UpsertBookmarkParams{URL: url, Title: title, Notes: notes})
		must(t, err)
		return b.ID
	}
	inURL := save("https://gopher.org/", "A page", "")
	inNotes := save("https://a.org/", "Another page", "All about the gopher and its burrow")
	inTitle := save("https://b.org/", "Gopher", "")
	accent := save("https://c.org/", "Café", "")

	search := func(query string) []int64 {
		t.Helper()
		rows, err := q.SearchBookmarks(ctx, dbsqlc.SearchBookmarksParams{Query: query, Tags: "[]", PageSize: 10})
		must(t, err)
		ids := []int64{}
		for _, row := range rows {
			ids = append(ids, row.ID)
		}
		return ids
	}
	equal(t, "by weight", search(`"gopher"`), []int64{inTitle, inNotes, inURL})
	equal(t, "without the accent", search(`"cafe"`), []int64{accent})
	equal(t, "by prefix", search(`"burr"*`), []int64{inNotes})

	must(t, q.CreateTag(ctx, "x"))
	_, err := q.TagBookmark(ctx, dbsqlc.TagBookmarkParams{BookmarkID: inNotes, Name: "x"})
	must(t, err)
	no := false
	rows, err := q.SearchBookmarks(ctx, dbsqlc.SearchBookmarksParams{Query: "gopher", Tags: `["x"]`, Archived: &no, PageSize: 10})
	must(t, err)
	if len(rows) != 1 || rows[0].ID != inNotes || !strings.Contains(rows[0].Notes, "\x02gopher\x03") {
		t.Errorf("with a tag: %+v; want bookmark %d with the match marked in its notes", rows, inNotes)
	}

	_, err = q.PatchBookmark(ctx, dbsqlc.PatchBookmarkParams{ID: inTitle, Title: new("Badger"), UpdatedAt: day(2)})
	must(t, err)
	_, err = q.DeleteBookmarks(ctx, []int64{inURL})
	must(t, err)
	equal(t, "after a change and a removal", search("gopher"), []int64{inNotes})
	must(t, q.CheckSearchIndex(ctx))
	must(t, q.OptimizeSearchIndex(ctx))
	equal(t, "after optimizing", search("badger"), []int64{inTitle})
}

func testStats(t *testing.T, q *dbsqlc.Queries) {
	ctx := t.Context()
	months, err := q.CountBookmarksByMonth(ctx, 10)
	must(t, err)
	equal(t, "CountBookmarksByMonth of nothing", months, []dbsqlc.CountBookmarksByMonthRow{})
	totals, err := q.GetTotals(ctx)
	must(t, err)
	equal(t, "GetTotals of nothing", totals, dbsqlc.GetTotalsRow{})

	november := dbtype.NewTime(time.Date(2025, 11, 30, 23, 59, 59, 0, time.UTC))
	a := create(t, q, "https://a.org/", november, "x")
	create(t, q, "https://b.org/", day(1))
	create(t, q, "https://c.org/", day(31))
	_, err = q.ArchiveBookmarks(ctx, dbsqlc.ArchiveBookmarksParams{Archived: true, UpdatedAt: day(1), IDs: []int64{a.ID}})
	must(t, err)
	_, err = q.SaveAttachment(ctx, dbsqlc.SaveAttachmentParams{BookmarkID: a.ID, Name: "f", MIMEType: "text/plain", Data: []byte("12345"), CreatedAt: day(1)})
	must(t, err)

	totals, err = q.GetTotals(ctx)
	must(t, err)
	equal(t, "GetTotals", totals, dbsqlc.GetTotalsRow{Bookmarks: 3, Archived: 1, Untagged: 2, Tags: 1, Attachments: 1, AttachmentBytes: 5})
	months, err = q.CountBookmarksByMonth(ctx, 10)
	must(t, err)
	equal(t, "CountBookmarksByMonth", months, []dbsqlc.CountBookmarksByMonthRow{
		{Month: "2026-01", Bookmarks: 2, Total: 3}, {Month: "2025-12", Bookmarks: 0, Total: 1}, {Month: "2025-11", Bookmarks: 1, Total: 1},
	})
}
