package main

import (
	"context"
	"fmt"

	"github.com/duolite/duolite/cmd/internal/prompt"
	"github.com/duolite/duolite/db"
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
			ids, err := parseIDs(args)
			if err != nil {
				return err
			}
			ctx := cmd.Context()
			_, err = transact(ctx, a, db.InTx, func(q *dbsqlc.Queries) (int64, error) {
				if _, err := findAll(ctx, q, ids); err != nil {
					return 0, err
				}
				return q.ArchiveBookmarks(ctx, dbsqlc.ArchiveBookmarksParams{
					Archived: !undo, UpdatedAt: dbtype.Now(), IDs: ids,
				})
			})
			return err
		},
	}
	cmd.Flags().BoolVar(&undo, "undo", false, "bring them back")
	return cmd
}

func (a *app) rmCmd() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "rm ID...",
		Short: "Remove bookmarks, with what is attached to them",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := parseIDs(args)
			if err != nil {
				return err
			}
			return a.remove(cmd.Context(), ids, yes)
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "don't ask")
	return cmd
}

// remove asks its question between reading and writing, so that no transaction is open while
// it waits for the answer.
func (a *app) remove(ctx context.Context, ids []int64, yes bool) error {
	rows, err := query(ctx, a, func(q *dbsqlc.Queries) ([]dbsqlc.Bookmark, error) { return findAll(ctx, q, ids) })
	if err != nil {
		return err
	}
	for _, row := range rows {
		say("%d  %s", row.ID, row.URL)
	}
	if !yes {
		if err := prompt.Confirm(ctx, fmt.Sprintf("remove %d bookmark(s)?", len(ids))); err != nil {
			return err
		}
	}
	removed, err := transact(ctx, a, db.InTx, func(q *dbsqlc.Queries) ([]dbsqlc.DeleteBookmarksRow, error) {
		return q.DeleteBookmarks(ctx, ids)
	})
	if err == nil {
		say("removed %d", len(removed))
	}
	return err
}
