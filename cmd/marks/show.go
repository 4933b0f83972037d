package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/duolite/duolite/cmd/marks/internal/output"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/duolite/duolite/db/dbtype"
	"github.com/spf13/cobra"
)

func (a *app) showCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show ID|URL",
		Short: "Show all that is kept of a bookmark",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.show(cmd, args[0])
		},
	}
	a.formatFlag(cmd)
	return cmd
}

func (a *app) show(cmd *cobra.Command, key string) error {
	ctx := cmd.Context()
	var b bookmark
	err := a.with(ctx, func(q *dbsqlc.Queries) (err error) {
		if b, err = find(ctx, q, key); err != nil {
			return err
		}
		b.Attachments, err = listAttachments(ctx, q, b.ID)
		return err
	})
	if err != nil {
		return err
	}
	if a.format == output.Table {
		return output.Record(a.stdout, a.screen(), b.fields())
	}
	return output.Rows(a.stdout, a.format, a.screen(), bookmarkColumns, []bookmark{b})
}

func (b bookmark) fields() []output.Field {
	fields := []output.Field{
		{Name: "id", Text: strconv.FormatInt(b.ID, 10)},
		{Name: "url", Text: b.URL},
		{Name: "title", Text: b.Title},
		{Name: "notes", Text: b.Notes},
		{Name: "tags", Text: strings.Join(b.Tags, ", ")},
		{Name: "added", Text: localTime(&b.CreatedAt)},
		{Name: "changed", Text: localTime(&b.UpdatedAt)},
		{Name: "visited", Text: b.visits()},
	}
	if b.Archived {
		fields = append(fields, output.Field{Name: "archived", Text: "yes"})
	}
	if metadata := b.Metadata.String(); metadata != "{}" {
		fields = append(fields, output.Field{Name: "metadata", Text: metadata})
	}
	for _, file := range b.Attachments {
		fields = append(fields, output.Field{
			Name: "attached",
			Text: fmt.Sprintf("%s (%s, %s)", file.Name, file.MIMEType, byteCount(file.Size)),
		})
	}
	return fields
}

func (b bookmark) visits() string {
	switch {
	case b.VisitCount == 0:
		return localTime(b.VisitedAt)
	case b.VisitedAt == nil:
		return fmt.Sprintf("%d times", b.VisitCount)
	default:
		return fmt.Sprintf("%d times, last on %s", b.VisitCount, localTime(b.VisitedAt))
	}
}

// localTime formats t for people, in the local time zone and to the minute.
func localTime(t *dbtype.Time) string {
	if t == nil {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04")
}

func localDate(t dbtype.Time) string {
	return t.Local().Format(time.DateOnly)
}

func byteCount(n int64) string {
	const kib, mib = 1 << 10, 1 << 20
	switch {
	case n < kib:
		return fmt.Sprintf("%d B", n)
	case n < mib:
		return fmt.Sprintf("%.1f KiB", float64(n)/kib)
	default:
		return fmt.Sprintf("%.1f MiB", float64(n)/mib)
	}
}

func (a *app) visitCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "visit ID|URL",
		Short:   "Count a visit and print the URL",
		Example: `  xdg-open "$(marks visit 12)"`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			var url string
			err := a.with(ctx, func(q *dbsqlc.Queries) error {
				b, err := find(ctx, q, args[0])
				if err != nil {
					return err
				}
				now := dbtype.Now()
				url, err = q.VisitBookmark(ctx, dbsqlc.VisitBookmarkParams{ID: b.ID, VisitedAt: &now})
				return err
			})
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(a.stdout, url)
			return err
		},
	}
}
