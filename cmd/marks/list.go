package main

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/duolite/duolite/cmd/internal/output"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/spf13/cobra"
)

// filterFlags are the flags that list and search share.
type filterFlags struct {
	tags          []string
	archived, all bool
	limit         uint32
}

func (f *filterFlags) addTo(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.tags, "tag", nil, "only bookmarks with this tag; given several times, with all of them")
	cmd.Flags().BoolVar(&f.archived, "archived", false, "only archived bookmarks")
	cmd.Flags().BoolVar(&f.all, "all", false, "archived bookmarks as well")
	cmd.MarkFlagsMutuallyExclusive("archived", "all")
	cmd.Flags().Uint32Var(&f.limit, "limit", 25, "how many at most; 0 is all")
}

// wantArchived returns the wanted value of archived, or nil if both are wanted.
func (f *filterFlags) wantArchived() *bool {
	if f.all {
		return nil
	}
	return &f.archived
}

// pageSize returns the LIMIT of a query for one row more, which shows whether there are more.
func (f *filterFlags) pageSize() int64 {
	if f.limit == 0 {
		return -1 // no limit
	}
	return int64(f.limit) + 1
}

func (a *app) listCmd() *cobra.Command {
	var flags filterFlags
	var since, sort string
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List bookmarks, newest first",
		Example: "  marks list --tag go --tag sqlite --since 2026-01-01 --sort title\n  marks list --all --limit 0 --format csv > bookmarks.csv",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.list(cmd.Context(), flags, since, sort)
		},
	}
	flags.addTo(cmd)
	cmd.Flags().StringVar(&since, "since", "", "only bookmarks added on or after this day, 2006-01-02")
	cmd.Flags().StringVar(&sort, "sort", "added", "the order: "+strings.Join(orders, ", "))
	formatFlag(cmd, &a.format, output.Formats...)
	return cmd
}

// orders are the orders of list.
var orders = []string{"added", dbsqlc.ListBookmarksSortTitle, dbsqlc.ListBookmarksSortUpdated, dbsqlc.ListBookmarksSortVisits}

func (a *app) list(ctx context.Context, flags filterFlags, since, sort string) error {
	if !slices.Contains(orders, sort) {
		return badUsage("--sort %q is not one of %s", sort, strings.Join(orders, ", "))
	}
	params := dbsqlc.ListBookmarksParams{Archived: flags.wantArchived(), Sort: sort, PageSize: flags.pageSize()}
	var err error
	if params.Tags, err = tagArray(flags.tags); err != nil {
		return err
	}
	if since != "" {
		day, err := time.ParseInLocation(time.DateOnly, since, time.Local)
		if err != nil {
			return badUsage("--since %q is not a day such as 2026-01-31", since)
		}
		params.AddedSince = new(dbtype.NewTime(day))
	}
	rows, err := query(ctx, a, func(q *dbsqlc.Queries) ([]dbsqlc.TaggedBookmark, error) {
		return q.ListBookmarks(ctx, params)
	})
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		say("no bookmarks")
	}
	return output.Rows(a.printer(), bookmarkColumns, cut(rows, flags.limit))
}

// cut returns the first rows, limit at most, and says whether there are more. 0 is no limit.
func cut[T any](rows []T, limit uint32) []T {
	if limit == 0 || len(rows) <= int(limit) {
		return rows
	}
	say("there are more; to see all: --limit 0")
	return rows[:limit]
}

var bookmarkColumns = []output.Column[dbsqlc.TaggedBookmark]{
	{Name: "id", Right: true, Text: func(b dbsqlc.TaggedBookmark) string { return strconv.FormatInt(b.ID, 10) }},
	{Name: "title", Shrink: true, Text: func(b dbsqlc.TaggedBookmark) string { return b.Title }},
	{Name: "url", Shrink: true, Text: func(b dbsqlc.TaggedBookmark) string { return b.URL }},
	{Name: "tags", Shrink: true, Text: func(b dbsqlc.TaggedBookmark) string { return strings.Join(b.Tags.V, ", ") }},
	{Name: "added", Text: func(b dbsqlc.TaggedBookmark) string { return b.CreatedAt.Local().Format(time.DateOnly) }},
}
