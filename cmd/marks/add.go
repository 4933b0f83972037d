package main

import (
	"context"
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
			return a.add(cmd.Context(), b)
		},
	}
	cmd.Flags().StringVar(&b.Title, "title", "", "the page's title")
	cmd.Flags().StringVar(&b.Notes, "notes", "", "what you want to remember of it")
	cmd.Flags().StringArrayVar(&b.Tags.V, "tag", nil, "a tag; may be given several times")
	return cmd
}

func (a *app) add(ctx context.Context, b bookmark) error {
	if err := b.clean(); err != nil {
		return err
	}
	saved, err := transact(ctx, a, db.InTx, func(q *dbsqlc.Queries) (dbsqlc.Bookmark, error) {
		saved, err := q.CreateBookmark(ctx, dbsqlc.CreateBookmarkParams{
			URL: b.URL, Title: b.Title, Notes: b.Notes, Metadata: b.Metadata, CreatedAt: dbtype.Now(),
		})
		if err == nil {
			err = addTags(ctx, q, saved.ID, b.Tags.V)
		}
		return saved, err
	})
	if errors.Is(err, db.ErrUnique) {
		return badInput("%s is saved already; to change it: marks edit URL", b.URL)
	}
	if err == nil {
		say("saved as %d", saved.ID)
	}
	return err
}

// addTags gives a bookmark tags, and creates the tags that don't exist.
func addTags(ctx context.Context, q *dbsqlc.Queries, id int64, tags []string) error {
	for _, tag := range tags {
		if err := q.CreateTag(ctx, tag); err != nil {
			return err
		}
		if _, err := q.TagBookmark(ctx, dbsqlc.TagBookmarkParams{BookmarkID: id, Name: tag}); err != nil {
			return err
		}
	}
	return nil
}
