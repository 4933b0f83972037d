package main

import (
	"errors"

	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/spf13/cobra"
)

func (a *app) addCmd() *cobra.Command {
	var b bookmark
	cmd := &cobra.Command{
		Use:     "add URL",
		Short:   "Save a bookmark",
		Example: `  marks add https://go.dev/ --title "The Go language" --tag go --tag languages`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			b.URL = args[0]
			return a.add(cmd, b)
		},
	}
	cmd.Flags().StringVar(&b.Title, "title", "", "the page's title")
	cmd.Flags().StringVar(&b.Notes, "notes", "", "what you want to remember of it")
	cmd.Flags().StringArrayVar(&b.Tags, "tag", nil, "a tag; may be given several times")
	return cmd
}

func (a *app) add(cmd *cobra.Command, b bookmark) error {
	if err := b.clean(); err != nil {
		return err
	}
	ctx := cmd.Context()
	err := a.withTx(ctx, func(q *dbsqlc.Queries) error {
		saved, err := q.CreateBookmark(ctx, dbsqlc.CreateBookmarkParams{
			URL: b.URL, Title: b.Title, Notes: b.Notes, Metadata: b.Metadata, CreatedAt: dbtype.Now(),
		})
		if err != nil {
			return err
		}
		b.ID = saved.ID
		return tagBookmark(ctx, q, saved.ID, b.Tags)
	})
	if errors.Is(err, db.ErrUnique) {
		return badInput("%s is saved already; to change it: marks edit URL", b.URL)
	}
	if err == nil {
		a.say("saved as %d", b.ID)
	}
	return err
}
