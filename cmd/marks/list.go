package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/duolite/duolite/cmd/marks/internal/output"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/spf13/cobra"
)

// filterFlags are the flags that list and search share.
type filterFlags struct {
	tags          []string
	archived, all bool
}

func (f *filterFlags) addTo(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.tags, "tag", nil, "only bookmarks with this tag; given several times, with all of them")
	cmd.Flags().BoolVar(&f.archived, "archived", false, "only archived bookmarks")
	cmd.Flags().BoolVar(&f.all, "all", false, "archived bookmarks as well")
	cmd.MarkFlagsMutuallyExclusive("archived", "all")
}

// wantArchived returns the wanted value of archived, or nil if both are wanted.
func (f *filterFlags) wantArchived() *bool {
	if f.all {
		return nil
	}
	return &f.archived
}

type listFlags struct {
	filterFlags
	since, after string
	limit        int64
}

func (a *app) listCmd() *cobra.Command {
	var flags listFlags
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List bookmarks, newest first",
		Example: "  marks list --tag go --tag sqlite --since 2026-01-01\n  marks list --all --limit 0 --format csv > bookmarks.csv",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.list(cmd, flags)
		},
	}
	flags.addTo(cmd)
	cmd.Flags().StringVar(&flags.since, "since", "", "only bookmarks added on or after this day, 2006-01-02")
	cmd.Flags().Int64Var(&flags.limit, "limit", 25, "how many at most; 0 is all")
	cmd.Flags().StringVar(&flags.after, "after", "", "go on after a page, as that page says")
	a.formatFlag(cmd)
	return cmd
}

// largestPage is the maximum number of rows of one query. It bounds memory and the size of
// a server's reply.
const largestPage = 500

func (a *app) list(cmd *cobra.Command, flags listFlags) error {
	params, err := flags.params(cmd.CommandPath())
	if err != nil {
		return err
	}
	limit := min(flags.limit, math.MaxInt64-1)
	if limit == 0 {
		limit = math.MaxInt64 - 1
	}
	var bookmarks []bookmark
	err = a.with(cmd.Context(), func(q *dbsqlc.Queries) (err error) {
		// One row above the limit shows whether there are more.
		bookmarks, err = listPages(cmd.Context(), q, params, limit+1)
		return err
	})
	if err != nil {
		return err
	}
	more := int64(len(bookmarks)) > limit
	if more {
		bookmarks = bookmarks[:limit]
	}
	if err := output.Rows(a.stdout, a.format, a.screen(), bookmarkColumns, bookmarks); err != nil {
		return err
	}
	switch {
	case len(bookmarks) == 0:
		a.say("no bookmarks")
	case more:
		a.say("there are more: --after %s", cursor(bookmarks[len(bookmarks)-1]))
	}
	return nil
}

func listPages(ctx context.Context, q *dbsqlc.Queries, params dbsqlc.ListBookmarksParams, limit int64) ([]bookmark, error) {
	var all []bookmark
	for {
		params.PageSize = min(limit-int64(len(all)), largestPage)
		rows, err := q.ListBookmarks(ctx, params)
		if err != nil {
			return nil, err
		}
		page, err := bookmarksOf(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if int64(len(page)) < params.PageSize || int64(len(all)) == limit {
			return all, nil
		}
		last := page[len(page)-1]
		params.CreatedBefore, params.IDBefore = last.CreatedAt, last.ID
	}
}

func (f *listFlags) params(command string) (dbsqlc.ListBookmarksParams, error) {
	params := dbsqlc.ListBookmarksParams{
		// A position after all rows selects the first page.
		CreatedBefore: dbtype.NewTime(time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC)),
		IDBefore:      math.MaxInt64,
		Archived:      f.wantArchived(),
	}
	var err error
	if params.Tags, err = tagArray(f.tags); err != nil {
		return params, err
	}
	if f.limit < 0 {
		return params, usageError{"--limit is below 0", command}
	}
	if f.since != "" {
		day, err := time.ParseInLocation(time.DateOnly, f.since, time.Local)
		if err != nil {
			return params, usageError{fmt.Sprintf("--since %q is not a day such as 2026-01-31", f.since), command}
		}
		since := dbtype.NewTime(day)
		params.AddedSince = &since
	}
	if f.after != "" {
		if params.CreatedBefore, params.IDBefore, err = parseCursor(f.after); err != nil {
			return params, usageError{err.Error(), command}
		}
	}
	return params, nil
}

// cursor returns the position of a row in the list, as TIME/ID. The next page begins after
// it, even if the row is gone by then. The time is in its JSON form, because the stored form
// has a space and a cursor must be one word for a shell.
func cursor(b bookmark) string {
	created, _ := b.CreatedAt.MarshalText() // never fails: a stored time is in range
	return fmt.Sprintf("%s/%d", created, b.ID)
}

func parseCursor(s string) (created dbtype.Time, id int64, err error) {
	before, after, _ := strings.Cut(s, "/")
	if id, err = strconv.ParseInt(after, 10, 64); err == nil {
		err = errors.Join(created.UnmarshalText([]byte(before)), checkTime("the time", created))
	}
	if err != nil {
		return created, 0, fmt.Errorf("--after %.60q is not what a page of the list said", s)
	}
	return created, id, nil
}

var bookmarkColumns = []output.Column[bookmark]{
	{Name: "id", Right: true, Text: func(b bookmark) string { return strconv.FormatInt(b.ID, 10) }},
	{Name: "title", Shrink: true, Text: func(b bookmark) string { return b.Title }},
	{Name: "url", Shrink: true, Text: func(b bookmark) string { return b.URL }},
	{Name: "tags", Shrink: true, Text: func(b bookmark) string { return strings.Join(b.Tags, ", ") }},
	{Name: "added", Text: func(b bookmark) string { return localDate(b.CreatedAt) }},
}
