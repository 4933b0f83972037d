package main

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/duolite/duolite/cmd/internal/output"
	"github.com/duolite/duolite/cmd/marks/internal/netscape"
	"github.com/duolite/duolite/db"
	"github.com/duolite/duolite/db/dbsqlc"
	"github.com/spf13/cobra"
)

// html is the format of browsers.
const html = "html"

func (a *app) exportCmd() *cobra.Command {
	var format, file string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write all bookmarks, for a browser or as a backup",
		Long: `Write all bookmarks to standard output or to a file. JSON and NDJSON hold everything,
attachments included, and marks import reads them. HTML is what browsers import; it
has no place for attachments, metadata, and whether a bookmark is archived.`,
		Example: "  marks export -o backup.json\n  marks export --format html > bookmarks.html",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if file == "" {
				_, err := a.export(cmd.Context(), os.Stdout, format)
				return err
			}
			return a.exportFile(cmd.Context(), file, format)
		},
	}
	formatFlag(cmd, &format, output.JSON, output.NDJSON, html)
	cmd.Flags().StringVarP(&file, "output", "o", "", "the file to write; one that there is is replaced when all is written")
	return cmd
}

// exportFile writes a temporary file in the same folder, and renames it when it is complete.
func (a *app) exportFile(ctx context.Context, path, format string) (err error) {
	temp, err := os.CreateTemp(filepath.Dir(path), ".marks-*")
	if err != nil {
		return fileError(path, err)
	}
	defer func() {
		if err != nil {
			temp.Close()
			os.Remove(temp.Name())
		}
	}()
	n, err := a.export(ctx, temp, format)
	if err != nil {
		return err
	}
	if err = temp.Close(); err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		return fileError(path, err)
	}
	say("%d bookmarks written to %s", n, path)
	return nil
}

// export writes all bookmarks, and returns their number.
func (a *app) export(ctx context.Context, w io.Writer, format string) (n int, err error) {
	l := layoutOf(format)
	buffer := bufio.NewWriter(w) // Flush returns the errors of all writes
	buffer.WriteString(l.head)
	err = a.with(ctx, func(pool *sql.DB) error {
		return eachBookmark(ctx, pool, format != html, func(b bookmark) error {
			if n > 0 {
				buffer.WriteString(l.between)
			}
			n++
			return l.write(buffer, b)
		})
	})
	if err != nil {
		return n, err
	}
	buffer.WriteString(l.foot)
	return n, buffer.Flush()
}

// A layout is the form of a file.
type layout struct {
	head, between, foot string
	write               func(io.Writer, bookmark) error
}

func layoutOf(format string) layout {
	writeJSON := func(w io.Writer, b bookmark) error { return output.NewEncoder(w).Encode(b) }
	switch format {
	case html:
		return layout{netscape.Header, "", netscape.Footer, func(w io.Writer, b bookmark) error {
			_, err := io.WriteString(w, entryOf(b).HTML())
			return err
		}}
	case output.NDJSON:
		return layout{write: writeJSON}
	default:
		return layout{"[\n", ",\n", "]\n", writeJSON}
	}
}

func entryOf(b bookmark) netscape.Bookmark {
	entry := netscape.Bookmark{
		URL: b.URL, Title: b.Title, Notes: b.Notes, Tags: b.Tags.V,
		Added: b.CreatedAt.Time, Modified: b.UpdatedAt.Time,
	}
	if b.VisitedAt != nil {
		entry.Visited = b.VisitedAt.Time
	}
	return entry
}

// largestPage is the maximum number of bookmarks that one query reads.
const largestPage = 500

// eachBookmark calls fn for each bookmark in the order of ids, with its files if wanted. It reads
// a page at a time, so memory is bounded, and it holds no transaction, which a server would end
// after a while. A bookmark that changes meanwhile is seen before or after the change.
func eachBookmark(ctx context.Context, pool *sql.DB, files bool, fn func(bookmark) error) error {
	page := dbsqlc.ExportBookmarksParams{PageSize: largestPage}
	for {
		rows, names, err := exportPage(ctx, pool, page)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, row := range rows {
			b := bookmark{TaggedBookmark: row}
			for ; files && len(names) > 0 && names[0].BookmarkID == b.ID; names = names[1:] {
				if err := b.attach(ctx, pool, names[0].Name); err != nil {
					return err
				}
			}
			if err := fn(b); err != nil {
				return err
			}
		}
		page.AfterID = rows[len(rows)-1].ID
	}
}

// exportPage returns a page of bookmarks and the names of their attachments, in one round trip.
func exportPage(ctx context.Context, pool *sql.DB, page dbsqlc.ExportBookmarksParams) ([]dbsqlc.TaggedBookmark, []dbsqlc.ExportAttachmentsRow, error) {
	b := db.NewBatch(pool, dbsqlc.New, db.WithReadOnly())
	bookmarks := db.Queue(b, func(q *dbsqlc.Queries) ([]dbsqlc.TaggedBookmark, error) {
		return q.ExportBookmarks(ctx, page)
	})
	files := db.Queue(b, func(q *dbsqlc.Queries) ([]dbsqlc.ExportAttachmentsRow, error) {
		return q.ExportAttachments(ctx, dbsqlc.ExportAttachmentsParams(page))
	})
	if err := b.Run(ctx); err != nil {
		return nil, nil, err
	}
	rows, err := bookmarks.Get()
	names, namesErr := files.Get()
	return rows, names, errors.Join(err, namesErr)
}

// attach reads an attachment, unless it was removed meanwhile. A server's reply is limited, so
// each attachment is a round trip of its own.
func (b *bookmark) attach(ctx context.Context, pool *sql.DB, name string) error {
	q := dbsqlc.New(db.Lean(pool))
	row, err := q.GetAttachment(ctx, dbsqlc.GetAttachmentParams{BookmarkID: b.ID, Name: name})
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	b.Attachments = append(b.Attachments, attachment{row.Name, row.MIMEType, row.Size, row.CreatedAt, row.Data})
	return err
}
