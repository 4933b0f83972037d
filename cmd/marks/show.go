package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/duolite/duolite/cmd/internal/output"
	"github.com/duolite/duolite/db"
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
			b, err := a.get(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return output.Record(a.printer(), b, b.fields())
		},
	}
	formatFlag(cmd, &a.format, output.Table, output.JSON, output.NDJSON)
	return cmd
}

// get returns a bookmark with its attachments, without their data.
func (a *app) get(ctx context.Context, key string) (bookmark, error) {
	return transact(ctx, a, db.InReadTx, func(q *dbsqlc.Queries) (bookmark, error) {
		row, err := find(ctx, q, key)
		if err != nil {
			return bookmark{}, err
		}
		b := bookmark{TaggedBookmark: row}
		files, err := q.ListAttachments(ctx, b.ID)
		for _, f := range files {
			b.Attachments = append(b.Attachments, attachment{f.Name, f.MIMEType, f.Size, f.CreatedAt, nil})
		}
		return b, err
	})
}

func (b bookmark) fields() []output.Field {
	fields := []output.Field{
		{Name: "id", Text: strconv.FormatInt(b.ID, 10)},
		{Name: "url", Text: b.URL},
		{Name: "title", Text: b.Title},
		{Name: "notes", Text: b.Notes},
		{Name: "tags", Text: strings.Join(b.Tags.V, ", ")},
		{Name: "added", Text: localTime(&b.CreatedAt)},
		{Name: "changed", Text: localTime(&b.UpdatedAt)},
		{Name: "visited", Text: localTime(b.VisitedAt)},
	}
	if b.VisitCount > 0 {
		fields = append(fields, output.Field{Name: "visits", Text: strconv.FormatInt(b.VisitCount, 10)})
	}
	if b.Archived {
		fields = append(fields, output.Field{Name: "archived", Text: "yes"})
	}
	if metadata := b.Metadata.String(); metadata != "{}" {
		fields = append(fields, output.Field{Name: "metadata", Text: metadata})
	}
	for _, file := range b.Attachments {
		text := fmt.Sprintf("%s (%s, %s)", file.Name, file.MIMEType, byteCount(file.Size))
		fields = append(fields, output.Field{Name: "attached", Text: text})
	}
	return fields
}

// localTime formats t for people, in the local time zone and to the minute.
func localTime(t *dbtype.Time) string {
	if t == nil {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04")
}

func (a *app) visitCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "visit ID|URL",
		Short:   "Count a visit and print the URL",
		Example: `  xdg-open "$(marks visit 12)"`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, now := cmd.Context(), dbtype.Now()
			url, err := onBookmark(ctx, a, db.InTx, args[0], func(q *dbsqlc.Queries, id int64) (string, error) {
				return q.VisitBookmark(ctx, dbsqlc.VisitBookmarkParams{ID: id, VisitedAt: &now})
			})
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(os.Stdout, url)
			return err
		},
	}
}
