// Command clientgo is the contestant for github.com/tursodatabase/libsql-client-go, over HTTP
// or WebSocket as the URL says.
package main

import (
	"context"
	"database/sql"
	"strings"

	"github.com/duolite/duolite/bench/dbsqlc"
	"github.com/duolite/duolite/bench/internal/store"
	"github.com/duolite/duolite/bench/internal/work"
	_ "github.com/tursodatabase/libsql-client-go/libsql"
)

func main() {
	work.Main(map[string]func(context.Context, string) (work.Store, error){
		"sqlc": func(_ context.Context, url string) (work.Store, error) {
			pool, err := sql.Open("libsql", url)
			if err != nil {
				return nil, err
			}
			return store.NewSqlc(store.Limit(pool), batch), nil
		},
	})
}

// batch runs a text of many statements, the client's only way to send them together. The text
// contains BEGIN and COMMIT.
func batch(ctx context.Context, pool *sql.DB, all []dbsqlc.AddBookmarkParams) error {
	var text strings.Builder
	text.WriteString("BEGIN IMMEDIATE;")
	args := make([]any, 0, 6*len(all))
	for _, b := range all {
		text.WriteString("INSERT INTO bookmarks (url, title, notes, visits, score, created_at) VALUES (?, ?, ?, ?, ?, ?);")
		args = append(args, b.URL, b.Title, b.Notes, b.Visits, b.Score, b.CreatedAt)
	}
	text.WriteString("COMMIT")
	_, err := pool.ExecContext(ctx, text.String(), args...)
	return err
}
