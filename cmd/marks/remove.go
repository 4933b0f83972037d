package main

import (
	"fmt"

	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/spf13/cobra"
)

func (a *app) rmCmd() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "rm ID...",
		Short: "Remove bookmarks, with what is attached to them",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ids, err := parseIDs(cmd.CommandPath(), args)
			if err != nil {
				return err
			}
			return a.remove(cmd, ids, yes)
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "don't ask")
	return cmd
}

func (a *app) remove(cmd *cobra.Command, ids []int64, yes bool) error {
	ctx := cmd.Context()
	// The question is asked between reading and removing the bookmarks, so that no
	// transaction is open while it waits for the answer.
	err := a.with(ctx, func(q *dbsqlc.Queries) error {
		rows, err := q.GetBookmarks(ctx, ids)
		if err != nil {
			return err
		}
		if len(rows) < len(ids) {
			return missing(ctx, q, ids)
		}
		for _, row := range rows {
			a.say("%d  %s", row.ID, row.URL)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !yes {
		if err := a.confirm(ctx, cmd.CommandPath(), fmt.Sprintf("remove %d bookmark(s)?", len(ids))); err != nil {
			return err
		}
	}
	return a.withTx(ctx, func(q *dbsqlc.Queries) error {
		removed, err := q.DeleteBookmarks(ctx, ids)
		if err == nil {
			a.say("removed %d", len(removed))
		}
		return err
	})
}
