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

// find returns the bookmark whose id is key or, if key isn't a number, whose URL is key.
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

// getByURL returns the bookmark of a URL. It tries the URL unchanged, since an earlier
// version may have saved it so, and the form in which it would be saved now.
func getByURL(ctx context.Context, q *dbsqlc.Queries, url string) (dbsqlc.TaggedBookmark, error) {
	row, err := q.GetBookmarkByURL(ctx, url)
	if errors.Is(err, sql.ErrNoRows) {
		if clean, bad := cleanURL(url); bad == nil && clean != url {
			row, err = q.GetBookmarkByURL(ctx, clean)
		}
	}
	return row, err
}

// parseIDs returns the ids given on the command line, without duplicates.
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
