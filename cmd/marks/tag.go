package main

import (
	"context"
	"errors"
	"strconv"

	"github.com/duolite/duolite/cmd/marks/internal/output"
	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/spf13/cobra"
)

// A tagCount is a tag and the number of its bookmarks.
type tagCount struct {
	Name      string `json:"name"`
	Bookmarks int64  `json:"bookmarks"`
}

var tagColumns = []output.Column[tagCount]{
	{Name: "tag", Text: func(t tagCount) string { return t.Name }},
	{Name: "bookmarks", Right: true, Text: func(t tagCount) string { return strconv.FormatInt(t.Bookmarks, 10) }},
}

func (a *app) tagCmd() *cobra.Command {
	cmd := group(&cobra.Command{
		Use:   "tag",
		Short: "Add and take off tags; list, rename, merge and remove them",
	})
	cmd.AddCommand(
		a.tagAddCmd(), a.tagRemoveCmd(),
		a.tagListCmd(), a.tagRenameCmd(), a.tagRmCmd(), a.tagPruneCmd(),
	)
	return cmd
}

func (a *app) tagAddCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "add ID|URL TAG...",
		Short:   "Give a bookmark tags",
		Example: "  marks tag add 12 go sqlite",
		Args:    cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			tags, err := cleanTags(args[1:])
			if err != nil {
				return err
			}
			return a.applyEdit(cmd.Context(), args[0], edit{addTags: tags})
		},
	}
}

func (a *app) tagRemoveCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "remove ID|URL TAG...",
		Short: "Take tags off a bookmark",
		Args:  cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			tags, err := cleanTags(args[1:])
			if err != nil {
				return err
			}
			return a.applyEdit(cmd.Context(), args[0], edit{dropTags: tags})
		},
	}
}

func (a *app) tagListCmd() *cobra.Command {
	var with string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List tags, the most used first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var tags []tagCount
			err := a.with(cmd.Context(), func(q *dbsqlc.Queries) (err error) {
				if with == "" {
					tags, err = allTags(cmd, q)
				} else {
					tags, err = relatedTags(cmd, q, with)
				}
				return err
			})
			if err != nil {
				return err
			}
			return output.Rows(a.stdout, a.format, a.screen(), tagColumns, tags)
		},
	}
	cmd.Flags().StringVar(&with, "with", "", "only tags that go together with this one, and how often")
	a.formatFlag(cmd)
	return cmd
}

func allTags(cmd *cobra.Command, q *dbsqlc.Queries) ([]tagCount, error) {
	rows, err := q.ListTags(cmd.Context())
	tags := make([]tagCount, len(rows))
	for i, row := range rows {
		tags[i] = tagCount{row.Tag.Name, row.Bookmarks}
	}
	return tags, err
}

func relatedTags(cmd *cobra.Command, q *dbsqlc.Queries, with string) ([]tagCount, error) {
	name, err := cleanTag(with)
	if err != nil {
		return nil, err
	}
	rows, err := q.ListRelatedTags(cmd.Context(), name)
	tags := make([]tagCount, len(rows))
	for i, row := range rows {
		tags[i] = tagCount{row.Name, row.Bookmarks}
	}
	return tags, err
}

func (a *app) tagRenameCmd() *cobra.Command {
	var merge bool
	cmd := &cobra.Command{
		Use:   "rename TAG NEW-NAME",
		Short: "Give a tag another name, or merge it into another tag",
		Args:  cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.renameTag(cmd, args[0], args[1], merge)
		},
	}
	cmd.Flags().BoolVar(&merge, "merge", false, "into a tag that there is already")
	return cmd
}

func (a *app) renameTag(cmd *cobra.Command, from, to string, merge bool) error {
	from, err := cleanTag(from)
	if err != nil {
		return err
	}
	to, err = cleanTag(to)
	if err != nil {
		return err
	}
	ctx := cmd.Context()
	err = a.withTx(ctx, func(q *dbsqlc.Queries) error {
		if merge && foldTag(from) != foldTag(to) {
			if err := checkTag(ctx, q, to); err != nil {
				return err
			}
			if err := q.MergeTags(ctx, dbsqlc.MergeTagsParams{Name: from, IntoName: to}); err != nil {
				return err
			}
			return found(from)(q.DeleteTag(ctx, from))
		}
		return found(from)(q.RenameTag(ctx, dbsqlc.RenameTagParams{Name: from, NewName: to}))
	})
	if errors.Is(err, db.ErrUnique) {
		return badInput("there is a tag %q already; to join the two: --merge", to)
	}
	return err
}

// checkTag returns an error if the tag doesn't exist.
func checkTag(ctx context.Context, q *dbsqlc.Queries, name string) error {
	rows, err := q.ListTags(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if foldTag(row.Tag.Name) == foldTag(name) {
			return nil
		}
	}
	return notFound("no tag %q", name)
}

// found returns a function that converts a count of 0 to the error that tag doesn't exist.
func found(tag string) func(int64, error) error {
	return func(n int64, err error) error {
		if err == nil && n == 0 {
			return notFound("no tag %q", tag)
		}
		return err
	}
}

func (a *app) tagRmCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "rm TAG",
		Short: "Remove a tag from all bookmarks; the bookmarks stay",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name, err := cleanTag(args[0])
			if err != nil {
				return err
			}
			return a.with(cmd.Context(), func(q *dbsqlc.Queries) error {
				return found(name)(q.DeleteTag(cmd.Context(), name))
			})
		},
	}
}

func (a *app) tagPruneCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "prune",
		Short: "Remove the tags that no bookmark has",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), func(q *dbsqlc.Queries) error {
				n, err := q.DeleteUnusedTags(cmd.Context())
				if err == nil {
					a.say("removed %d", n)
				}
				return err
			})
		},
	}
}
