package queries_test

import (
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/db/dbtype"
)

// bulkTests are those of TestQueries that insert in bulk.
var bulkTests = map[string]func(*testing.T, *sql.DB, newQueries){
	"CreateBookmarks": testCreateBookmarks,
	"ImportBookmarks": testImportBookmarks,
}

type newQueries func(dbsqlc.DBTX) *dbsqlc.Queries

func testCreateBookmarks(t *testing.T, pool *sql.DB, queries newQueries) {
	params := []dbsqlc.CreateBookmarkParams{
		{URL: "https://a.org/", Title: "Néw \x00 \"a\"", Metadata: dbtype.JSON(`{"n": 9007199254740993, "f": 1.0}`), CreatedAt: day(1)},
		{URL: "https://b.org/", Notes: "notes", Metadata: dbtype.JSON("{}"), CreatedAt: day(2)},
	}
	got, err := db.BulkQuery(t.Context(), pool, queries, params, (*dbsqlc.Queries).CreateBookmarks)
	must(t, err)
	if len(got) != 2 {
		t.Fatalf("%d bookmarks are returned, want 2", len(got))
	}
	for i, p := range params {
		want := dbsqlc.Bookmark{ID: got[i].ID, URL: p.URL, Title: p.Title, Notes: p.Notes, Metadata: p.Metadata, CreatedAt: p.CreatedAt, UpdatedAt: p.CreatedAt}
		equal(t, "returned", got[i], want)
		saved, err := queries(pool).GetBookmark(t.Context(), got[i].ID)
		must(t, err)
		equal(t, "saved", saved, tagged(want))
	}
	if _, err = db.BulkQuery(t.Context(), pool, queries, params[1:], (*dbsqlc.Queries).CreateBookmarks); !errors.Is(err, db.ErrUnique) {
		t.Errorf("a URL that is saved: %v; want ErrUnique", err)
	}
}

// A taggedURL is a row of ImportBookmarkTags.
type taggedURL struct {
	URL  string   `json:"url"`
	Tags []string `json:"tags"`
}

func testImportBookmarks(t *testing.T, pool *sql.DB, queries newQueries) {
	ctx := t.Context()
	q := queries(pool)
	old := create(t, q, "https://old.org/", day(1), "Kept")
	visited, added := day(9), dbtype.NewTime(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC))
	bookmarks := []dbsqlc.Bookmark{
		{URL: old.URL, Notes: "new notes", Metadata: dbtype.JSON(`{"a": [1]}`), Archived: true, VisitCount: 2, CreatedAt: added, UpdatedAt: added, VisitedAt: &visited},
		{URL: "https://new.org/", Title: "Néw", Metadata: dbtype.JSON("{}"), CreatedAt: added, UpdatedAt: day(2)},
	}
	tags := []taggedURL{{old.URL, []string{"kept", "more"}}, {"https://new.org/", nil}}
	importAll := func() (saved, given int64) {
		t.Helper()
		_, err := db.BulkExec(ctx, pool, queries, []string{"kept", "more", "More"}, (*dbsqlc.Queries).ImportTags)
		must(t, err)
		saved, err = db.BulkExec(ctx, pool, queries, bookmarks, (*dbsqlc.Queries).ImportBookmarks)
		must(t, err)
		given, err = db.BulkExec(ctx, pool, queries, tags, (*dbsqlc.Queries).ImportBookmarkTags)
		must(t, err)
		return saved, given
	}
	saved, given := importAll()
	equal(t, "bookmarks written", saved, int64(2))
	equal(t, "tags given", given, int64(1))

	got, err := q.ExportBookmarks(ctx, dbsqlc.ExportBookmarksParams{PageSize: 10})
	must(t, err)
	want := tagged(old, "Kept", "more")
	want.Notes, want.Metadata, want.Archived, want.VisitCount = "new notes", dbtype.JSON(`{"lang":"en","a":[1]}`), true, 2
	want.VisitedAt, want.UpdatedAt = &visited, got[0].UpdatedAt
	equal(t, "after the import", got, []dbsqlc.TaggedBookmark{want, {
		ID: got[1].ID, URL: "https://new.org/", Title: "Néw", Metadata: dbtype.JSON("{}"), Tags: dbtype.Of[[]string]{V: []string{}},
		CreatedAt: added, UpdatedAt: day(2),
	}})

	saved, given = importAll()
	equal(t, "bookmarks written again", saved, int64(0))
	equal(t, "tags given again", given, int64(0))
}
