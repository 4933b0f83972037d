package main

import (
	"context"
	"errors"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/spf13/cobra"
)

func (a *app) editCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "edit ID|URL",
		Short: "Change a bookmark; its tags are changed by marks tag",
		Example: `  marks edit 12 --title "A better title"
  marks edit 12 --metadata '{"author": "Rob Pike", "draft": null}'`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			change, err := changeOf(cmd)
			if err != nil {
				return err
			}
			return a.edit(cmd.Context(), args[0], change)
		},
	}
	cmd.Flags().String("url", "", "the new URL")
	cmd.Flags().String("title", "", "the new title")
	cmd.Flags().String("notes", "", "the new notes")
	cmd.Flags().String("metadata", "", "a JSON object whose values are set; null removes one")
	return cmd
}

// changeOf returns the change that the flags ask for. A flag that isn't given is no change.
func changeOf(cmd *cobra.Command) (change dbsqlc.PatchBookmarkParams, err error) {
	set := func(to **string, name string, clean func(string) (string, error)) {
		if flag := cmd.Flags().Lookup(name); err == nil && flag.Changed {
			var value string
			value, err = clean(flag.Value.String())
			*to = &value
		}
	}
	set(&change.URL, "url", cleanURL)
	set(&change.Title, "title", cleanTitle)
	set(&change.Notes, "notes", cleanNotes)
	set(&change.Metadata, "metadata", cleanMetadata)
	if err == nil && change == (dbsqlc.PatchBookmarkParams{}) {
		err = badUsage("nothing to change")
	}
	return change, err
}

func (a *app) edit(ctx context.Context, key string, change dbsqlc.PatchBookmarkParams) error {
	_, err := onBookmark(ctx, a, db.InTx, key, func(q *dbsqlc.Queries, id int64) (dbsqlc.Bookmark, error) {
		change.ID, change.UpdatedAt = id, dbtype.Now()
		return q.PatchBookmark(ctx, change)
	})
	if errors.Is(err, db.ErrUnique) {
		return badInput("%s is saved as another bookmark already", *change.URL)
	}
	return err
}
