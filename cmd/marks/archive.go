package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/spf13/cobra"
)

func (a *app) archiveCmd() *cobra.Command {
	var undo bool
	cmd := &cobra.Command{
		Use:   "archive ID...",
		Short: "Put bookmarks out of sight, or back",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := parseIDs(cmd.CommandPath(), args)
			if err != nil {
				return err
			}
			ctx := cmd.Context()
			return a.withTx(ctx, func(q *dbsqlc.Queries) error {
				n, err := q.ArchiveBookmarks(ctx, dbsqlc.ArchiveBookmarksParams{
					Archived: !undo, UpdatedAt: dbtype.Now(), IDs: ids,
				})
				if err == nil && int(n) < len(ids) {
					return missing(ctx, q, ids)
				}
				return err
			})
		},
	}
	cmd.Flags().BoolVar(&undo, "undo", false, "bring them back")
	return cmd
}

// missing returns an error that names the ids without a bookmark, or nil.
func missing(ctx context.Context, q *dbsqlc.Queries, ids []int64) error {
	rows, err := q.GetBookmarks(ctx, ids)
	if err != nil {
		return err
	}
	exists := map[int64]bool{}
	for _, row := range rows {
		exists[row.ID] = true
	}
	var names []string
	for _, id := range ids {
		if !exists[id] {
			names = append(names, fmt.Sprint(id))
		}
	}
	return notFound("no bookmark %s; nothing changed", strings.Join(names, ", "))
}
