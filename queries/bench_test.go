package queries_test

import (
	"fmt"
	"testing"

	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/db/dbtest"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/duolite/duolite/schema"
)

// BenchmarkQueries measures typed calls as a program makes them, on each kind of
// database. Compare within one run: times differ from machine to machine.
func BenchmarkQueries(b *testing.B) {
	for _, kind := range []string{"file", "memory", "server"} {
		b.Run(kind, func(b *testing.B) {
			q := dbsqlc.New(open(b, kind).Open(b, schema.FS))
			created := 0 // over all runs: a URL is saved once
			b.Run("Create", func(b *testing.B) {
				for b.Loop() {
					created++
					benchCreate(b, q, fmt.Sprintf("https://example.org/%d", created))
				}
			})
			b.Run("Get", func(b *testing.B) {
				for b.Loop() {
					if _, err := q.GetBookmark(b.Context(), 1); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run("List25", func(b *testing.B) {
				params := firstPage()
				params.PageSize = 25
				for b.Loop() {
					if _, err := q.ListBookmarks(b.Context(), params); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

func open(b *testing.B, kind string) dbtest.Database {
	switch kind {
	case "server":
		return dbtest.Database{URL: dbtest.StartServer(b).URL()}
	case "memory":
		return dbtest.Database{URL: ":memory:"}
	default:
		return dbtest.Database{URL: b.TempDir() + "/bench.db"}
	}
}

func benchCreate(b *testing.B, q *dbsqlc.Queries, url string) {
	_, err := q.CreateBookmark(b.Context(), dbsqlc.CreateBookmarkParams{
		URL: url, Title: "A title", Metadata: dbtype.JSON("{}"), CreatedAt: day(1),
	})
	if err != nil {
		b.Fatal(err)
	}
}
