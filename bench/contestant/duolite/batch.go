package main

import (
	"context"
	"database/sql"

	"github.com/duolite/duolite/bench/dbsqlc"
	"github.com/duolite/duolite/bench/internal/store"
)

// TODO: db.NewBatch, and db's bulk insert in place of store.Sqlc.Bulk, when they are there.
func batch(context.Context, *sql.DB, []dbsqlc.AddBookmarkParams) error {
	return store.ErrNone
}
