package main

import (
	"context"
	"errors"
	"strconv"

	"github.com/duolite/duolite/cmd/internal/output"
	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/spf13/cobra"
)

func (a *app) tagCmd() *cobra.Command {
	return group(&cobra.Command{
		Use:   "tag",
		Short: "Add and take off tags; list, rename, merge and remove them",
	}, a.tagAddCmd(), a.tagRemoveCmd(), a.tagListCmd(), a.tagRenameCmd(), a.tagRmCmd(), a.tagPruneCmd())
}

func (a *app) tagAddCmd() *cobra.Command {
	return a.changeTagsCmd("add ID|URL TAG...", "Give a bookmark tags", addTags)
}

func (a *app) tagRemoveCmd() *cobra.Command {
	return a.changeTagsCmd("remove ID|URL TAG...", "Take tags off a bookmark", removeTags)
}

// changeTagsCmd returns a command that runs change for the bookmark and the tags on the command line.
func (a *app) changeTagsCmd(use, short string, change func(context.Context, *dbsqlc.Queries, int64, []string) error) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Args: cobra.MinimumNArgs(2), RunE: func(cmd *cobra.Command, args []string) error {
		tags, err := cleanTags(args[1:])
		if err != nil {
			return err
		}
		ctx := cmd.Context()
		_, err = onBookmark(ctx, a, db.InTx, args[0], func(q *dbsqlc.Queries, id int64) (int64, error) {
			return id, change(ctx, q, id, tags)
		})
		return err
	}}
}

// removeTags takes tags off a bookmark, which must have all of them.
func removeTags(ctx context.Context, q *dbsqlc.Queries, id int64, tags []string) error {
	for _, tag := range tags {
		n, err := q.UntagBookmark(ctx, dbsqlc.UntagBookmarkParams{BookmarkID: id, Name: tag})
		if err != nil {
			return err
		}
		if n == 0 {
			return notFound("bookmark %d has no tag %q", id, tag)
		}
	}
	return nil
}

var tagColumns = []output.Column[dbsqlc.ListTagsRow]{
	{Name: "tag", Text: func(t dbsqlc.ListTagsRow) string { return t.Tag.Name }},
	{Name: "bookmarks", Right: true, Text: func(t dbsqlc.ListTagsRow) string { return strconv.FormatInt(t.Bookmarks, 10) }},
}

func (a *app) tagListCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List tags, the most used first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			tags, err := query(cmd.Context(), a, func(q *dbsqlc.Queries) ([]dbsqlc.ListTagsRow, error) {
				return q.ListTags(cmd.Context())
			})
			if err != nil {
				return err
			}
			return output.Rows(a.printer(), tagColumns, tags)
		},
	}
	formatFlag(cmd, &a.format, output.Formats...)
	return cmd
}

func (a *app) tagRenameCmd() *cobra.Command {
	var merge bool
	cmd := &cobra.Command{
		Use:   "rename TAG NEW-NAME",
		Short: "Give a tag another name, or merge it into another tag",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			to, err := cleanTag(args[1])
			if err != nil {
				return err
			}
			return a.renameTag(cmd.Context(), args[0], to, merge)
		},
	}
	cmd.Flags().BoolVar(&merge, "merge", false, "if there is a tag of the new name, merge both")
	return cmd
}

func (a *app) renameTag(ctx context.Context, from, to string, merge bool) error {
	n, err := transact(ctx, a, db.InTx, func(q *dbsqlc.Queries) (int64, error) {
		n, err := q.RenameTag(ctx, dbsqlc.RenameTagParams{Name: from, NewName: to})
		if !merge || !errors.Is(err, db.ErrUnique) {
			return n, err
		}
		if err := q.MergeTags(ctx, dbsqlc.MergeTagsParams{Name: from, IntoName: to}); err != nil {
			return 0, err
		}
		return q.DeleteTag(ctx, from)
	})
	if errors.Is(err, db.ErrUnique) {
		return badInput("there is a tag %q already; to join the two: --merge", to)
	}
	return tagFound(from, n, err)
}

// tagFound returns the error of a query that changed n tags of a name. 0 is an error.
func tagFound(name string, n int64, err error) error {
	if err == nil && n == 0 {
		return notFound("no tag %q", name)
	}
	return err
}

func (a *app) tagRmCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "rm TAG",
		Short: "Remove a tag from all bookmarks; the bookmarks stay",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := transact(cmd.Context(), a, db.InTx, func(q *dbsqlc.Queries) (int64, error) {
				return q.DeleteTag(cmd.Context(), args[0])
			})
			return tagFound(args[0], n, err)
		},
	}
}

func (a *app) tagPruneCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "prune",
		Short: "Remove the tags that no bookmark has",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			n, err := transact(cmd.Context(), a, db.InTx, func(q *dbsqlc.Queries) (int64, error) {
				return q.DeleteUnusedTags(cmd.Context())
			})
			if err == nil {
				say("removed %d", n)
			}
			return err
		},
	}
}
