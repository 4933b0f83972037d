package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/duolite/duolite/db/dbsqlc"
)

// find returns the bookmark with an id or, if key is none, with a URL.
func find(ctx context.Context, q *dbsqlc.Queries, key string) (bookmark, error) {
	var row dbsqlc.TaggedBookmark
	id, err := strconv.ParseInt(key, 10, 64)
	if err == nil {
		row, err = q.GetBookmark(ctx, id)
	} else {
		row, err = getByURL(ctx, q, key)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return bookmark{}, notFound("no bookmark %s", key)
	}
	if err != nil {
		return bookmark{}, err
	}
	return bookmarkOf(row)
}

// getByURL finds a URL as it is, which a bookmark of an earlier time may have, or in the form in
// which it would be saved now.
func getByURL(ctx context.Context, q *dbsqlc.Queries, url string) (dbsqlc.TaggedBookmark, error) {
	row, err := q.GetBookmarkByURL(ctx, url)
	if errors.Is(err, sql.ErrNoRows) {
		if clean, bad := cleanURL(url); bad == nil && clean != url {
			row, err = q.GetBookmarkByURL(ctx, clean)
		}
	}
	return row, err
}

// parseIDs reads the ids of a command line, each counting once.
func parseIDs(command string, args []string) ([]int64, error) {
	var ids []int64
	for _, arg := range args {
		id, err := strconv.ParseInt(arg, 10, 64)
		if err != nil {
			return nil, usageError{fmt.Sprintf("%q is not an id", arg), command}
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}
