package main

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"

	"github.com/duolite/duolite/db/dbsqlc"
)

// find returns the bookmark whose id is key or, if key isn't a number, whose URL is key. It
// tries the URL unchanged, and the form in which marks would save it.
func find(ctx context.Context, q *dbsqlc.Queries, key string) (dbsqlc.TaggedBookmark, error) {
	var row dbsqlc.TaggedBookmark
	id, err := strconv.ParseInt(key, 10, 64)
	if err == nil {
		row, err = q.GetBookmark(ctx, id)
	} else if row, err = q.GetBookmarkByURL(ctx, key); errors.Is(err, sql.ErrNoRows) {
		if clean, bad := cleanURL(key); bad == nil && clean != key {
			row, err = q.GetBookmarkByURL(ctx, clean)
		}
	}
	if errors.Is(err, sql.ErrNoRows) {
		err = notFound("no bookmark %s", key)
	}
	return row, err
}

// onBookmark returns the result of a function that runs in a transaction, with the id of the
// bookmark that find finds.
func onBookmark[T any](ctx context.Context, a *app, in txFunc, key string, fn func(q *dbsqlc.Queries, id int64) (T, error)) (T, error) {
	return transact(ctx, a, in, func(q *dbsqlc.Queries) (T, error) {
		b, err := find(ctx, q, key)
		if err != nil {
			var none T
			return none, err
		}
		return fn(q, b.ID)
	})
}

// parseIDs returns the ids given on the command line, without duplicates.
func parseIDs(args []string) ([]int64, error) {
	var ids []int64
	for _, arg := range args {
		id, err := strconv.ParseInt(arg, 10, 64)
		if err != nil {
			return nil, badUsage("%q is not an id", arg)
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// findAll returns the bookmarks with the given ids. An id without a bookmark is an error.
func findAll(ctx context.Context, q *dbsqlc.Queries, ids []int64) ([]dbsqlc.Bookmark, error) {
	rows, err := q.GetBookmarks(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if !slices.ContainsFunc(rows, func(row dbsqlc.Bookmark) bool { return row.ID == id }) {
			return nil, notFound("no bookmark %d; nothing changed", id)
		}
	}
	return rows, nil
}
