package main

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"github.com/duolite/duolite/cmd/internal/output"
	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/spf13/cobra"
)

// A statistic is one count of the stats command. By and Name say which bookmarks or objects
// it counts.
type statistic struct {
	By    string `json:"by"` // total, tag or month
	Name  string `json:"name"`
	Count int64  `json:"count"`
}

func (a *app) statsCmd() *cobra.Command {
	var top, months uint32
	cmd := &cobra.Command{
		Use:   "stats",
		Short: "Count bookmarks, by tag and by the month they were added",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var all []statistic
			err := a.with(cmd.Context(), func(pool *sql.DB) (err error) {
				all, err = statistics(cmd.Context(), pool, top, months)
				return err
			})
			if err != nil {
				return err
			}
			return output.Rows(a.printer(), a.statisticColumns(all), all)
		},
	}
	cmd.Flags().Uint32Var(&top, "tags", 10, "how many of the most used tags")
	cmd.Flags().Uint32Var(&months, "months", 12, "how many of the latest months")
	formatFlag(cmd, &a.format, output.Formats...)
	return cmd
}

// statistics reads all counts from one snapshot, in one round trip.
func statistics(ctx context.Context, pool *sql.DB, top, months uint32) ([]statistic, error) {
	b := db.NewBatch(pool, dbsqlc.New, db.WithReadOnly())
	totals := db.Queue(b, func(q *dbsqlc.Queries) (dbsqlc.GetTotalsRow, error) { return q.GetTotals(ctx) })
	tags := db.Queue(b, func(q *dbsqlc.Queries) ([]dbsqlc.ListTagsRow, error) { return q.ListTags(ctx) })
	added := db.Queue(b, func(q *dbsqlc.Queries) ([]dbsqlc.CountBookmarksByMonthRow, error) {
		return q.CountBookmarksByMonth(ctx, int64(months))
	})
	if err := b.Run(ctx); err != nil {
		return nil, err
	}
	total, err := totals.Get()
	if err != nil {
		return nil, err
	}
	all := []statistic{
		{"total", "bookmarks", total.Bookmarks},
		{"total", "archived", total.Archived},
		{"total", "untagged", total.Untagged},
		{"total", "tags", total.Tags},
		{"total", "attachments", total.Attachments},
		{"total", "attachment bytes", total.AttachmentBytes},
		{"total", "visits", total.Visits},
	}
	used, err := tags.Get()
	if err != nil {
		return nil, err
	}
	for _, tag := range used[:min(int(top), len(used))] {
		all = append(all, statistic{"tag", tag.Tag.Name, tag.Bookmarks})
	}
	counts, err := added.Get()
	for _, count := range counts {
		all = append(all, statistic{"month", count.Month, count.Bookmarks})
	}
	return all, err
}

// statisticColumns returns the columns for statistics. In a table, a bar shows how many of all
// bookmarks have a tag, or were added in a month.
func (a *app) statisticColumns(all []statistic) []output.Column[statistic] {
	columns := []output.Column[statistic]{
		{Name: "by", Text: func(s statistic) string { return s.By }},
		{Name: "name", Shrink: true, Text: func(s statistic) string { return s.Name }},
		{Name: "count", Right: true, Text: func(s statistic) string { return strconv.FormatInt(s.Count, 10) }},
	}
	if a.format != output.Table {
		return columns
	}
	const width = 40 // of a bar for all bookmarks
	bookmarks := max(1, all[0].Count)
	return append(columns, output.Column[statistic]{Shrink: true, Text: func(s statistic) string {
		if s.By == "total" {
			return ""
		}
		return strings.Repeat("█", int((width*s.Count+bookmarks-1)/bookmarks))
	}})
}
