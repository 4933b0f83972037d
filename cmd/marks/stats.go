package main

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	"github.com/duolite/duolite/cmd/marks/internal/output"
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

var statisticColumns = []output.Column[statistic]{
	{Name: "by", Text: func(s statistic) string { return s.By }},
	{Name: "name", Text: func(s statistic) string { return s.Name }},
	{Name: "count", Right: true, Text: func(s statistic) string { return strconv.FormatInt(s.Count, 10) }},
}

func (a *app) statsCmd() *cobra.Command {
	var top, months int64
	cmd := &cobra.Command{
		Use:   "stats",
		Short: "Count bookmarks, by tag and by the month they were added",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if top < 0 || months < 0 {
				return usageError{"a number is below 0", cmd.CommandPath()}
			}
			var all statistics
			err := a.withPool(cmd.Context(), func(pool *sql.DB) (err error) {
				all, err = getStatistics(cmd.Context(), pool, top, months)
				return err
			})
			if err != nil {
				return err
			}
			if a.format == output.Table {
				return a.drawStatistics(all)
			}
			return output.Rows(a.stdout, a.format, a.screen(), statisticColumns, all.rows())
		},
	}
	cmd.Flags().Int64Var(&top, "tags", 10, "how many of the most used tags")
	cmd.Flags().Int64Var(&months, "months", 12, "how many of the latest months")
	a.formatFlag(cmd)
	return cmd
}

type statistics struct {
	totals       dbsqlc.GetTotalsRow
	tags, months []statistic
}

// getStatistics reads all counts from one snapshot, in one round trip.
func getStatistics(ctx context.Context, pool *sql.DB, top, months int64) (s statistics, err error) {
	b := db.NewBatch(pool, dbsqlc.New, db.WithReadOnly())
	totals := db.Queue(b, func(q *dbsqlc.Queries) (dbsqlc.GetTotalsRow, error) { return q.GetTotals(ctx) })
	tags := db.Queue(b, func(q *dbsqlc.Queries) ([]dbsqlc.ListTagsRow, error) { return q.ListTags(ctx) })
	counts := db.Queue(b, func(q *dbsqlc.Queries) ([]dbsqlc.CountBookmarksByMonthRow, error) {
		return q.CountBookmarksByMonth(ctx, months)
	})
	if err := b.Run(ctx); err != nil {
		return s, err
	}
	if s.totals, err = totals.Get(); err != nil {
		return s, err
	}
	used, err := tags.Get()
	if err != nil {
		return s, err
	}
	for _, tag := range used[:min(top, int64(len(used)))] {
		s.tags = append(s.tags, statistic{"tag", tag.Tag.Name, tag.Bookmarks})
	}
	added, err := counts.Get()
	for _, count := range added {
		s.months = append(s.months, statistic{"month", count.Month, count.Bookmarks})
	}
	return s, err
}

func (s statistics) rows() []statistic {
	rows := []statistic{
		{"total", "bookmarks", s.totals.Bookmarks},
		{"total", "archived", s.totals.Archived},
		{"total", "untagged", s.totals.Untagged},
		{"total", "tags", s.totals.Tags},
		{"total", "attachments", s.totals.Attachments},
		{"total", "attachment bytes", s.totals.AttachmentBytes},
		{"total", "visits", s.totals.Visits},
	}
	return append(append(rows, s.tags...), s.months...)
}

func (a *app) drawStatistics(s statistics) error {
	t := s.totals
	_, err := fmt.Fprintf(a.stdout, "%d bookmarks (%d archived, %d untagged), %d tags, %d attachments (%s), %d visits\n",
		t.Bookmarks, t.Archived, t.Untagged, t.Tags, t.Attachments, byteCount(t.AttachmentBytes), t.Visits)
	for _, bars := range [][]statistic{s.tags, s.months} {
		if err == nil && len(bars) > 0 {
			err = a.drawBars(bars)
		}
	}
	return err
}

// drawBars prints one line with a bar for each count, all to the same scale.
func (a *app) drawBars(bars []statistic) error {
	screen := a.screen()
	const widest = 40
	var most int64
	for _, bar := range bars {
		most = max(most, bar.Count)
	}
	if _, err := fmt.Fprintln(a.stdout); err != nil {
		return err
	}
	columns := []output.Column[statistic]{
		{Name: bars[0].By, Shrink: true, Text: func(s statistic) string { return s.Name }},
		{Name: "bookmarks", Right: true, Text: func(s statistic) string { return strconv.FormatInt(s.Count, 10) }},
		{Name: "", Shrink: true, Text: func(s statistic) string { return output.Bar(s.Count, most, widest) }},
	}
	return output.Rows(a.stdout, output.Table, screen, columns, bars)
}
